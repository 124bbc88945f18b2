/** Something that is done again and again. */
export interface Repetition {
  /** No more rounds; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/**
 * Does something again and again, `intervalMs` after the last round ended, so never twice at once: a
 * database that is away does not find a queue of rounds when it is back. A round that fails is told to
 * `onError`, and the next one comes all the same.
 */
export function every(
  intervalMs: number,
  round: () => Promise<void>,
  onError: (error: unknown) => void,
): Repetition {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const schedule = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = round().catch(onError).finally(schedule);
    }, intervalMs);
  };
  schedule();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
