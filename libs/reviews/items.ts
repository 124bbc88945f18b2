import {
  RequestError,
  reviewLimits,
  type AddReviewItems,
  type ReviewItem,
  type ReviewQueue,
} from '#libs/contracts';
import { sql, type Database, type Queryable } from '#libs/database';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import type { Runs } from '#libs/runs';
import { seededRandom, type Random } from '#libs/statistics';
import { z } from 'zod';
import { getQueue, lockQueue, queueNotFound, type Caller } from './queues.ts';

export interface Added {
  added: number;
  present: number;
  notCompleted: number;
  queue: ReviewQueue;
}

/**
 * Adds completed items of a run in random order: whoever scores them one after the other does not see
 * those of one topic in a row, and the first hundred are a sample of all.
 * @throws {RequestError} `review_queue_not_found`, `review_queue_deleted`, `run_not_found`,
 *   `review_queue_full`, and what listing the items of the run refuses
 */
export async function addItems(
  { database, runs }: { database: Database; runs: Pick<Runs, 'get' | 'itemNumbers'> },
  caller: Caller,
  queueId: string,
  { runId, nos, filter, sample, seed }: AddReviewItems,
): Promise<Added> {
  await runs.get(caller.projectId, runId);
  const random = seededRandom(seed ?? Math.floor(Math.random() * 2 ** 32));
  const chosen =
    nos === undefined
      ? await choose(runs.itemNumbers(caller.projectId, runId, filter ?? {}), random, sample)
      : await completedOf(database, runId, nos);
  const drawn = shuffled(chosen, random).slice(0, sample);
  return database.transaction(async (tx) => {
    const queue = await lockQueue(tx, caller.projectId, queueId);
    const fresh = await tx.query<{ no: number }>(sql`
      select n.no from unnest(${drawn}::int[]) with ordinality as n (no, turn)
      where not exists (
        select 1 from review_items i where i.queue_id = ${queueId} and i.run_id = ${runId} and i.no = n.no
      ) order by n.turn`);
    const added = fresh.map(({ no }) => no);
    if (queue.items + added.length > reviewLimits.items) throw queueFull(queue.items);
    await tx.query(sql`
      insert into review_items (queue_id, place, run_id, no)
      select ${queueId}, ${queue.nextPlace} + n.turn - 1, ${runId}, n.no
      from unnest(${added}::int[]) with ordinality as n (no, turn)`);
    await tx.query(sql`
      update review_queues set items = items + ${added.length},
        next_place = next_place + ${added.length}, version = version + 1
      where id = ${queueId}`);
    return {
      added: added.length,
      present: drawn.length - added.length,
      notCompleted: nos === undefined ? 0 : new Set(nos).size - chosen.length,
      queue: await getQueue(tx, caller, queueId),
    };
  });
}

/**
 * All numbers that come, or a sample of them in which each is as likely as any other.
 *
 * Source: algorithm R of J. S. Vitter, "Random sampling with a reservoir", ACM Transactions on
 * Mathematical Software 11 (1985), 37–57.
 * @throws {RequestError} `review_queue_full` for more than a queue holds, without a sample
 */
async function choose(
  pages: AsyncIterable<readonly number[]>,
  random: Random,
  sample: number | undefined,
): Promise<number[]> {
  const kept: number[] = [];
  let seen = 0;
  for await (const page of pages) {
    for (const no of page) {
      seen += 1;
      if (sample === undefined || kept.length < sample) kept.push(no);
      else {
        const place = Math.floor(random.uniform() * seen);
        if (place < sample) kept[place] = no;
      }
      if (kept.length > reviewLimits.items) throw queueFull(0);
    }
  }
  return kept;
}

async function completedOf(
  database: Queryable,
  runId: string,
  nos: readonly number[],
): Promise<number[]> {
  const rows = await database.query<{ no: number }>(sql`
    select no from evaluation_items
    where run_id = ${runId} and status = 'completed' and no = any(${[...new Set(nos)]}::int[])`);
  return rows.map(({ no }) => no);
}

/** Each order as likely as any other (R. A. Fisher and F. Yates; D. E. Knuth's algorithm P). */
function shuffled(numbers: readonly number[], random: Random): number[] {
  const order = [...numbers];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random.uniform() * (last + 1));
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}

/** In their order. @throws {RequestError} `review_queue_not_found`, `invalid_cursor` */
export async function listQueueItems(
  database: Queryable,
  { projectId, keyId }: Caller,
  queueId: string,
  {
    limit,
    cursor,
    complete,
    mine,
  }: PageQuery & { complete?: boolean | undefined; mine?: 'done' | 'skipped' | undefined },
): Promise<Page<ReviewItem>> {
  const queue = await database.queryOne<{ reviewersPerItem: number; blind: boolean }>(sql`
    select reviewers_per_item as "reviewersPerItem", blind from review_queues
    where id = ${queueId} and project_id = ${projectId}`);
  if (!queue) throw queueNotFound();
  const after = decodeCursor(z.strictObject({ place: z.int() }), cursor);
  const rows = await database.query<ReviewItem>(sql`
    select i.place, i.run_id as "runId", i.no, e.key, e.repeat, i.done as reviews,
      i.done >= ${queue.reviewersPerItem} as complete,
      case when v.state = 'held' and v.held_until <= now() then null else v.state end as mine,
      case when not ${queue.blind} or v.state = 'done' or i.done >= ${queue.reviewersPerItem}
        then r.name end as "runName",
      r.deleted_at is not null as "runDeleted"
    from review_items i
    join evaluation_items e on e.run_id = i.run_id and e.no = i.no
    join evaluation_runs r on r.id = i.run_id
    left join reviews v on v.queue_id = i.queue_id and v.place = i.place and v.key_id = ${keyId}
    where i.queue_id = ${queueId}
      ${complete === undefined ? sql`` : sql`and (i.done >= ${queue.reviewersPerItem}) = ${complete}`}
      ${mine === undefined ? sql`` : sql`and v.state = ${mine}`}
      ${after ? sql`and i.place > ${after.place}` : sql``}
    order by i.place limit ${limit + 1}`);
  return toPage(
    rows,
    limit,
    (row) => row,
    ({ place }) => ({ place }),
  );
}

/** @throws {RequestError} `review_queue_not_found`, `review_queue_deleted`, `review_item_not_found` */
export async function deleteQueueItem(
  database: Database,
  { projectId }: Caller,
  queueId: string,
  place: number,
): Promise<void> {
  await database.transaction(async (tx) => {
    const queue = await lockQueue(tx, projectId, queueId);
    const gone = await tx.queryOne<{ done: number }>(sql`
      delete from review_items where queue_id = ${queueId} and place = ${place} returning done`);
    if (!gone) throw itemNotFound();
    await tx.query(sql`delete from reviews where queue_id = ${queueId} and place = ${place}`);
    await tx.query(sql`
      update review_queues set items = items - 1,
        complete = complete - ${gone.done >= queue.reviewersPerItem ? 1 : 0},
        reviews = reviews - ${gone.done}, version = version + 1
      where id = ${queueId}`);
  });
}

export const itemNotFound = (): RequestError =>
  new RequestError('not_found', 'review_item_not_found', 'There is no such item in this queue.');

const queueFull = (items: number): RequestError =>
  new RequestError(
    'conflict',
    'review_queue_full',
    `A review queue holds at most ${reviewLimits.items} items${items === 0 ? '' : `, and this one has ${items}`}; give a sample, or a narrower filter.`,
    [{ field: 'sample', message: 'is needed, or must be smaller' }],
  );
