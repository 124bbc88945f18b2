import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '#libs/database';
import { expectExact } from '../support/exact.ts';
import { haltAt } from '../support/halt.ts';
import { poisonedScript, startChildWorker, type ChildWorker } from '../support/child-workers.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('losing workers on %s', (kind) => {
  let world: World;
  let children: ChildWorker[] = [];
  beforeAll(async () => {
    world = await createWorld(kind, { QUEUE_LOCK_MS: '1000', WORKER_CONCURRENCY: '4' });
  });
  afterEach(async () => {
    await Promise.all(children.map((child) => child.kill('SIGKILL')));
    children = [];
  });
  afterAll(() => world.close());

  const start = async (...how: [Record<string, string>?, string?]): Promise<ChildWorker> => {
    const child = await startChildWorker(world, ...how);
    children.push(child);
    return child;
  };
  const submit = async (count: number) =>
    world.submit({
      datasetId: await world.seedDataset(count),
      target: {
        kind: 'recorded',
        recordingId: await world.seedRecording(count, (i) => (i % 5 === 0 ? 'no' : String(i))),
      },
    });

  test('a worker that is killed in the middle of a run is replaced by another; every item once', async () => {
    const first = await start();
    const submitted = await submit(5_000);
    const halt = await haltAt(world, submitted.id, 2_000);
    await halt.reached();
    expect(await first.kill('SIGKILL')).toBe('SIGKILL');
    await halt.release();
    const left = await world.runs.get(world.projectId, submitted.id);
    expect(left.done).toBeGreaterThanOrEqual(1_000);
    expect(left.done).toBeLessThanOrEqual(4_000);

    await start();
    const run = await world.waitForState(submitted.id, 'completed');
    expect(run).toMatchObject({ done: 5_000, failed: 0 });
    expect(run.summary).toMatchObject([{ n: 5_000, mean: 0.8 }]);
    const [items] = await world.database.query(sql`
      select count(*)::int as count, count(distinct key)::int as keys from evaluation_items
      where run_id = ${run.id}`);
    expect(items).toEqual({ count: 5_000, keys: 5_000 });
    await expectExact(world, run.id);
  });

  test('a worker that is asked to stop in the middle of a run leaves in order', async () => {
    const first = await start();
    const submitted = await submit(5_000);
    const halt = await haltAt(world, submitted.id, 1_500);
    await halt.reached();
    const stopped = first.kill('SIGTERM');
    await halt.release();
    expect(await stopped).toBe(0);

    await start();
    const run = await world.waitForState(submitted.id, 'completed');
    expect(run).toMatchObject({ done: 5_000, failed: 0 });
    await expectExact(world, run.id);
    // Nothing was lost, so nothing counts against any batch.
    const lost = await world.database.query(sql`
      select no from run_batches where run_id = ${run.id} and (losses > 0 or faults > 0)`);
    expect(lost).toEqual([]);
  });

  test('an item that kills its worker each time is found: it alone fails, all others complete', async () => {
    const submitted = await submit(120);
    let deaths = 0;
    const replace = async (): Promise<void> => {
      const child = await start({ POISON: '77' }, poisonedScript);
      if ((await child.exited) !== 'SIGKILL') return;
      const { state } = await world.runs.get(world.projectId, submitted.id);
      if (state === 'completed') return;
      deaths += 1;
      if (deaths < 12) await replace();
    };
    const replacing = replace();
    const run = await world.waitForState(submitted.id, 'completed', 110_000);
    await Promise.all(children.map((child) => child.kill('SIGKILL')));
    await replacing;

    expect(run).toMatchObject({ done: 120, failed: 1 });
    const { items } = await world.runs.listItems(world.projectId, run.id, {
      limit: 10,
      sort: 'position',
      status: 'failed',
    });
    expect(items).toMatchObject([{ key: 'item-77', error: { class: 'worker_lost' } }]);
    // Twice beside others, once alone, and once as a single item.
    expect(deaths).toBe(4);
    await expectExact(world, run.id);
  }, 130_000);
});
