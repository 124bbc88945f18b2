import { RequestError, type RetryRun, type Run, type RunState } from '#libs/contracts';
import { sql } from '#libs/database';
import { nextState, statesThatAllow } from '#libs/evaluation';
import type { RunContext } from './context.ts';
import { refuse } from './control.ts';
import { fillSoon } from './fill.ts';
import { getRun, runIsDeleted, runNotFound } from './rows.ts';
import { hintInTransaction, sumsOfScores } from './store.ts';

/** Which failed items are opened again: all of a run, or those of one batch. */
export type Which = { batch?: number };

/**
 * Opens failed items again, in one transaction: their scores go, counters and running sums go back by
 * exactly as much, the run goes on in a new generation. What they cost stays booked. `fill` does the
 * rest; this is the only way back for an item that was closed.
 * @returns how many items were opened
 * @throws {RequestError} where the run's state refuses it
 */
export async function reopen(
  context: RunContext,
  runId: string,
  which: Which = {},
): Promise<{ opened: number }> {
  const { batch } = which;
  const range =
    batch === undefined
      ? sql``
      : sql`and exists (
          select 1 from run_batches b where b.run_id = ${runId} and b.no = ${batch}
            and e.no >= b.first and e.no < b.first + b.count)`;

  return context.database.transaction(async (tx) => {
    const run = await tx.queryOne<{ state: RunState }>(
      sql`select state from evaluation_runs where id = ${runId}`,
    );
    if (!run) throw runNotFound();
    if (nextState(run.state, 'retry') === undefined) throw refuse('retry', run.state);

    const reopened = await tx.queryOne<{ count: number }>(sql`
      with opened as (
        update evaluation_items e set status = 'open'
        where e.run_id = ${runId} and e.status = 'failed' ${range}
        returning e.no
      ), removed as (
        delete from scores s using opened o where s.run_id = ${runId} and s.no = o.no
        returning s.metric, s.outcome, s.value, s.passed
      ), taken as (
        select metric, ${sumsOfScores} from removed group by metric
      ), back as (
        update run_metric_sums m set
          n = m.n - t.n, sum = m.sum - t.sum, sum_of_squares = m.sum_of_squares - t.sum_of_squares,
          judged = m.judged - t.judged, passed = m.passed - t.passed, errors = m.errors - t.errors,
          not_applicable = m.not_applicable - t.not_applicable
        from taken t where m.run_id = ${runId} and m.metric = t.metric
      )
      select count(*)::int as count from opened`);
    const opened = reopened?.count ?? 0;
    // A run that stopped early goes on with what is still open, also where nothing failed.
    if (opened === 0 && run.state !== 'failed') return { opened };

    const updated = await tx.queryOne<{ state: RunState }>(sql`
      update evaluation_runs set
        state = case when state in ('completed', 'failed') then 'running' else state end,
        done = done - ${opened}::int, failed = failed - ${opened}::int, reason = null,
        generation = generation + 1, version = version + 1, finished_at = null, updated_at = now()
      where id = ${runId} and state = any(${statesThatAllow('retry')}::text[])
      returning state`);
    // Canceled between the two statements: the transaction rolls back.
    if (!updated) throw refuse('retry', 'canceled');

    // One look into the index for each batch. `exists` would let the planner compare every batch with
    // every open item: two seconds, under the run's lock, for 1,000 of them in 10,000 batches.
    await tx.query(sql`
      update run_batches b set state = 'open', losses = 0, faults = 0
      where b.run_id = ${runId} and b.state = 'done' and (
        select e.no from evaluation_items e
        where e.run_id = ${runId} and e.status = 'open' and e.no >= b.first
          and e.no < b.first + b.count
        order by e.no limit 1) is not null`);
    await hintInTransaction(context, tx, runId);
    return { opened };
  });
}

/** Retries a run for a person: opens its failed items and fills its window. */
export async function retry(
  context: RunContext,
  projectId: string,
  runId: string,
  _how: RetryRun,
): Promise<Run> {
  // Also the check that the run is this project's.
  const before = await getRun(context.database, projectId, runId);
  if (before.deletedAt !== null) throw runIsDeleted();
  const { opened } = await reopen(context, runId);
  if (opened === 0 && before.state !== 'failed') {
    throw new RequestError(
      'conflict',
      'nothing_to_retry',
      'No item of this run has failed, so there is nothing to retry.',
    );
  }
  fillSoon(context, runId);
  return getRun(context.database, projectId, runId);
}
