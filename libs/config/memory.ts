import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Lets the heap grow by a fifth of what is alive before it is collected, and keeps the space for what
 * is new at its first size. By itself V8 lets garbage pile up to several times what is alive when a
 * machine has memory to spare: a process that works on a long run, or takes a large upload, would hold
 * memory that follows the size of the work. What it costs is measured in docs/BENCHMARKS.md.
 *
 * The growth counts from the last full collection, and before the first one V8 allows a large fixed
 * budget; so one is done here, where there is hardly anything to collect.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=20');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
