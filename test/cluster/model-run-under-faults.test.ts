import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClientEvents, RunSnapshot, ServerEvents } from '#libs/contracts';
import { sql } from '#libs/database';
import { createClient, type Client } from '#libs/sdk';
import { io, type Socket } from 'socket.io-client';
import { expectExact } from '../support/exact.ts';
import { startModelServer, type ModelServer } from '../support/model-server.ts';
import { startProcess, type ProductProcess } from '../support/processes.ts';
import { redisAvailable } from '../support/redis.ts';
import { restartableRedis, type RestartableRedis } from '../support/restartable-redis.ts';
import { waitFor } from '../support/wait.ts';
import { createWorld, type World } from '../support/world.ts';

type LiveClient = Socket<ServerEvents, ClientEvents>;

const ITEMS = 500;
const CONCURRENCY = 20;
const KEY = 'faults-test-admin-key';
/** How long an answer takes: long enough for calls to be in flight whenever something happens. */
const ANSWER_MS = 100;
/** So many items are done when something happens. */
const KILL_AT = 80;
const FLUSH_AT = 180;
const STOP_AT = 280;
const PAUSE_AT = 380;
/** What arrives within this time after a kill is refused. */
const REFUSED_MS = 500;

(redisAvailable ? describe : describe.skip)('a run of a model in a cluster', () => {
  let redis: RestartableRedis;
  let world: World;
  let server: ModelServer;
  let environment: Record<string, string>;
  let client: Client;
  let apis: ProductProcess[] = [];
  const workers: ProductProcess[] = [];
  const sockets: LiveClient[] = [];
  let refusedUntil = 0;
  let refused = 0;

  beforeAll(async () => {
    server = await startModelServer((prompt) => {
      if (Date.now() < refusedUntil) {
        refused += 1;
        return { kind: 'status', status: 429, retryAfterSeconds: 1 };
      }
      return { kind: 'slow', text: prompt.replace('say ', ''), milliseconds: ANSWER_MS };
    });
    redis = await restartableRedis();
    world = await createWorld('redis', { REDIS_URL: redis.url });
    environment = {
      ...world.environment,
      PORT: '0',
      LLM_EVAL_ADMIN_KEY: KEY,
      LLM_EVAL_SECRET_KEY: 'a-key-for-tests-of-at-least-32-characters',
      OUTGOING_ALLOW: '127.0.0.1',
    };
    apis = await Promise.all([startProcess('api', environment), startProcess('api', environment)]);
    await Promise.all([startWorker(), startWorker(), startWorker()]);
    client = createClient({ baseUrl: apis[0]?.url ?? '', key: KEY, project: world.projectId });
  }, 120_000);

  afterAll(async () => {
    for (const socket of sockets) socket.disconnect();
    await Promise.all([...apis, ...workers].map((process) => process.stop()));
    await world.close();
    await redis.stop();
    await server.stop();
  });

  const startWorker = async (): Promise<void> => {
    workers.push(await startProcess('worker', environment));
  };
  const takeWorker = (): ProductProcess => {
    const worker = workers.shift();
    if (!worker) throw new Error('there is no worker left');
    return worker;
  };

  const watch = async ({ url }: ProductProcess, runId: string) => {
    const socket: LiveClient = io(url ?? '', {
      transports: ['websocket'],
      auth: { key: KEY },
      forceNew: true,
    });
    sockets.push(socket);
    const seen: RunSnapshot[] = [];
    const finished: RunSnapshot[] = [];
    socket.on('run:progress', (snapshot) => seen.push(snapshot));
    socket.on('run:finished', (snapshot) => finished.push(snapshot));
    await socket.timeout(15_000).emitWithAck('run:subscribe', { runId });
    return { seen, finished };
  };

  test('ends by itself, exact, with no calls but those of killed flights made twice, and is shown live', async () => {
    await client.createProvider({
      body: {
        ...server.provider,
      },
    });
    const { id } = await client.submitRun({
      body: {
        name: 'under faults',
        datasetId: await world.seedDataset(ITEMS),
        target: {
          kind: 'model',
          provider: 'mock',
          model: 'm',
          prompt: { text: 'say {{ input }}' },
        },
        metrics: [{ metric: 'exact_match' }],
        concurrency: CONCURRENCY,
      },
    });
    const watched = await Promise.all(apis.map((api) => watch(api, id)));
    const get = () => client.getRun({ params: { id } });
    const reach = (count: number) =>
      waitFor(
        async () => ((await get()).done >= count ? true : undefined),
        async () => `${(await get()).done} are done, ${server.calls()} calls arrived`,
        60_000,
      );

    await reach(KILL_AT);
    refusedUntil = Date.now() + REFUSED_MS;
    await takeWorker().stop('SIGKILL');
    await reach(FLUSH_AT);
    await redis.flush();
    await reach(STOP_AT);
    expect(await takeWorker().stop('SIGTERM')).toBe(0);
    await reach(PAUSE_AT);
    await client.pauseRun({ params: { id } });
    await Promise.all(workers.splice(0).map((worker) => worker.stop('SIGKILL')));
    await startWorker();
    await client.resumeRun({ params: { id } });
    await reach(ITEMS);

    const run = await world.waitForState(id, 'completed');
    expect(run).toMatchObject({ done: ITEMS, failed: 0, summary: [{ n: ITEMS, mean: 1 }] });
    await expectExact(world, id);
    const [left] = await world.database.query(sql`
      select count(*)::int as batches from run_batches where run_id = ${id} and state <> 'done'`);
    expect(left).toEqual({ batches: 0 });

    // Twice at most what was in flight in two kills, and when the queue forgot its jobs.
    const again = server.calls() - refused - ITEMS;
    expect(again).toBeGreaterThanOrEqual(0);
    expect(again).toBeLessThanOrEqual(3 * CONCURRENCY);

    await waitFor(() => (watched.every(({ finished }) => finished.length > 0) ? true : undefined));
    for (const { seen, finished } of watched) {
      expect(finished).toMatchObject([{ state: 'completed', done: ITEMS, failed: 0 }]);
      const done = seen.map((snapshot) => snapshot.done);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
    }
  }, 170_000);
});
