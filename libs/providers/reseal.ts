import { sql, type Database, type Queryable } from '#libs/database';
import { createSealing, SealError, type Sealed, type Sealing } from '#libs/sealing';
import { providerPlace, secretPlace } from './rows.ts';

/** What became of everything that is stored encrypted. */
export interface Resealed {
  /** Rows that are now encrypted with the first key and were not before. */
  resealed: number;
  /** Rows that cannot be decrypted, each in words: what it is and what to do. */
  unopened: string[];
  /** Rows that are still encrypted with another key, those that cannot be decrypted among them. */
  left: number;
}

interface Row extends Sealed {
  id: string;
  projectId: string;
  name: string;
}

const PAGE = 100;

const tables = [
  { name: 'providers', one: 'provider', place: providerPlace },
  { name: 'secrets', one: 'secret', place: secretPlace },
] as const;

/**
 * Encrypts again, with the first key, whatever is encrypted with another one. May be repeated, broken
 * off, and run beside processes at work: rows are locked a page at a time, and a value that changes
 * meanwhile is kept.
 * @param secretKeys the new key first, then all that are still in use
 */
export async function resealAll(
  database: Database,
  secretKeys: readonly string[],
): Promise<Resealed> {
  const sealing = createSealing(secretKeys);
  const result: Resealed = { resealed: 0, unopened: [], left: 0 };
  for (const table of tables) {
    let after: string | undefined;
    do {
      const page = await database.transaction((transaction) =>
        resealPage(transaction, sealing, table, after),
      );
      result.resealed += page.resealed;
      result.unopened.push(...page.unopened);
      after = page.last;
    } while (after !== undefined);
    const counted = await database.queryOne<{ count: number }>(sql`
      select count(*)::int as count from ${sql.table(table.name)}
      where key_id <> ${sealing.keyId ?? ''}`);
    result.left += counted?.count ?? 0;
  }
  return result;
}

async function resealPage(
  transaction: Queryable,
  sealing: Sealing,
  table: (typeof tables)[number],
  after: string | undefined,
): Promise<{ resealed: number; unopened: string[]; last: string | undefined }> {
  const rows = await transaction.query<Row>(sql`
    select id, project_id as "projectId", name, sealed, key_id as "keyId"
    from ${sql.table(table.name)}
    where key_id <> ${sealing.keyId ?? ''} ${after === undefined ? sql`` : sql`and id > ${after}::uuid`}
    order by id limit ${PAGE} for update`);
  let resealed = 0;
  const unopened: string[] = [];
  for (const row of rows) {
    const place = table.place(row.projectId, row);
    try {
      const { sealed, keyId } = sealing.seal(sealing.open(row, place), place);
      await transaction.query(sql`
        update ${sql.table(table.name)} set sealed = ${sealed}, key_id = ${keyId}
        where id = ${row.id}`);
      resealed += 1;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      unopened.push(
        `The ${table.one} "${row.name}" of the project ${row.projectId}: ${error.message}.`,
      );
    }
  }
  return { resealed, unopened, last: rows.length < PAGE ? undefined : rows.at(-1)?.id };
}
