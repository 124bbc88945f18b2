import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { startTopology, type Backend } from './topology.ts';

const ITEMS = 1_000;
const CONCURRENCY = 100;
const ANSWER_AFTER_MS = 200;
/** Runs of the same processes, after their first. */
const LATER_RUNS = 5;
/** Seldom, since whoever looks shares the cores; the run itself says when it was submitted and finished. */
const LOOK_EVERY_MS = 100;

interface Measured {
  seconds: number;
  /** Calls that the endpoint had in flight at most. */
  most: number;
}

interface Endpoint {
  url: string;
  /** What it has counted since this was asked last. */
  counts(): Promise<{ answered: number; most: number }>;
  stop(): void;
}

/**
 * Runs against an endpoint that answers in 200 ms, a hundred calls at a time: ideally two seconds for a
 * thousand. Beside it promptfoo's command line, where `PROMPTFOO` names it or it is on the PATH.
 */
export async function benchEndpoint(rounds: number): Promise<void> {
  console.log(
    `${ITEMS} items, ${CONCURRENCY} at a time, answers after ${ANSWER_AFTER_MS} ms: ideal ${((ITEMS / CONCURRENCY) * ANSWER_AFTER_MS) / 1000} s`,
  );
  const endpoint = await startEndpoint();
  try {
    const all = new Map<string, number[]>();
    const note = (name: string, { seconds, most }: Measured) => {
      all.set(name, [...(all.get(name) ?? []), seconds]);
      console.log(`${name}: ${seconds.toFixed(2)} s, at most ${most} in flight`);
    };
    for (let round = 1; round <= rounds; round += 1) {
      for (const backend of ['redis', 'embedded'] as const) {
        const [first, ...later] = await measureRuns(backend, endpoint);
        if (first) note(`${backend}, first run of its processes`, first);
        for (const measured of later) note(`${backend}, later runs`, measured);
      }
      const other = await measurePromptfoo(endpoint);
      if (other) note('promptfoo', other);
      else console.log('promptfoo: not installed (set PROMPTFOO to its command)');
    }
    const medians = [...all].map(([name, seconds]) => ({ name, seconds: medianOf(seconds) }));
    const other = medians.find(({ name }) => name === 'promptfoo');
    console.log('\nmedians');
    for (const { name, seconds } of medians) {
      const ratio = other ? `, promptfoo takes ${(other.seconds / seconds).toFixed(1)} times` : '';
      console.log(`${name}: ${seconds.toFixed(2)} s${name === 'promptfoo' ? '' : ratio}`);
    }
  } finally {
    endpoint.stop();
  }
}

const medianOf = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

async function startEndpoint(): Promise<Endpoint> {
  const script = fileURLToPath(new URL('./answering-endpoint.ts', import.meta.url));
  const child = fork(script, { env: { ANSWER_AFTER_MS: String(ANSWER_AFTER_MS) } });
  const [said] = await once(child, 'message');
  const { port } = z.object({ port: z.int() }).parse(said);
  const url = `http://127.0.0.1:${port}/`;
  return {
    url,
    counts: async () =>
      z.object({ answered: z.int(), most: z.int() }).parse(await (await fetch(url)).json()),
    stop: () => child.kill(),
  };
}

/** Runs after each other: the first pays for most of what its processes load and compile. */
async function measureRuns(backend: Backend, endpoint: Endpoint): Promise<Measured[]> {
  const topology = await startTopology(backend, { OUTGOING_ALLOW: '127.0.0.1' });
  try {
    const { client } = topology;
    const dataset = await client.createDataset({ body: { name: 'bench' } });
    const lines = Array.from({ length: ITEMS }, (_, index) =>
      JSON.stringify({ key: `item-${index}`, input: `question ${index}`, expected: 'the answer' }),
    );
    await client.createDatasetVersion({
      params: { id: dataset.id },
      contentType: 'application/x-ndjson',
      body: lines.join('\n'),
    });
    const measure = async (): Promise<Measured> => {
      await endpoint.counts();
      const { id } = await client.submitRun({
        body: {
          name: 'bench',
          datasetId: dataset.id,
          target: { kind: 'http', url: endpoint.url, outputPath: 'output' },
          metrics: [{ metric: 'exact_match' }],
          concurrency: CONCURRENCY,
        },
      });
      let run = await client.getRun({ params: { id } });
      while (run.state === 'queued' || run.state === 'running') {
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        run = await client.getRun({ params: { id } });
      }
      const seconds = (Date.parse(run.finishedAt ?? '') - Date.parse(run.createdAt)) / 1000;
      const { answered, most } = await endpoint.counts();
      if (run.state !== 'completed' || run.summary[0]?.mean !== 1 || answered !== ITEMS) {
        throw new Error(`the run went wrong, ${answered} calls: ${JSON.stringify(run)}`);
      }
      return { seconds, most };
    };
    const measured: Measured[] = [];
    for (let run = 0; run <= LATER_RUNS; run += 1) measured.push(await measure());
    return measured;
  } finally {
    await topology.stop();
  }
}

/** The same by promptfoo's command line, its start and all; undefined where it is not installed. */
async function measurePromptfoo(endpoint: Endpoint): Promise<Measured | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'llm-eval-promptfoo-'));
  try {
    const config = join(folder, 'promptfooconfig.json');
    await writeFile(
      config,
      JSON.stringify({
        prompts: ['{{question}}'],
        providers: [
          {
            id: endpoint.url,
            config: {
              method: 'POST',
              headers: { 'Content-Type': 'application/json' },
              body: { input: '{{prompt}}' },
              transformResponse: 'json.output',
            },
          },
        ],
        tests: Array.from({ length: ITEMS }, (_, index) => ({
          vars: { question: `question ${index}` },
          assert: [{ type: 'equals', value: 'the answer' }],
        })),
      }),
    );
    await endpoint.counts();
    const start = performance.now();
    const options = ['--max-concurrency', String(CONCURRENCY), '--no-cache', '--no-table'];
    try {
      await promisify(execFile)(
        process.env.PROMPTFOO ?? 'promptfoo',
        ['eval', '--config', config, ...options, '--no-progress-bar', '--no-share'],
        {
          env: {
            PATH: process.env.PATH,
            HOME: folder,
            PROMPTFOO_CONFIG_DIR: folder,
            PROMPTFOO_DISABLE_TELEMETRY: '1',
            PROMPTFOO_DISABLE_UPDATE: '1',
          },
          maxBuffer: 64 * 2 ** 20,
        },
      );
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
    const seconds = (performance.now() - start) / 1000;
    const { answered, most } = await endpoint.counts();
    if (answered !== ITEMS) throw new Error(`promptfoo made ${answered} calls`);
    return { seconds, most };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
