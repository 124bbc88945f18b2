import type { Client } from '#libs/sdk';
import { upload } from './run-throughput.ts';
import { startTopology, type Backend } from './topology.ts';

const RUNS = 1_000;
const ITEMS = 100;
const SUBMITTED_AT_ONCE = 50;
const LOOK_EVERY_MS = 50;

/**
 * Many runs at once: a thousand small ones, and small ones beside large ones, which shall not hold them
 * up. A run's time is its own: from when it was accepted until it finished.
 */
export async function benchCrowd(rounds: number): Promise<void> {
  console.log('one API, one worker; recorded outputs, one metric');
  for (let round = 1; round <= rounds; round += 1) {
    for (const backend of ['redis', 'embedded'] as const) {
      await manySmall(backend);
      await smallBesideLarge(backend);
    }
  }
}

/** A thousand runs of a hundred items each, submitted by fifty clients at once. */
async function manySmall(backend: Backend): Promise<void> {
  const topology = await startTopology(backend);
  try {
    const { client } = topology;
    const source = await upload(client, ITEMS);
    const start = performance.now();
    const ids: string[] = [];
    let left = RUNS;
    await Promise.all(
      Array.from({ length: SUBMITTED_AT_ONCE }, async () => {
        while (left > 0) {
          left -= 1;
          ids.push(await submit(client, source, `small ${left}`));
        }
      }),
    );
    const submitted = (performance.now() - start) / 1_000;
    const times = await timesOf(client, ids, ITEMS);
    const seconds = (performance.now() - start) / 1_000;
    const peak = await topology.peakMemory();
    console.log(
      `${backend}: ${RUNS} runs of ${ITEMS}: accepted after ${submitted.toFixed(1)} s, all finished after ${seconds.toFixed(1)} s, ` +
        `${((RUNS * ITEMS) / seconds).toFixed(0)} items/s; a run took ${spread(times)}; ` +
        `API ${megabytes(peak.api)}, worker ${megabytes(peak.worker)}`,
    );
  } finally {
    await topology.stop();
  }
}

/** Runs of a hundred items, one after another: alone, then while one large run and many medium ones go on. */
async function smallBesideLarge(backend: Backend): Promise<void> {
  const topology = await startTopology(backend);
  try {
    const { client } = topology;
    const large = await upload(client, 100_000);
    const medium = await upload(client, 20_000);
    const small = await upload(client, ITEMS);
    const alone = await oneAfterAnother(client, small);
    const others = [await submit(client, large, 'large')];
    for (let index = 0; index < 20; index += 1) {
      others.push(await submit(client, medium, `medium ${index}`));
    }
    const beside = await oneAfterAnother(client, small);
    const going = await stillGoing(client, others);
    console.log(
      `${backend}: a run of ${ITEMS} takes ${spread(alone)} alone, and ${spread(beside)} beside one of 100,000 and 20 of 20,000 (of which ${going} still went on at the end)`,
    );
  } finally {
    await topology.stop();
  }
}

async function oneAfterAnother(client: Client, source: Source): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < 10; index += 1) {
    const id = await submit(client, source, `one after another ${index}`);
    times.push(...(await timesOf(client, [id], ITEMS)));
  }
  return times;
}

type Source = Awaited<ReturnType<typeof upload>>;

async function submit(client: Client, source: Source, name: string): Promise<string> {
  const run = await client.submitRun({
    body: {
      name,
      datasetId: source.datasetId,
      target: { kind: 'recorded', recordingId: source.recordingId },
      metrics: [{ metric: 'numeric_match', expected: 'answer', extract: 'A: (.*)' }],
    },
  });
  return run.id;
}

/** Waits until all have finished, and gives their times in seconds. @throws where one is not complete */
async function timesOf(client: Client, ids: readonly string[], items: number): Promise<number[]> {
  const times: number[] = [];
  for (const id of ids) {
    for (;;) {
      const run = await client.getRun({ params: { id } });
      if (run.state !== 'queued' && run.state !== 'running') {
        if (run.state !== 'completed' || run.done !== items || run.summary[0]?.mean !== 0.75) {
          throw new Error(`a run went wrong: ${JSON.stringify(run)}`);
        }
        if (!run.finishedAt) throw new Error('a completed run has no end');
        times.push((Date.parse(run.finishedAt) - Date.parse(run.createdAt)) / 1_000);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
  return times;
}

async function stillGoing(client: Client, ids: readonly string[]): Promise<number> {
  const runs = await Promise.all(ids.map((id) => client.getRun({ params: { id } })));
  return runs.filter((run) => run.state === 'queued' || run.state === 'running').length;
}

function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(
      2,
    );
  return `${at(0.5)} s (median), ${at(1)} s (longest)`;
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;
