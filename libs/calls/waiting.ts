/**
 * What `work` resolves or rejects with, unless the signal aborts first; `work` is then left to end by
 * itself, unheard.
 * @throws the signal's reason
 */
export async function untilAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const stop = (): void => signal.removeEventListener('abort', onAbort);
    work.then(
      (result) => {
        stop();
        resolve(result);
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
  });
}

/** @throws the signal's reason, at once */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await untilAborted(
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, milliseconds);
      }),
      signal,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Work that several wait for; it is given up when all of them have gone. */
export interface Flight {
  /** @throws the signal's reason, or what the work throws */
  join(signal: AbortSignal): Promise<unknown>;
}

/** @param onEmpty nobody waits for it any more: it has ended, or is given up */
export function startFlight(
  work: (signal: AbortSignal) => Promise<unknown>,
  onEmpty: () => void,
): Flight {
  const abandoned = new AbortController();
  let aboard = 0;
  const result = work(abandoned.signal);
  return {
    async join(signal) {
      aboard += 1;
      try {
        return await untilAborted(result, signal);
      } finally {
        aboard -= 1;
        if (aboard === 0) {
          onEmpty();
          abandoned.abort(signal.reason);
        }
      }
    },
  };
}
