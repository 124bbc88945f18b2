import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EvaluationItem } from '#libs/contracts';
import { createClient, paginate, type Client } from '#libs/sdk';
import { startModelServer, type Behaviour, type ModelServer } from '../support/model-server.ts';
import { startProcess, type ProductProcess } from '../support/processes.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

const ITEMS = 2_000;
const MAX_RETRIES = 3;
/** Long, so that only what is meant to be late is, also on a busy machine. */
const TIMEOUT_MS = 6_000;
const KEY = 'misbehaving-test-admin-key';

/** With these arrivals a rate limit begins, as when others use the same account; it lasts for so long. */
const bursts = [300, 900, 1_500];
const BURST_MS = 400;

/** What becomes of an item, by its number, and how often the server has to be asked for that. */
interface Fate {
  failures: (Behaviour | undefined)[];
  errorClass?: string;
}
const fateOf = (n: number): Fate => {
  switch (n % 25) {
    case 2:
      return { failures: [{ kind: 'status', status: 500 }] };
    case 5:
      return { failures: [{ kind: 'cut' }, { kind: 'status', status: 503 }] };
    case 8:
      return { failures: [{ kind: 'malformed' }] };
    case 11:
      // A few are too slow once, and their answers come too late.
      return n % 500 === 11
        ? { failures: [{ kind: 'slow', text: 'late', milliseconds: TIMEOUT_MS + 1_000 }] }
        : { failures: [] };
    case 14:
      return { failures: [{ kind: 'status', status: 400 }], errorClass: 'invalid_request' };
    case 17:
      return {
        failures: [{ kind: 'status', status: 400, code: 'context_length_exceeded' }],
        errorClass: 'context_length',
      };
    case 20:
      return { failures: [{ kind: 'status', status: 401 }], errorClass: 'authentication' };
    case 23: {
      const always: Behaviour = { kind: 'status', status: 500 };
      return n % 100 === 23
        ? {
            failures: Array.from({ length: MAX_RETRIES + 1 }, () => always),
            errorClass: 'server_error',
          }
        : { failures: [] };
    }
    default:
      return { failures: [] };
  }
};

const kind = backends.includes('redis') ? 'redis' : 'postgresql';

describe(`a provider that misbehaves, on ${kind}`, () => {
  let world: World;
  let server: ModelServer;
  let processes: ProductProcess[] = [];
  let client: Client;
  /** Answers that the server gave to each item. */
  const answered = new Map<number, number>();
  let limited = 0;
  let limitedUntil = 0;
  let arrivals = 0;

  beforeAll(async () => {
    server = await startModelServer((prompt) => {
      const arrival = arrivals;
      arrivals += 1;
      if (bursts.includes(arrival)) limitedUntil = Date.now() + BURST_MS;
      if (Date.now() < limitedUntil) {
        limited += 1;
        return { kind: 'status', status: 429, retryAfterSeconds: 1 };
      }
      const n = Number(prompt.replace('double ', ''));
      const nth = answered.get(n) ?? 0;
      answered.set(n, nth + 1);
      return fateOf(n).failures[nth] ?? { kind: 'answer', text: String(2 * n) };
    });
    world = await createWorld(kind);
    const environment = {
      ...world.environment,
      PORT: '0',
      LLM_EVAL_ADMIN_KEY: KEY,
      LLM_EVAL_SECRET_KEY: 'a-key-for-tests-of-at-least-32-characters',
      OUTGOING_ALLOW: '127.0.0.1',
    };
    processes = await Promise.all([
      startProcess('api', environment),
      startProcess('worker', environment),
      startProcess('worker', environment),
    ]);
    client = createClient({ baseUrl: processes[0]?.url ?? '', key: KEY });
  }, 120_000);

  afterAll(async () => {
    await Promise.all(processes.map((process) => process.stop()));
    await world.close();
    await server.stop();
  });

  test('every item ends right or classified, and the provider is asked no more than needed', async () => {
    await client.createProvider({
      body: {
        ...server.provider,
        prices: { m: { inputPerMillion: 1, outputPerMillion: 2 } },
      },
    });
    const dataset = await client.createDataset({ body: { name: 'doubles' } });
    const lines = Array.from({ length: ITEMS }, (_, n) =>
      JSON.stringify({ key: String(n), input: { n }, expected: String(2 * n) }),
    );
    await client.createDatasetVersion({
      params: { id: dataset.id },
      contentType: 'application/x-ndjson',
      body: lines.join('\n'),
    });
    const { id } = await client.submitRun({
      body: {
        name: 'doubles',
        datasetId: dataset.id,
        target: {
          kind: 'model',
          provider: 'mock',
          model: 'm',
          prompt: { text: 'double {{ input.n }}' },
        },
        metrics: [{ metric: 'exact_match' }],
        concurrency: 50,
        maxRetries: MAX_RETRIES,
        timeoutMs: TIMEOUT_MS,
      },
    });
    const run = await waitFor(
      async () => {
        const run = await client.getRun({ params: { id } });
        return run.state === 'queued' || run.state === 'running' ? undefined : run;
      },
      () => `${arrivals} calls have arrived`,
      150_000,
    );
    expect(run).toMatchObject({ state: 'completed', done: ITEMS });

    const items: EvaluationItem[] = [];
    const request = { params: { id }, query: { limit: 200 } };
    for await (const item of paginate(client.listRunItems, request)) items.push(item);
    expect(items).toHaveLength(ITEMS);
    for (const item of items) {
      const { errorClass } = fateOf(Number(item.key));
      const output = errorClass === undefined ? String(2 * Number(item.key)) : null;
      expect([item.key, item.error?.class, item.output]).toEqual([item.key, errorClass, output]);
    }
    // A call for each answer that counts, and for each that the server refused or spoilt: none besides.
    const needed = items.reduce((sum, { key }) => {
      const { failures, errorClass } = fateOf(Number(key));
      return sum + failures.length + (errorClass === undefined ? 1 : 0);
    }, limited);
    expect(arrivals).toBe(needed);
    const tries = items.reduce((sum, item) => sum + item.tries.length, 0);
    expect(tries).toBe(run.errors.reduce((sum, error) => sum + error.tries, 0));
    expect(run.errors.find(({ class: name }) => name === 'rate_limited')).toMatchObject({
      items: 0,
      tries: limited,
    });
  }, 180_000);
});
