import type { ErrorClass, StopCode } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { describeErrorClass, nextState } from '#libs/evaluation';
import type { RunContext } from './context.ts';
import { hintInTransaction } from './hint.ts';

/** Why a run stops early. */
export interface Stop {
  code: StopCode;
  /** What failed alike, and what to do, for people; a cap says all by its figures. */
  cause: string | null;
}

/**
 * What a run has spent itself: what recorded outputs cost was paid when they were made.
 * @param run the name by which the statement calls the run's row
 */
export const spentUsd = (run = 'evaluation_runs') =>
  sql.raw(`(case when ${run}.target->>'kind' = 'recorded' then 0 else ${run}.cost_usd end
    + ${run}.judge_cost_usd)`);

/** The columns of a run by which its caps are judged, under its lock. */
export const capColumns = sql`
  total, done,
  coalesce(${spentUsd()} >= max_cost_usd::text::numeric, false) as cost_cap_reached,
  coalesce(deadline_at <= now(), false) as time_cap_reached`;

export interface Capped {
  total: number;
  done: number;
  cost_cap_reached: boolean;
  time_cap_reached: boolean;
}

/** The cap that stops a run; undefined where it may go on, or has nothing left to do. */
export function stopAtCap(run: Capped): Stop | undefined {
  if (run.done === run.total) return undefined;
  if (run.cost_cap_reached) return { code: 'cost_cap', cause: null };
  if (run.time_cap_reached) return { code: 'time_cap', cause: null };
  return undefined;
}

/** Why a run stops that fails for one cause only. */
export function stopAtStreak(
  { total, done }: Capped,
  errorClass: ErrorClass,
  count: number,
): Stop | undefined {
  if (done === total) return undefined;
  const { title, remedy } = describeErrorClass(errorClass);
  return {
    code: 'same_error',
    cause: `The last ${count} items failed alike: ${title}. ${remedy}`,
  };
}

/** A run that may have stopped early, as it stands. */
export interface Stopped {
  stop_code: StopCode | null;
  cause: string | null;
  total: number;
  done: number;
  max_cost_usd: number | null;
  max_duration_ms: string | null;
  spent_usd: number;
}

/**
 * Why a run stopped early, for people: what happened and what to do. With its figures as they are now,
 * since what was in flight then is stored later.
 */
export function reasonOf(run: Stopped): string | null {
  const left =
    run.done === run.total
      ? 'No item is open any more.'
      : `${run.total - run.done} of ${run.total} items are open.`;
  switch (run.stop_code) {
    case 'cost_cap':
      return `Target and judges have cost ${run.spent_usd} USD and may cost ${run.max_cost_usd} USD. ${left} To go on, retry with a higher maxCostUsd, or null for none.`;
    case 'time_cap':
      return `Its ${run.max_duration_ms} ms were over. ${left} To go on, retry with maxDurationMs, counted from then on, or null for no cap.`;
    case 'same_error':
      return `${run.cause ?? ''} ${left} Retry goes on with what is open or failed.`.trim();
    case null:
    default:
      return null;
  }
}

/**
 * Stops a run early, in the transaction that holds its row. Its claims come back as their jobs find
 * that it does not run any more; what is in flight is still stored, or aborted where its time is over.
 * Where that closes its last item it stays `failed`, since that is what people were told; a retry
 * completes it.
 */
export async function stopEarly(
  context: RunContext,
  tx: Queryable,
  runId: string,
  { code, cause }: Stop,
): Promise<void> {
  await tx.query(sql`
    update evaluation_runs set state = ${nextState('running', 'fail')}, stop_code = ${code},
      reason = ${cause}, finished_at = now(), updated_at = now(), version = version + 1
    where id = ${runId} and state = 'running'`);
  await hintInTransaction(context, tx, runId);
}
