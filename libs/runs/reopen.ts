import {
  RequestError,
  type ErrorClass,
  type RetryRun,
  type Run,
  type RunState,
  type StopCode,
} from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { isFinal, nextState, statesThatAllow } from '#libs/evaluation';
import type { RunContext } from './context.ts';
import { refuse } from './control.ts';
import { fillSoon } from './fill.ts';
import { hintInTransaction } from './hint.ts';
import { getRun, runIsDeleted, runNotFound } from './rows.ts';
import { spentUsd } from './stop.ts';
import { sumsOfScores } from './store.ts';

/** Which failed items are opened again; what is left out does not matter. */
export interface Which {
  batches?: readonly number[];
  errorClasses?: readonly ErrorClass[] | undefined;
}

/** New caps; null: none any more. Left out: the same. */
type Caps = Pick<RetryRun, 'maxCostUsd' | 'maxDurationMs'>;

interface Before {
  state: RunState;
  stop_code: StopCode | null;
  max_cost_usd: number | null;
  spent_usd: number;
  deleted: boolean;
}

/**
 * Opens failed items again, in one transaction: their scores go, counters and running sums go back by
 * exactly as much, the run goes on in a new generation, its time counted anew. What they cost stays
 * booked, and what failed stays known: as the tries of the attempt, its error among them also where no
 * call failed. `fill` does the rest; this is the only way back for an
 * item that was closed.
 * @returns how many items were opened
 * @throws {RequestError} `run_state`, `run_deleted`; `cost_cap_reached` and `time_cap_reached` where a cap that
 *   stopped the run would stop it again
 */
export async function reopen(
  context: RunContext,
  runId: string,
  which: Which = {},
  caps: Caps = {},
): Promise<{ opened: number }> {
  return context.database.transaction(async (tx) => {
    const run = await checkRun(tx, runId, caps);
    const reopened = await tx.queryOne<{ count: number }>(sql`
      with opened as (
        update evaluation_items e set status = 'open'
        where ${failedItems(runId, which)}
        returning e.no, e.attempt, e.error_class, e.error_message, e.created_at
      ), removed as (
        delete from scores s using opened o where s.run_id = ${runId} and s.no = o.no
        returning s.metric, s.outcome, s.value, s.passed, s.error_class
      ), taken as (
        select metric, ${sumsOfScores} from removed group by metric
      ), back as (
        update run_metric_sums m set
          n = m.n - t.n, sum = m.sum - t.sum, sum_of_squares = m.sum_of_squares - t.sum_of_squares,
          judged = m.judged - t.judged, passed = m.passed - t.passed, errors = m.errors - t.errors,
          not_applicable = m.not_applicable - t.not_applicable
        from taken t where m.run_id = ${runId} and m.metric = t.metric
      ), kept as (
        insert into item_tries (run_id, no, attempt, try, class, message, at)
        select ${runId}, o.no, o.attempt, coalesce(t.last, 0) + 1, o.error_class,
          coalesce(o.error_message, ''), o.created_at
        from opened o cross join lateral (
          select max(try) as last, bool_or(class = o.error_class) as known from item_tries
          where run_id = ${runId} and no = o.no and attempt = o.attempt
        ) t
        where o.error_class is not null and t.known is not true
        returning class
      ), failures as (
        select class, sum(items)::int as items, sum(tries)::int as tries,
          sum(scores)::int as scores from (
          select error_class as class, 1 as items, 0 as tries, 0 as scores from opened
          union all select error_class, 0, 0, 1 from removed
          union all select class, 0, 1, 0 from kept
        ) f where class is not null group by class
      ), failures_back as (
        update run_errors r set items = r.items - f.items, tries = r.tries + f.tries,
          scores = r.scores - f.scores
        from failures f where r.run_id = ${runId} and r.class = f.class
      )
      select count(*)::int as count from opened`);
    const opened = reopened?.count ?? 0;
    const newCaps = caps.maxCostUsd !== undefined || caps.maxDurationMs !== undefined;
    const goes = run.state === 'running' || run.state === 'paused';
    // A run that stopped early goes on with what is still open, also where nothing failed.
    if (opened === 0 && run.state !== 'failed' && !(goes && newCaps)) return { opened };

    const maxCostUsd =
      caps.maxCostUsd === undefined ? sql`max_cost_usd` : sql`${caps.maxCostUsd}::float8`;
    const maxDurationMs =
      caps.maxDurationMs === undefined ? sql`max_duration_ms` : sql`${caps.maxDurationMs}::bigint`;
    const anew = sql`(${caps.maxDurationMs !== undefined}::boolean or state in ('completed', 'failed'))`;
    const updated = await tx.queryOne<{ state: RunState }>(sql`
      update evaluation_runs set
        state = case when state in ('completed', 'failed') then 'running' else state end,
        done = done - ${opened}::int, failed = failed - ${opened}::int, reason = null,
        stop_code = null, streak = 0, streak_class = null,
        max_cost_usd = ${maxCostUsd}, max_duration_ms = ${maxDurationMs},
        deadline_at = case when ${anew}
          then now() + make_interval(secs => ${maxDurationMs} / 1000.0) else deadline_at end,
        paused_at = case when ${anew} and state = 'paused' then now() else paused_at end,
        generation = generation + ${opened > 0 || run.state === 'failed' ? 1 : 0},
        version = version + 1, finished_at = null, updated_at = now()
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

/** The condition for the items `e` that are opened. */
function failedItems(runId: string, { batches, errorClasses }: Which) {
  const range =
    batches === undefined
      ? sql``
      : sql`and exists (
          select 1 from run_batches b where b.run_id = ${runId} and b.no = any(${[...batches]}::int[])
            and e.no >= b.first and e.no < b.first + b.count)`;
  const classes =
    errorClasses === undefined ? sql`` : sql`and e.error_class = any(${[...errorClasses]}::text[])`;
  return sql`e.run_id = ${runId} and e.status = 'failed' ${range} ${classes}`;
}

/**
 * How many items `reopen` would open now; changes nothing.
 * @throws {RequestError} what `reopen` would throw
 */
export async function countReopened(
  database: Queryable,
  runId: string,
  which: Which = {},
): Promise<number> {
  await checkRun(database, runId, {});
  const row = await database.queryOne<{ count: number }>(sql`
    select count(*)::int as count from evaluation_items e where ${failedItems(runId, which)}`);
  return row?.count ?? 0;
}

/** @throws {RequestError} where the run, as it is, cannot be retried */
async function checkRun(tx: Queryable, runId: string, caps: Caps): Promise<Before> {
  const run = await tx.queryOne<Before>(sql`
    select state, stop_code, max_cost_usd, ${spentUsd()}::float8 as spent_usd,
      deleted_at is not null as deleted
    from evaluation_runs where id = ${runId}`);
  if (!run) throw runNotFound();
  if (run.deleted) throw runIsDeleted();
  if (nextState(run.state, 'retry') === undefined) throw refuse('retry', run.state);
  checkCaps(run, caps);
  return run;
}

/** Refuses what would be stopped again before it does anything. */
function checkCaps(run: Before, caps: Caps): void {
  const maxCostUsd = caps.maxCostUsd === undefined ? run.max_cost_usd : caps.maxCostUsd;
  if (maxCostUsd !== null && run.spent_usd >= maxCostUsd) {
    throw new RequestError(
      'conflict',
      'cost_cap_reached',
      `This run has cost ${run.spent_usd} USD and may cost ${maxCostUsd} USD; retry it with a maxCostUsd above that, or null for none.`,
      [{ field: 'maxCostUsd', message: `must be above ${run.spent_usd}, or null` }],
    );
  }
  if (run.stop_code === 'time_cap' && caps.maxDurationMs === undefined) {
    throw new RequestError(
      'conflict',
      'time_cap_reached',
      'This run stopped since its time was over; retry it with maxDurationMs, counted from now, or null for no cap.',
      [{ field: 'maxDurationMs', message: 'must say how long it may go on, or be null' }],
    );
  }
}

/** Retries a run for a person: opens its failed items, or those of some classes, and fills its window. */
export async function retry(
  context: RunContext,
  projectId: string,
  runId: string,
  { errorClasses, ...caps }: RetryRun,
): Promise<Run> {
  // Also the check that the run is this project's.
  const before = await getRun(context.database, projectId, runId);
  const { opened } = await reopen(context, runId, { errorClasses }, caps);
  const newCaps = caps.maxCostUsd !== undefined || caps.maxDurationMs !== undefined;
  const goesOn = before.state === 'failed' || (newCaps && !isFinal(before.state));
  if (opened === 0 && !goesOn) {
    throw new RequestError(
      'conflict',
      'nothing_to_retry',
      errorClasses === undefined
        ? 'No item of this run has failed, so there is nothing to retry.'
        : `No item of this run has failed with ${errorClasses.join(' or ')}, so there is nothing to retry.`,
    );
  }
  fillSoon(context, runId);
  return getRun(context.database, projectId, runId);
}
