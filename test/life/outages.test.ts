import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql, uuid } from '#libs/database';
import { openQueues } from '#libs/queues';
import { breakingProxy } from '../support/breaking-proxy.ts';
import { startChildWorker } from '../support/child-workers.ts';
import { expectExact } from '../support/exact.ts';
import { haltAt } from '../support/halt.ts';
import { redisAvailable } from '../support/redis.ts';
import { restartableRedis, type RestartableRedis } from '../support/restartable-redis.ts';
import { createHold } from '../support/hold.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

const submit = async (world: World, count: number) =>
  world.submit({
    datasetId: await world.seedDataset(count),
    target: { kind: 'recorded', recordingId: await world.seedRecording(count) },
  });
/** Waits for the end of a run and answers with its counters, which are exact. */
const endOf = async (world: World, runId: string) => {
  const { done, failed, summary } = await world.waitForState(runId, 'completed');
  await expectExact(world, runId);
  return { done, failed, mean: summary[0]?.mean };
};
const allOf = (count: number) => ({ done: count, failed: 0, mean: 1 });

(redisAvailable ? describe : describe.skip)('when Redis', () => {
  let redis: RestartableRedis;
  let world: World;
  beforeAll(async () => {
    redis = await restartableRedis();
    world = await createWorld('redis', { REDIS_URL: redis.url });
    await world.startWorker({ workerConcurrency: 4 });
  });
  afterAll(async () => {
    await redis.start();
    await world.close();
    await redis.stop();
  });

  test('loses everything by FLUSHALL in the middle of a run, the run ends, all exact', async () => {
    const { id } = await submit(world, 5_000);
    const halt = await haltAt(world, id, 2_000);
    await halt.reached();
    await redis.flush();
    await halt.release();
    expect(await endOf(world, id)).toEqual(allOf(5_000));
  });

  test('is restarted empty in the middle of a run, the run ends, all exact', async () => {
    const { id } = await submit(world, 5_000);
    const halt = await haltAt(world, id, 2_000);
    await halt.reached();
    await redis.stop();
    await redis.start();
    await halt.release();
    expect(await endOf(world, id)).toEqual(allOf(5_000));
  });

  test('goes away in the first moments of a process, that process works when it is back', async () => {
    // The first that BullMQ writes, once for each queue that it opens.
    const proxy = await breakingProxy(redis.url, (sent) => sent.includes(':meta'));
    const queues = await openQueues({ ...world.config, redisUrl: proxy.url }, world.logger);
    // Away for longer than an attempt or two to connect.
    await waitFor(() => (proxy.refused() > 3 ? true : undefined));
    proxy.mend();
    const job = { runId: uuid(), batch: 0, attempt: 1 };
    const verdict = await waitFor(() => queues.batchVerdict('batches', job).catch(() => undefined));
    expect(verdict).toBe('missing');
    await queues.close();
    proxy.close();
  });

  test('is away when a worker is asked to stop, it stops in order all the same', async () => {
    const child = await startChildWorker(world, { SHUTDOWN_DEADLINE_MS: '500' });
    await redis.stop();
    expect(await child.kill('SIGTERM')).toBe(0);
    await redis.start();
  });

  test('is away while batches end, the run goes on when it is back', async () => {
    const { id } = await submit(world, 5_000);
    const halt = await haltAt(world, id, 2_000);
    await halt.reached();
    await redis.stop();
    await halt.release();
    await waitFor(async () => {
      const { done } = await world.runs.get(world.projectId, id);
      return done >= 2_000 ? true : undefined;
    });
    await redis.start();
    expect(await endOf(world, id)).toEqual(allOf(5_000));
  });
});

describe.each(backends)('when PostgreSQL breaks its connections with %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(kind);
  });
  afterAll(() => world.close());

  /** Ends every connection to this database but the one that asks. */
  const breakConnections = (): Promise<unknown> =>
    world.database.query(sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);

  test('in the middle of statements, the run ends, all exact', async () => {
    const worker = await world.startWorker({ workerConcurrency: 4 });
    const { id } = await submit(world, 5_000);
    const halt = await haltAt(world, id, 2_000);
    await halt.reached();
    await breakConnections();
    await halt.release();
    expect(await endOf(world, id)).toEqual(allOf(5_000));
    await worker.stop();
  });

  test('again and again while a run goes, the run ends, all exact', async () => {
    const hold = createHold(0);
    const worker = await world.startWorker({ workerConcurrency: 4 }, hold.tools);
    const { id } = await submit(world, 3_000);
    await hold.reached(4);
    for (let round = 0; round < 3; round += 1) {
      await breakConnections();
      await waitFor(async () => {
        try {
          return await world.runs.get(world.projectId, id);
        } catch {
          return undefined;
        }
      });
    }
    hold.release();
    expect(await endOf(world, id)).toEqual(allOf(3_000));
    await worker.stop();
  });

  test('in transactions, more often than there are connections, none is missing afterwards', async () => {
    const ended = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        world.database.transaction((tx) =>
          tx.query(sql`select pg_terminate_backend(pg_backend_pid())`),
        ),
      ),
    );
    expect(ended.every(({ status }) => status === 'rejected')).toBe(true);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        world.database.transaction((tx) => tx.query(sql`select 1 as one`)),
      ),
    );
    expect(answers.flat()).toHaveLength(20);
    await waitFor(
      () => {
        const { total, idle } = world.database.gauges();
        return total === idle ? true : undefined;
      },
      () => `of the pool, ${JSON.stringify(world.database.gauges())}`,
    );
  });

  test('hints of changes arrive again afterwards', async () => {
    const seen = new Set<unknown>();
    const stop = await world.queues.listenForHints((hint) => seen.add(JSON.stringify(hint)));
    await breakConnections();
    await world.startWorker();
    const { id } = await submit(world, 1_000);
    expect(await endOf(world, id)).toEqual(allOf(1_000));
    await waitFor(async () => {
      if (seen.has(JSON.stringify({ runId: id }))) return true;
      const next = await submit(world, 10);
      await world.waitForState(next.id, 'completed');
      return seen.has(JSON.stringify({ runId: next.id })) ? true : undefined;
    });
    await stop();
  });
});
