import { measureRun, type Measurement } from './run-throughput.ts';
import type { Backend } from './topology.ts';

const cases: { backend: Backend; items: number }[] = [
  { backend: 'redis', items: 5_000 },
  { backend: 'embedded', items: 5_000 },
  { backend: 'redis', items: 100_000 },
  { backend: 'embedded', items: 100_000 },
];

/**
 * Runs of recorded outputs: every case `rounds` times, its median shown; the cases take turns, so that
 * a machine that slows down slows all of them.
 */
export async function benchRuns(rounds: number): Promise<void> {
  console.log(`one API, one worker; median of ${rounds}`);
  const all: Measurement[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const { backend, items } of cases) {
      const measured = await measureRun(backend, items);
      all.push(measured);
      console.log(`round ${round}: ${describe(measured)}`);
    }
  }

  console.log('\nbackend   items    items/s   seconds   API peak   worker peak');
  for (const { backend, items } of cases) console.log(row(medianOf(all, backend, items)));
  for (const backend of ['redis', 'embedded'] as const) {
    const small = medianOf(all, backend, 5_000);
    const large = medianOf(all, backend, 100_000);
    console.log(
      `${backend}: memory at 100,000 items over memory at 5,000: API ${ratio(large.apiPeakBytes, small.apiPeakBytes)}, worker ${ratio(large.workerPeakBytes, small.workerPeakBytes)}`,
    );
  }
}

function medianOf(all: readonly Measurement[], backend: Backend, items: number): Measurement {
  const measured = all.filter((one) => one.backend === backend && one.items === items);
  const median = (pick: (one: Measurement) => number): number =>
    measured.map(pick).sort((a, b) => a - b)[Math.floor(measured.length / 2)] ?? Number.NaN;
  return {
    backend,
    items,
    seconds: median((one) => one.seconds),
    itemsPerSecond: median((one) => one.itemsPerSecond),
    apiPeakBytes: median((one) => one.apiPeakBytes),
    workerPeakBytes: median((one) => one.workerPeakBytes),
  };
}

function row(one: Measurement): string {
  return [
    one.backend.padEnd(9),
    String(one.items).padStart(6),
    one.itemsPerSecond.toFixed(0).padStart(9),
    one.seconds.toFixed(2).padStart(9),
    megabytes(one.apiPeakBytes).padStart(10),
    megabytes(one.workerPeakBytes).padStart(13),
  ].join(' ');
}

function describe(one: Measurement): string {
  return `${one.backend} ${one.items}: ${one.itemsPerSecond.toFixed(0)} items/s, API ${megabytes(one.apiPeakBytes)}, worker ${megabytes(one.workerPeakBytes)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}

function ratio(a: number, b: number): string {
  return `${((a / b - 1) * 100).toFixed(1)} %`;
}
