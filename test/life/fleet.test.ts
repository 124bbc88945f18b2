import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '#libs/database';
import { forgetOldProcesses, listWorkers, readRates } from '#libs/fleet';
import { SMALL_BATCH } from '../support/batches.ts';
import { startChildWorker } from '../support/child-workers.ts';
import { expectExact } from '../support/exact.ts';
import { createHold } from '../support/hold.ts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('the fleet on %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(kind);
  });
  afterAll(() => world.close());

  const workers = () => listWorkers(world.database);
  const oneWorker = (jobs = 0) =>
    waitFor(
      async () => {
        const [worker, ...others] = await workers();
        return worker && others.length === 0 && worker.jobCount === jobs ? worker : undefined;
      },
      async () => JSON.stringify(await workers()),
    );
  const submit = async (items: number) =>
    world.submit({
      datasetId: await world.seedDataset(items),
      target: { kind: 'recorded', recordingId: await world.seedRecording(items, (i) => i) },
    });

  test('a worker tells what it is and what it is at, counts what it did, and takes its leave', async () => {
    const hold = createHold();
    const process = await world.startWorker(
      { workerConcurrency: 2, workerComparisonConcurrency: 0 },
      hold.tools,
    );
    const run = await submit(4 * SMALL_BATCH);
    await hold.reached(2);
    const worker = await oneWorker(2);
    expect(worker).toMatchObject({
      state: 'alive',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      pid: globalThis.process.pid,
      queues: [
        { queue: 'batches', concurrency: 2 },
        { queue: 'calls', concurrency: 400 },
        { queue: 'runs', concurrency: 4 },
      ],
      jobs: [
        { queue: 'batches', id: `${run.id}-0-1` },
        { queue: 'batches', id: `${run.id}-1-1` },
      ],
    });
    expect(worker.memoryBytes).toBeGreaterThan(10_000_000);
    const [job] = worker.jobs;
    expect(Date.parse(job?.since ?? '')).toBeGreaterThanOrEqual(Date.parse(worker.startedAt) - 1);

    hold.release();
    await world.waitForState(run.id, 'completed');
    await process.stop();
    expect(await workers()).toEqual([]);
    const totals = await world.database.query(sql`
      select queue, sum(done)::int as done, sum(failed)::int as failed, sum(items)::int as items
      from queue_throughput group by queue order by queue`);
    expect(totals).toEqual([
      { queue: 'batches', done: 4, failed: 0, items: 4 * SMALL_BATCH },
      { queue: 'runs', done: 2, failed: 0, items: 0 },
    ]);
    const rates = await readRates(world.database);
    expect(rates.get('batches')?.itemSpeed).toBeGreaterThan(0);
  });

  test('one that was killed is lost after a while, and then forgotten', async () => {
    const child = await startChildWorker(world);
    const { id } = await oneWorker();
    await child.kill('SIGKILL');
    const silentFor = (seconds: number) =>
      world.database.query(sql`
        update workers set seen_at = now() - make_interval(secs => ${seconds}) where id = ${id}`);
    await silentFor(16);
    expect(await workers()).toMatchObject([{ id, state: 'lost' }]);
    await forgetOldProcesses(world.database);
    expect(await workers()).toMatchObject([{ id, state: 'lost' }]);
    await silentFor(61);
    expect(await workers()).toEqual([]);
    await forgetOldProcesses(world.database);
    expect(await world.database.query(sql`select id from workers`)).toEqual([]);
  });

  test('one that cannot write its row goes on working, and shows when it can', async () => {
    await world.database.query(sql`
      create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'no'; end $$`);
    await world.database.query(sql`
      create trigger refuse before insert on workers execute function refuse()`);
    const process = await world.startWorker();
    const run = await submit(500);
    await world.waitForState(run.id, 'completed');
    await expectExact(world, run.id);
    expect(await workers()).toEqual([]);

    await world.database.query(sql`drop trigger refuse on workers`);
    await oneWorker();
    // What it did meanwhile was not lost.
    const row = await world.database.queryOne<{ items: number }>(sql`
      select sum(items)::int as items from queue_throughput`);
    expect(row?.items).toBe(4 * SMALL_BATCH + 500);
    await process.stop();
  });
});
