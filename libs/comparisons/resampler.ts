import { Worker } from 'node:worker_threads';
import type { Resampled, ResampleInput } from './analysis/resample.ts';

/** Resamples in a thread of its own: seconds of computing must not hold up a process that has more to do. */
export interface Resampler {
  /** One after the other, in the order in which they are asked for. */
  resample(
    input: ResampleInput,
    options: { confidence: number; seed: number },
  ): Promise<Resampled | null>;
  close(): Promise<void>;
}

export interface ResampleRequest {
  id: number;
  input: ResampleInput;
  options: { confidence: number; seed: number };
}

export type ResampleAnswer =
  { id: number; resampled: Resampled | null } | { id: number; error: string };

/** An idle thread is let go after this time. */
const IDLE_MS = 30_000;

export function createResampler(): Resampler {
  let thread: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let asked = 0;
  const waiting = new Map<
    number,
    { resolve: (resampled: Resampled | null) => void; reject: (error: Error) => void }
  >();

  const failAll = (error: Error): void => {
    thread = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };

  const start = (): Worker => {
    const started = new Worker(new URL('./resampling-thread.ts', import.meta.url));
    started.on('message', (answer: ResampleAnswer) => {
      const asker = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('error' in answer) asker?.reject(new Error(answer.error));
      else asker?.resolve(answer.resampled);
      if (waiting.size === 0) letGoLater();
    });
    started.on('error', (error) =>
      failAll(error instanceof Error ? error : new Error(String(error))),
    );
    started.on('exit', () => {
      if (thread === started) failAll(new Error('the resampling thread ended'));
    });
    started.unref();
    return started;
  };

  const letGoLater = (): void => {
    idle = setTimeout(() => {
      const old = thread;
      thread = undefined;
      void old?.terminate();
    }, IDLE_MS).unref();
  };

  return {
    resample(input, options) {
      clearTimeout(idle);
      thread ??= start();
      const { promise, resolve, reject } = Promise.withResolvers<Resampled | null>();
      asked += 1;
      waiting.set(asked, { resolve, reject });
      const request: ResampleRequest = { id: asked, input, options };
      thread.postMessage(request);
      return promise;
    },
    async close() {
      clearTimeout(idle);
      const old = thread;
      failAll(new Error('the process is stopping'));
      await old?.terminate();
    },
  };
}
