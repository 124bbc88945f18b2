import type { Comparison, MetricSpec } from '#libs/contracts';
import type { Client } from '#libs/sdk';
import { lines } from './lines.ts';
import { startTopology, type Backend } from './topology.ts';

const LOOK_EVERY_MS = 5;

const metrics: MetricSpec[] = [
  { metric: 'numeric_match', expected: 'answer', extract: 'A: (.*)' },
  { metric: 'rouge_l', expected: 'solution' },
  { metric: 'squad_f1', expected: 'solution' },
  { metric: 'bleu', expected: 'solution' },
  { metric: 'word_count' },
];

/**
 * Comparisons of two runs over the API, as its users meet them: from the request to the answer that has
 * the closed forms, to the one that is refined, and from the cache.
 */
export async function benchComparisons(rounds: number): Promise<void> {
  for (const backend of ['redis', 'embedded'] as const) {
    console.log(
      `\n${backend}: one API, one worker; medians of ${rounds * 10} (small), ${rounds} (large)`,
    );
    await small(backend, rounds * 10);
    await large(backend, rounds);
  }
}

/** Two runs of as many items as GSM8K has, with five metrics. */
async function small(backend: Backend, times: number): Promise<void> {
  const topology = await startTopology(backend);
  try {
    const runs = await twoRuns(topology.client, 1_319, metrics);
    const closed: number[] = [];
    const cached: number[] = [];
    const refined: number[] = [];
    for (let seed = 1; seed <= times; seed += 1) {
      const first = await timed(() => ask(topology.client, runs, seed));
      if (!first.answer.result) throw new Error('a small comparison was not answered at once');
      closed.push(first.milliseconds);
      const whole = await timed(() => waitFor(topology.client, first.answer.id, isRefined));
      refined.push(first.milliseconds + whole.milliseconds);
      checkMetrics(whole.answer, 1_319, 5);
      cached.push((await timed(() => ask(topology.client, runs, seed))).milliseconds);
    }
    const [firstOfAll = Number.NaN] = closed;
    console.log(
      `1,319 items, 5 metrics: closed forms ${show(closed)} (the first of its process ${firstOfAll.toFixed(0)} ms), refined after ${show(refined)}, from the cache ${show(cached)}`,
    );
  } finally {
    await topology.stop();
  }
}

/** Two runs of 100,000 items with one metric. */
async function large(backend: Backend, times: number): Promise<void> {
  const topology = await startTopology(backend);
  try {
    const runs = await twoRuns(topology.client, 100_000, metrics.slice(0, 1));
    const before = await topology.peakMemory();
    const closed: number[] = [];
    const refined: number[] = [];
    for (let seed = 1; seed <= times; seed += 1) {
      const start = performance.now();
      const { id } = await ask(topology.client, runs, seed);
      await waitFor(topology.client, id, ({ result, current }) => result !== null && current);
      closed.push(performance.now() - start);
      checkMetrics(await waitFor(topology.client, id, isRefined), 100_000, 1);
      refined.push(performance.now() - start);
    }
    const after = await topology.peakMemory();
    console.log(
      `100,000 items, 1 metric: closed forms ${show(closed)}, refined after ${show(refined)}; highest memory of the worker ${megabytes(before.worker)} after the runs, ${megabytes(after.worker)} after the comparisons; of the API ${megabytes(before.api)} and ${megabytes(after.api)}`,
    );
  } finally {
    await topology.stop();
  }
}

const ask = (client: Client, [baselineRunId, candidateRunId]: [string, string], seed: number) =>
  client.createComparison({
    body: { baselineRunId, candidateRunIds: [candidateRunId], seed },
  });

const isRefined = ({ state, current }: Comparison): boolean => state === 'completed' && current;

async function waitFor(
  client: Client,
  id: string,
  isThere: (comparison: Comparison) => boolean,
): Promise<Comparison> {
  for (;;) {
    const comparison = await client.getComparison({ params: { id } });
    if (isThere(comparison)) return comparison;
    if (comparison.state === 'failed') throw new Error(comparison.reason ?? 'it failed');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** A comparison that compares nothing must not pass for a fast one. */
function checkMetrics({ result }: Comparison, items: number, count: number): void {
  const compared = result?.candidates[0]?.metrics ?? [];
  const whole = compared.filter(
    ({ pairing, resampled }) => pairing.paired === items && resampled?.interval,
  );
  if (whole.length !== count || (compared[0]?.wins ?? 0) === 0) {
    throw new Error(`the comparison went wrong: ${JSON.stringify(result)}`);
  }
}

async function twoRuns(
  client: Client,
  items: number,
  metricsOfRun: MetricSpec[],
): Promise<[string, string]> {
  const dataset = await client.createDataset({ body: { name: 'bench' } });
  await client.createDatasetVersion({
    params: { id: dataset.id },
    contentType: 'application/x-ndjson',
    body: lines(items, (index) => ({
      key: `item-${index}`,
      input: { question: `How much is ${index} plus ${index}?` },
      expected: {
        answer: String(index * 2),
        solution: `Add ${index} to itself, which is ${index * 2}.`,
      },
    })),
  });
  const run = async (every: number): Promise<string> => {
    const recording = await client.createRecording({
      query: { name: 'bench' },
      contentType: 'application/x-ndjson',
      body: lines(items, (index) => ({
        key: `item-${index}`,
        output: `${'We add the number to itself. '.repeat(1 + ((index * every) % 7))}\nA: ${index * 2 + (index % every === 0 ? 1 : 0)}`,
      })),
    });
    const { id } = await client.submitRun({
      body: {
        name: `every ${every}`,
        datasetId: dataset.id,
        target: { kind: 'recorded', recordingId: recording.id },
        metrics: metricsOfRun,
      },
    });
    for (;;) {
      const { state } = await client.getRun({ params: { id } });
      if (state === 'completed') return id;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return [await run(3), await run(4)];
}

async function timed<Answer>(
  call: () => Promise<Answer>,
): Promise<{ answer: Answer; milliseconds: number }> {
  const start = performance.now();
  const answer = await call();
  return { answer, milliseconds: performance.now() - start };
}

function show(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return `${median.toFixed(median < 100 ? 1 : 0)} ms (at most ${(sorted.at(-1) ?? Number.NaN).toFixed(0)})`;
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;
