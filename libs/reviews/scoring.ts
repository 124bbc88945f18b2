import {
  RequestError,
  reviewLimits,
  type HumanMetric,
  type HumanScale,
  type NextReview,
  type ReviewQueue,
  type ReviewTask,
  type SubmitReview,
} from '#libs/contracts';
import { isoTime, sql, type Database, type Queryable } from '#libs/database';
import type { Runs } from '#libs/runs';
import { insertNote, storeScores } from './annotations.ts';
import { getHumanMetrics } from './human-metrics.ts';
import { itemNotFound } from './items.ts';
import { getQueue, lockQueue, openQueue, type Caller, type QueueInUse } from './queues.ts';
import { fromStored, toStored, type StoredValue } from './scale.ts';

interface Context {
  database: Database;
  runs: Pick<Runs, 'getItem'>;
}

/**
 * The next item that the caller is to score, held for them: the one that they hold already, else the
 * first that too few people have scored or hold.
 * @throws {RequestError} `review_queue_not_found`, `review_queue_deleted`
 */
export async function takeNext(
  context: Context,
  caller: Caller,
  queueId: string,
  { skipped }: { skipped: boolean },
): Promise<NextReview> {
  const { queue, place, left } = await context.database.transaction(async (tx) => {
    const queue = await lockQueue(tx, caller.projectId, queueId);
    const place = await choose(tx, queue, caller.keyId, skipped);
    if (place === undefined)
      return { queue, place, left: await countLeft(tx, queue, caller.keyId) };
    await tx.query(sql`
      insert into reviews (queue_id, place, key_id, state, held_until)
      values (${queueId}, ${place}, ${caller.keyId}, 'held', now() + ${reviewLimits.holdMs} * interval '1 ms')
      on conflict (queue_id, place, key_id) do update set state = 'held',
        held_until = excluded.held_until, updated_at = now()`);
    return { queue, place, left: { heldByOthers: 0, ofDeletedRuns: 0 } };
  });
  return {
    task: place === undefined ? null : await readTask(context, caller, queue, place),
    queue: await getQueue(context.database, caller, queueId),
    ...left,
  };
}

/** Items that too few people have scored, and that the caller has not. */
const open = ({ id, reviewersPerItem }: QueueInUse, keyId: string) => sql`
  review_items i
  join evaluation_runs r on r.id = i.run_id
  left join reviews v on v.queue_id = i.queue_id and v.place = i.place and v.key_id = ${keyId}
  cross join lateral (
    select count(*)::int as holders from reviews h
    where h.queue_id = i.queue_id and h.place = i.place and h.key_id <> ${keyId}
      and h.state = 'held' and h.held_until > now()
  ) h
  where i.queue_id = ${id} and i.done < ${reviewersPerItem} and v.state is distinct from 'done'`;

async function choose(
  tx: Queryable,
  queue: QueueInUse,
  keyId: string,
  skipped: boolean,
): Promise<number | undefined> {
  const found = await tx.queryOne<{ place: number }>(sql`
    select i.place from ${open(queue, keyId)}
      and r.deleted_at is null and i.done + h.holders < ${queue.reviewersPerItem}
      ${skipped ? sql`` : sql`and v.state is distinct from 'skipped'`}
    order by (v.state = 'held' and v.held_until > now()) is true desc,
      case when v.state = 'skipped' then v.updated_at end nulls first, i.place
    limit 1`);
  return found?.place;
}

async function countLeft(
  tx: Queryable,
  queue: QueueInUse,
  keyId: string,
): Promise<Pick<NextReview, 'heldByOthers' | 'ofDeletedRuns'>> {
  const counted = await tx.queryOne<Pick<NextReview, 'heldByOthers' | 'ofDeletedRuns'>>(sql`
    select count(*) filter (where r.deleted_at is not null)::int as "ofDeletedRuns",
      count(*) filter (where r.deleted_at is null and v.state is distinct from 'skipped')::int
        as "heldByOthers"
    from ${open(queue, keyId)}`);
  return counted ?? { heldByOthers: 0, ofDeletedRuns: 0 };
}

/**
 * An item that the caller has scored, skipped or holds, to be looked at again.
 * @throws {RequestError} `review_queue_not_found`, `review_queue_deleted`, `review_item_not_found`,
 *   `review_not_taken`
 */
export async function getTask(
  context: Context,
  caller: Caller,
  queueId: string,
  place: number,
): Promise<ReviewTask> {
  const queue = await openQueue(context.database, caller.projectId, queueId);
  return readTask(context, caller, queue, place);
}

async function readTask(
  { database, runs }: Context,
  { projectId, keyId }: Caller,
  queue: QueueInUse,
  place: number,
): Promise<ReviewTask> {
  const found = await database.queryOne<{
    runId: string;
    no: number;
    runName: string;
    state: ReviewTask['mine']['state'] | null;
    heldUntil: string | null;
    note: string | null;
  }>(sql`
    select i.run_id as "runId", i.no, r.name as "runName", v.state,
      ${isoTime('v.held_until')} as "heldUntil", n.text as note
    from review_items i
    join evaluation_runs r on r.id = i.run_id
    left join reviews v on v.queue_id = i.queue_id and v.place = i.place and v.key_id = ${keyId}
    left join item_notes n on n.id = v.note_id
    where i.queue_id = ${queue.id} and i.place = ${place}`);
  if (!found) throw itemNotFound();
  const { runId, no, runName, state, heldUntil, note } = found;
  if (state === null) throw notTaken();
  const item = await runs.getItem(projectId, runId, no);
  const scores = await database.query<
    StoredValue & { humanMetricId: string; scale: HumanScale; comment: string | null }
  >(sql`
    select h.human_metric_id as "humanMetricId", m.scale, h.value, h.category, h.comment
    from human_scores h join human_metrics m on m.id = h.human_metric_id
    where h.run_id = ${runId} and h.no = ${no} and h.key_id = ${keyId}
      and h.human_metric_id = any(${queue.humanMetricIds}::uuid[])`);
  return {
    place,
    runId,
    runName: queue.blind ? null : runName,
    no,
    key: item.key,
    repeat: item.repeat,
    input: item.input,
    expected: queue.showExpected ? item.expected : null,
    output: item.output,
    context: item.context ?? null,
    scores: queue.blind ? null : item.scores,
    mine: {
      state,
      scores: scores.map(({ humanMetricId, scale, comment, ...stored }) => ({
        humanMetricId,
        value: fromStored(scale, stored),
        comment,
      })),
      note,
    },
    heldUntil,
  };
}

/**
 * Scores an item, or skips it. What was scored before is replaced; work that comes late is taken.
 * @throws {RequestError} `review_queue_not_found`, `review_queue_deleted`, `review_item_not_found`,
 *   `review_not_taken`, `score_missing`, `score_not_asked`, `value_off_scale`, `too_many_notes`
 */
export async function submitReview(
  database: Database,
  caller: Caller,
  queueId: string,
  place: number,
  { scores, note, skip }: SubmitReview,
): Promise<ReviewQueue> {
  const { projectId, keyId } = caller;
  return database.transaction(async (tx) => {
    const queue = await lockQueue(tx, projectId, queueId);
    const found = await tx.queryOne<{
      runId: string;
      no: number;
      done: number;
      state: ReviewTask['mine']['state'] | null;
      noteId: string | null;
    }>(sql`
      select i.run_id as "runId", i.no, i.done, v.state, n.id as "noteId"
      from review_items i
      left join reviews v on v.queue_id = i.queue_id and v.place = i.place and v.key_id = ${keyId}
      left join item_notes n on n.id = v.note_id
      where i.queue_id = ${queueId} and i.place = ${place}`);
    if (!found) throw itemNotFound();
    const { runId, no, done, state, noteId } = found;
    if (state === null) throw notTaken();
    if (skip) {
      // What was scored stays scored: skipping is for what is not.
      if (state !== 'done') {
        await setState(tx, { queueId, place, keyId }, { state: 'skipped', noteId });
        await moved(tx, queueId, { complete: 0, reviews: 0 });
      }
      return getQueue(tx, caller, queueId);
    }
    const metrics = await getHumanMetrics(tx, projectId, queue.humanMetricIds);
    await storeScores(tx, { runId, no }, keyId, checkScores(metrics, scores));
    const kept = await keepNote(tx, { runId, no }, keyId, { noteId, text: note });
    await setState(tx, { queueId, place, keyId }, { state: 'done', noteId: kept });
    const isNew = state !== 'done';
    if (isNew) {
      await tx.query(sql`
        update review_items set done = done + 1 where queue_id = ${queueId} and place = ${place}`);
    }
    await moved(tx, queueId, {
      complete: isNew && done + 1 === queue.reviewersPerItem ? 1 : 0,
      reviews: isNew ? 1 : 0,
    });
    return getQueue(tx, caller, queueId);
  });
}

interface ReviewRef {
  queueId: string;
  place: number;
  keyId: string;
}

const setState = (
  tx: Queryable,
  { queueId, place, keyId }: ReviewRef,
  { state, noteId }: { state: 'done' | 'skipped'; noteId: string | null },
): Promise<unknown> =>
  tx.query(sql`
    update reviews set state = ${state}, held_until = null, note_id = ${noteId}, updated_at = now()
    where queue_id = ${queueId} and place = ${place} and key_id = ${keyId}`);

const moved = (
  tx: Queryable,
  queueId: string,
  { complete, reviews }: { complete: number; reviews: number },
): Promise<unknown> =>
  tx.query(sql`
    update review_queues set complete = complete + ${complete}, reviews = reviews + ${reviews},
      version = version + 1
    where id = ${queueId}`);

/** The note of a review: written, changed, or taken away. */
async function keepNote(
  tx: Queryable,
  item: { runId: string; no: number },
  keyId: string,
  { noteId, text }: { noteId: string | null; text: string | null },
): Promise<string | null> {
  if (text === null) {
    if (noteId !== null) await tx.query(sql`delete from item_notes where id = ${noteId}`);
    return null;
  }
  if (noteId === null) return insertNote(tx, item, keyId, text);
  await tx.query(sql`
    update item_notes set text = ${text}, updated_at = now()
    where id = ${noteId} and text <> ${text}`);
  return noteId;
}

/** Each metric of the queue has one score, on its scale. */
function checkScores(metrics: readonly HumanMetric[], scores: SubmitReview['scores']) {
  const asked = new Map(metrics.map((metric) => [metric.id, metric]));
  const given = new Set<string>();
  const stored = scores.map(({ humanMetricId, value, comment }, place) => {
    const metric = asked.get(humanMetricId);
    if (!metric || given.has(humanMetricId)) {
      throw new RequestError(
        'invalid',
        'score_not_asked',
        metric
          ? `There are two scores for "${metric.name}"; give one.`
          : 'A score is for a human metric that this queue does not ask for; leave it out.',
        [{ field: `scores.${place}.humanMetricId`, message: 'is not asked for, or given twice' }],
      );
    }
    given.add(humanMetricId);
    return { humanMetricId, ...toStored(metric, value, `scores.${place}.value`), comment };
  });
  const missing = metrics.filter(({ id }) => !given.has(id)).map(({ name }) => name);
  if (missing.length === 0) return stored;
  throw new RequestError(
    'invalid',
    'score_missing',
    `The queue also asks for ${missing.join(', ')}; give a value, null where you cannot tell, or skip the item.`,
    [{ field: 'scores', message: `lack ${missing.join(', ')}` }],
  );
}

const notTaken = (): RequestError =>
  new RequestError(
    'conflict',
    'review_not_taken',
    'You have not been given this item; POST /api/v1/review-queues/{id}/next gives you one.',
  );
