import { every, type Repetition } from '#libs/config';
import { reconcile, type RunContext } from '#libs/runs';

/** What looks lost for this many intervals is. */
const GRACE_INTERVALS = 2;

/** Reconciles at an interval; of all processes, the lock lets one at a time do it. */
export const startReconciler = (context: RunContext, intervalMs: number): Repetition =>
  every(
    intervalMs,
    async () => {
      await reconcile(context, GRACE_INTERVALS * intervalMs);
    },
    (error) => context.logger.warn({ err: error }, 'reconciling failed; will try again'),
  );
