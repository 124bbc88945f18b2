import type { ErrorClass, StopCode } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { describeErrorClass, nextState } from '#libs/evaluation';
import type { RunContext } from './context.ts';
import { hintInTransaction } from './hint.ts';

/** Why a run stops early, for people: what happened and what to do. */
export interface Stop {
  code: StopCode;
  reason: string;
}

/** The columns of a run by which its caps are judged, under its lock. */
export const capColumns = sql`
  total, done, max_cost_usd, max_duration_ms,
  (cost_usd + judge_cost_usd)::float8 as spent_usd,
  coalesce(cost_usd + judge_cost_usd >= max_cost_usd::text::numeric, false) as cost_cap_reached,
  coalesce(deadline_at <= now(), false) as time_cap_reached`;

export interface Capped {
  total: number;
  done: number;
  max_cost_usd: number | null;
  max_duration_ms: string | null;
  spent_usd: number;
  cost_cap_reached: boolean;
  time_cap_reached: boolean;
}

/** The cap that stops a run; undefined where it may go on, or has nothing left to do. */
export function stopAtCap(run: Capped): Stop | undefined {
  if (run.done === run.total) return undefined;
  const open = `${run.total - run.done} of ${run.total} items were open then.`;
  if (run.cost_cap_reached) {
    return {
      code: 'cost_cap',
      reason: `Target and judges have cost ${run.spent_usd} USD and may cost ${run.max_cost_usd} USD. ${open} To go on, retry with a higher maxCostUsd, or null for none.`,
    };
  }
  if (run.time_cap_reached) {
    return {
      code: 'time_cap',
      reason: `Its ${run.max_duration_ms} ms were over. ${open} To go on, retry with maxDurationMs, counted from then on, or null for no cap.`,
    };
  }
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
    reason: `The last ${count} items failed alike: ${title}. ${remedy} ${total - done} of ${total} items were open then; retry goes on with them.`,
  };
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
  { code, reason }: Stop,
): Promise<void> {
  await tx.query(sql`
    update evaluation_runs set state = ${nextState('running', 'fail')}, stop_code = ${code},
      reason = ${reason}, finished_at = now(), updated_at = now(), version = version + 1
    where id = ${runId} and state = 'running'`);
  await hintInTransaction(context, tx, runId);
}
