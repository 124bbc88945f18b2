import type { Run } from '#libs/contracts';
import { formatCost } from '../../format/numbers.ts';
import { formatDuration } from '../../format/time.ts';

/** What target and judges of the run have cost; of recorded outputs that was paid before. */
export const spentOn = ({ target, costUsd, judgeCostUsd }: Run): number =>
  (target.kind === 'recorded' ? 0 : costUsd) + judgeCostUsd;

/**
 * Why a run stopped before its end. Of caps the API tells how a call raises them; here is a button for
 * that.
 */
export function whyStopped(run: Run): string {
  const { stopCode, maxCostUsd, maxDurationMs, reason } = run;
  if (stopCode === 'cost_cap' && maxCostUsd !== null) {
    return `The run reached its cap on cost: it may cost ${formatCost(maxCostUsd)}, and target and judges have cost ${formatCost(spentOn(run))}.`;
  }
  if (stopCode === 'time_cap' && maxDurationMs !== null) {
    return `The run reached its cap on time: ${formatDuration(maxDurationMs)} of work.`;
  }
  return reason ?? 'The run stopped before its end.';
}
