import {
  RequestError,
  reviewLimits,
  type CreateReviewQueue,
  type HumanMetric,
  type Person,
  type ReviewQueue,
  type ReviewQueueDetail,
  type ReviewSnapshot,
  type UpdateReviewQueue,
} from '#libs/contracts';
import { isoTime, sql, uuid, type Database, type Queryable } from '#libs/database';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import { z } from 'zod';
import { getHumanMetrics } from './human-metrics.ts';

/** Who asks: their own share of a queue is told with it. */
export interface Caller {
  projectId: string;
  keyId: string;
}

interface QueueRow {
  id: string;
  name: string;
  guidelines: string | null;
  humanMetrics: HumanMetric[];
  reviewersPerItem: number;
  blind: boolean;
  showExpected: boolean;
  items: number;
  complete: number;
  reviews: number;
  version: string;
  mineDone: number;
  mineSkipped: number;
  /** Of those, items that are complete. */
  mineDoneComplete: number;
  createdBy: Person | null;
  createdAt: string;
  deletedAt: string | null;
}

const selectQueues = (keyId: string) => sql`
  select q.id, q.name, q.guidelines, m.metrics as "humanMetrics",
    q.reviewers_per_item as "reviewersPerItem", q.blind, q.show_expected as "showExpected",
    q.items, q.complete, q.reviews, q.version,
    mine.done as "mineDone", mine.skipped as "mineSkipped", mine.complete as "mineDoneComplete",
    case when k.id is null then null else json_build_object('keyId', k.id, 'name', k.name) end
      as "createdBy",
    ${isoTime('q.created_at')} as "createdAt", ${isoTime('q.deleted_at')} as "deletedAt"
  from review_queues q
  left join api_keys k on k.id = q.created_by
  cross join lateral (
    select json_agg(json_build_object('id', m.id, 'name', m.name, 'scale', m.scale,
      'guidelines', m.guidelines, 'createdAt', ${isoTime('m.created_at')},
      'archivedAt', ${isoTime('m.archived_at')}) order by asked.place) as metrics
    from unnest(q.human_metric_ids) with ordinality as asked (id, place)
    join human_metrics m on m.id = asked.id
  ) m
  cross join lateral (
    select count(*) filter (where v.state = 'done')::int as done,
      count(*) filter (where v.state = 'skipped')::int as skipped,
      count(*) filter (where v.state = 'done' and i.done >= q.reviewers_per_item)::int as complete
    from reviews v
    join review_items i on i.queue_id = v.queue_id and i.place = v.place
    where v.queue_id = q.id and v.key_id = ${keyId} and v.state in ('done', 'skipped')
  ) mine`;

function toQueue({ mineDone, mineSkipped, mineDoneComplete, ...row }: QueueRow): ReviewQueue {
  const open = row.items - row.complete - (mineDone - mineDoneComplete);
  return {
    ...row,
    version: Number(row.version),
    mine: { done: mineDone, skipped: mineSkipped, open },
  };
}

/** Newest first: those in use, or the deleted ones. @throws {RequestError} `invalid_cursor` */
export async function listQueues(
  database: Queryable,
  { projectId, keyId }: Caller,
  { limit, cursor, deleted = false }: PageQuery & { deleted?: boolean | undefined },
): Promise<Page<ReviewQueue>> {
  // Ids of version 7 sort by time.
  const after = decodeCursor(z.strictObject({ id: z.uuid() }), cursor);
  const rows = await database.query<QueueRow>(sql`
    ${selectQueues(keyId)}
    where q.project_id = ${projectId} and (q.deleted_at is not null) = ${deleted}
      ${after ? sql`and q.id < ${after.id}::uuid` : sql``}
    order by q.id desc limit ${limit + 1}`);
  return toPage(rows, limit, toQueue, ({ id }) => ({ id }));
}

/** Also a deleted one. @throws {RequestError} `review_queue_not_found` */
export async function getQueue(
  database: Queryable,
  { projectId, keyId }: Caller,
  queueId: string,
): Promise<ReviewQueue> {
  const row = await database.queryOne<QueueRow>(
    sql`${selectQueues(keyId)} where q.id = ${queueId} and q.project_id = ${projectId}`,
  );
  if (!row) throw queueNotFound();
  return toQueue(row);
}

/** With who has done how much. @throws {RequestError} `review_queue_not_found` */
export async function getQueueDetail(
  database: Queryable,
  caller: Caller,
  queueId: string,
): Promise<ReviewQueueDetail> {
  const queue = await getQueue(database, caller, queueId);
  const people = await database.query<ReviewQueueDetail['people'][number]>(sql`
    select k.id as "keyId", k.name, v.done, v.skipped
    from (
      select key_id, count(*) filter (where state = 'done')::int as done,
        count(*) filter (where state = 'skipped')::int as skipped
      from reviews where queue_id = ${queueId} and state in ('done', 'skipped') group by key_id
    ) v
    join api_keys k on k.id = v.key_id
    order by v.done desc, v.skipped desc, k.name, k.id limit ${reviewLimits.people}`);
  return { ...queue, people };
}

/** @throws {RequestError} `human_metric_not_found`, `too_many_review_queues` */
export async function createQueue(
  database: Database,
  caller: Caller,
  order: CreateReviewQueue,
): Promise<ReviewQueue> {
  const { projectId, keyId } = caller;
  return database.transaction(async (tx) => {
    // Whoever creates one at the same moment waits, so that the bound holds.
    await tx.query(sql`select 1 from projects where id = ${projectId} for update`);
    await getHumanMetrics(tx, projectId, order.humanMetricIds, 'humanMetricIds');
    const id = uuid();
    const made = await tx.queryOne(sql`
      insert into review_queues (id, project_id, name, guidelines, human_metric_ids,
        reviewers_per_item, blind, show_expected, created_by)
      select ${id}, ${projectId}, ${order.name}, ${order.guidelines},
        ${order.humanMetricIds}::uuid[], ${order.reviewersPerItem}, ${order.blind},
        ${order.showExpected}, ${keyId}
      where (
        select count(*) from review_queues where project_id = ${projectId} and deleted_at is null
      ) < ${reviewLimits.queues}
      returning 1`);
    if (!made) {
      throw new RequestError(
        'conflict',
        'too_many_review_queues',
        `A project has at most ${reviewLimits.queues} review queues; delete one that is done.`,
      );
    }
    return getQueue(tx, caller, id);
  });
}

/** @throws {RequestError} `review_queue_not_found`, `review_queue_deleted` */
export async function updateQueue(
  database: Database,
  caller: Caller,
  queueId: string,
  { name, guidelines, reviewersPerItem, blind, showExpected }: UpdateReviewQueue,
): Promise<ReviewQueue> {
  return database.transaction(async (tx) => {
    await lockQueue(tx, caller.projectId, queueId);
    await tx.query(sql`
      update review_queues set name = coalesce(${name ?? null}, name)
        ${guidelines === undefined ? sql`` : sql`, guidelines = ${guidelines}`},
        reviewers_per_item = coalesce(${reviewersPerItem ?? null}, reviewers_per_item),
        blind = coalesce(${blind ?? null}, blind),
        show_expected = coalesce(${showExpected ?? null}, show_expected),
        version = version + 1
      where id = ${queueId}`);
    if (reviewersPerItem !== undefined) {
      await tx.query(sql`
        update review_queues set complete = (
          select count(*) from review_items where queue_id = ${queueId} and done >= ${reviewersPerItem}
        ) where id = ${queueId}`);
    }
    return getQueue(tx, caller, queueId);
  });
}

/** What people scored stays. @throws {RequestError} `review_queue_not_found` */
export async function deleteQueue(
  database: Queryable,
  { projectId }: Caller,
  queueId: string,
): Promise<void> {
  const gone = await database.queryOne(sql`
    update review_queues set deleted_at = coalesce(deleted_at, now()), version = version + 1
    where id = ${queueId} and project_id = ${projectId} returning 1`);
  if (!gone) throw queueNotFound();
}

/** @throws {RequestError} `review_queue_not_found` */
export async function restoreQueue(
  database: Queryable,
  caller: Caller,
  queueId: string,
): Promise<ReviewQueue> {
  const back = await database.queryOne(sql`
    update review_queues set deleted_at = null, version = version + 1
    where id = ${queueId} and project_id = ${caller.projectId} returning 1`);
  if (!back) throw queueNotFound();
  return getQueue(database, caller, queueId);
}

/** What is asked of a queue's items: whoever changes them holds its row meanwhile (`lockQueue`). */
export interface QueueInUse {
  id: string;
  humanMetricIds: string[];
  reviewersPerItem: number;
  blind: boolean;
  showExpected: boolean;
  items: number;
  nextPlace: number;
}

/** @throws {RequestError} `review_queue_not_found`, `review_queue_deleted` */
export const lockQueue = (tx: Queryable, projectId: string, queueId: string): Promise<QueueInUse> =>
  openQueue(tx, projectId, queueId, sql`for update`);

/** The same for who only looks. @throws {RequestError} as `lockQueue` */
export async function openQueue(
  database: Queryable,
  projectId: string,
  queueId: string,
  lock = sql``,
): Promise<QueueInUse> {
  const row = await database.queryOne<QueueInUse & { deleted: boolean }>(sql`
    select id, human_metric_ids::text[] as "humanMetricIds",
      reviewers_per_item as "reviewersPerItem", blind, show_expected as "showExpected", items,
      next_place as "nextPlace", deleted_at is not null as deleted
    from review_queues where id = ${queueId} and project_id = ${projectId} ${lock}`);
  if (!row) throw queueNotFound();
  if (!row.deleted) return row;
  throw new RequestError(
    'conflict',
    'review_queue_deleted',
    'The review queue is deleted; POST /api/v1/review-queues/{id}/restore brings it back.',
  );
}

/** How far queues are, with their projects, in one query; what does not exist is left out. */
export const snapshotsOfQueues = async (
  database: Queryable,
  queueIds: readonly string[],
): Promise<(ReviewSnapshot & { projectId: string })[]> => {
  if (queueIds.length === 0) return [];
  const rows = await database.query<
    Omit<ReviewSnapshot, 'version'> & { version: string; projectId: string }
  >(sql`
    select id as "queueId", project_id as "projectId", version, items, complete, reviews
    from review_queues where id = any(${[...queueIds]}::uuid[])`);
  return rows.map((row) => ({ ...row, version: Number(row.version) }));
};

/** The versions of many queues, for whoever wants to know which have changed. */
export async function versionsOfQueues(
  database: Queryable,
  queueIds: readonly string[],
): Promise<Map<string, number>> {
  if (queueIds.length === 0) return new Map();
  const rows = await database.query<{ id: string; version: string }>(
    sql`select id, version from review_queues where id = any(${[...queueIds]}::uuid[])`,
  );
  return new Map(rows.map(({ id, version }) => [id, Number(version)]));
}

export const queueNotFound = (): RequestError =>
  new RequestError(
    'not_found',
    'review_queue_not_found',
    'There is no such review queue in this project; GET /api/v1/review-queues lists those that are.',
  );
