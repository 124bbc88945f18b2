import { LOCAL_BATCH_MAX } from '#libs/evaluation';
import { sql } from '#libs/database';
import { isClientRun } from './client-runs.ts';

/** More running runs of a project are not counted: by then each has the least that a run has. */
const COUNTED_RUNS = 1_000;

/** Jobs that the living workers do at the same time, of the queue of the run `r`. */
export const slotsOfQueue = sql`(
  select coalesce(sum((w.queues ->> r.queue)::int), 0) from workers w
  where w.seen_at > now() - interval '15 seconds'
)`;

/** Running runs of the project of the run `r` whose batches go through the same queue, itself too. */
export const runsBeside = sql`(
  select count(*) from (
    select 1 from evaluation_runs o
    where o.project_id = r.project_id and o.state = 'running' and o.queue = r.queue
      and not ${isClientRun('o')}
    limit ${COUNTED_RUNS}
  ) counted
)`;

/** `runsBeside` for all runs that go on, in one pass: by `project_id` and `queue` in `beside`. */
export const allRunsBeside = sql`
  select o.project_id, o.queue, count(*) as runs from evaluation_runs o
  where o.state = 'running' and not ${isClientRun('o')} group by 1, 2`;

/**
 * Batches that the run `r` of the statement may have in the queue or at work now: its window, or less
 * where other runs of its project go on beside it.
 *
 * The queue serves whoever came first, so whoever comes waits for all that is in it. A run alone in its
 * project has its whole window. Many share, in items, one full window or twice what all workers have
 * places for, whichever is more: enough that no worker of the cluster waits for work, and a bound on
 * what a project puts before others, however many runs it has. The least is one batch. Where no worker
 * has said yet what it has places for, nothing shrinks.
 * @param runs expression: the runs that share, see `runsBeside`
 * @param slots expression: see `slotsOfQueue`
 */
export const windowNow = (runs: ReturnType<typeof sql>, slots: ReturnType<typeof sql>) =>
  sql`case when ${slots} = 0 then r.batch_window else least(r.batch_window, greatest(1, floor(
    greatest(r.batch_window, 2 * ${slots})
    * case r.queue when 'batches' then ${LOCAL_BATCH_MAX}::int else 1 end::float8
    / (greatest(1, ${runs}) * r.batch_size)
  )::int)) end`;
