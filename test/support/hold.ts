import { createTarget } from '#libs/targets';
import type { Tools } from '../../apps/worker/batches.ts';
import { waitFor } from './wait.ts';

/** A target that keeps a worker at work until the test lets go, or until the work is aborted. */
export interface Hold {
  tools: Pick<Tools, 'createTarget'>;
  /** How many batches have been begun. */
  begun(): number;
  /** Resolves when so many batches have been begun. */
  reached(batches: number): Promise<void>;
  release(): void;
}

/** Holds every batch once `free` of them have gone through. */
export function createHold(free = 0): Hold {
  const open = Promise.withResolvers<void>();
  let begun = 0;
  return {
    tools: {
      createTarget(spec, ports) {
        const target = createTarget(spec, ports);
        return {
          async produce(cases, context) {
            begun += 1;
            if (begun > free) await Promise.race([open.promise, aborted(context.signal)]);
            return target.produce(cases, context);
          },
        };
      },
    },
    begun: () => begun,
    reached: async (batches) => {
      await waitFor(
        () => (begun >= batches ? true : undefined),
        () => `${begun} of ${batches} batches were begun`,
        // A hundred batches are many on a machine that has other work.
        60_000,
      );
    },
    release: () => open.resolve(),
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(new Error('aborted'));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
