import { reconcile, type RunContext } from '#libs/runs';

/** What looks lost for this many intervals is. */
const GRACE_INTERVALS = 2;

/** Reconciles at an interval, never twice at once in this process; the lock does it for the others. */
export function startReconciler(
  context: RunContext,
  intervalMs: number,
): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let pass: Promise<void> = Promise.resolve();

  const schedule = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      pass = reconcile(context, GRACE_INTERVALS * intervalMs)
        .then(
          () => {},
          (error: unknown) =>
            context.logger.warn({ err: error }, 'reconciling failed; will try again'),
        )
        .finally(schedule);
    }, intervalMs);
  };
  schedule();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await pass;
    },
  };
}
