import type { AuditAction, AuditEvent, Json } from '#libs/contracts';
import { exactTime, isoTime, sql, uuid, type Queryable } from '#libs/database';
import { decodeCursor, timeCursor, toPage, type Page, type PageQuery } from '#libs/paging';

/** Who acts, and by which call. */
export interface Actor {
  keyId: string;
  keyName: string;
  address: string;
  requestId: string;
}

/** What is done to what. */
export interface Deed {
  action: AuditAction;
  /** Null: it concerns the instance. */
  projectId: string | null;
  /** An id, or the name of a queue. */
  target: string | null;
  /** Never a secret: whoever reads the log sees it. */
  details?: Record<string, Json>;
}

/**
 * Writes down a deed. Called in the transaction that does it, so that neither is without the other;
 * where there is none, before.
 */
export type Note = (tx: Queryable, deed: Deed) => Promise<void>;

/** For what nobody asked for: tests, and what the product does by itself. */
export const noNote: Note = async () => {};

/** Notes of one caller. */
export const noteOf =
  (actor: Actor): Note =>
  async (tx, { action, projectId, target, details = {} }) => {
    await tx.query(sql`
      insert into audit_events
        (id, key_id, key_name, address, request_id, action, project_id, target, details)
      values (${uuid()}, ${actor.keyId}, ${actor.keyName}, ${actor.address}, ${actor.requestId},
        ${action}, ${projectId}, ${target}, ${JSON.stringify(details)}::json)`);
  };

const exact = exactTime('at');

/** Newest first: of one action, of a time, or all. @throws {RequestError} `invalid_cursor` */
export async function listAuditEvents(
  database: Queryable,
  query: PageQuery & {
    action?: AuditAction | undefined;
    from?: string | undefined;
    to?: string | undefined;
  },
): Promise<Page<AuditEvent>> {
  const { action, from, to } = query;
  const after = decodeCursor(timeCursor, query.cursor);
  const rows = await database.query<AuditEvent & { exact: string }>(sql`
    select id, ${isoTime('at')} as at, ${exact} as exact, key_id as "keyId", key_name as "keyName",
      project_id as "projectId", address, request_id as "requestId", action, target, details
    from audit_events e where true
      ${action === undefined ? sql`` : sql`and action = ${action}`}
      ${from === undefined ? sql`` : sql`and e.at >= ${from}::timestamptz`}
      ${to === undefined ? sql`` : sql`and e.at < ${to}::timestamptz`}
      ${after ? sql`and (e.at, id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
    order by e.at desc, id desc limit ${query.limit + 1}`);
  return toPage(
    rows,
    query.limit,
    (row) => {
      const { exact: _, ...event } = row;
      return event;
    },
    (row) => ({ at: row.exact, id: row.id }),
  );
}
