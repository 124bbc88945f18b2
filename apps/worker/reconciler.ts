import { every, type Repetition } from '#libs/config';
import { reconcileComparisons } from '#libs/comparisons';
import { forgetOldProcesses } from '#libs/fleet';
import { reconcileFollowUps, type GateContext } from '#libs/gates';
import { reconcile, type RunContext } from '#libs/runs';

/** What looks lost for this many intervals is. */
const GRACE_INTERVALS = 2;

/** Reconciles at an interval; of all processes, the lock lets one at a time do it. */
export const startReconciler = (
  context: RunContext,
  gates: GateContext,
  intervalMs: number,
): Repetition =>
  every(
    intervalMs,
    async () => {
      const graceMs = GRACE_INTERVALS * intervalMs;
      // Of all processes the one that has just reconciled the runs sees to what follows from them too.
      if (!(await reconcile(context, graceMs))) return;
      await reconcileComparisons(context, graceMs);
      await reconcileFollowUps(gates, graceMs);
      await forgetOldProcesses(context.database);
    },
    (error) => context.logger.warn({ err: error }, 'reconciling failed; will try again'),
  );
