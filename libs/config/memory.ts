import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap grow by a fifth of what is alive before it is collected, and keeps the space for what
 * is new at its first size. By itself V8 lets garbage pile up to several times what is alive when a
 * machine has memory to spare: a process that works on a long run, or takes a large upload, would hold
 * memory that follows the size of the work. What it costs is measured in docs/BENCHMARKS.md.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=20');
  setFlagsFromString('--semi-space-growth-factor=1');
}
