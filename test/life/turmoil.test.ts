import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { reconcile } from '#libs/runs';
import { startChildWorker, type ChildWorker } from '../support/child-workers.ts';
import { expectExact } from '../support/exact.ts';
import { haltAt } from '../support/halt.ts';
import { board } from '../support/jobs.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('everything at once on %s', (kind) => {
  let world: World;
  const children = new Set<ChildWorker>();
  beforeAll(async () => {
    world = await createWorld(kind, { QUEUE_LOCK_MS: '1000', WORKER_CONCURRENCY: '4' });
  });
  afterEach(async () => {
    await Promise.all([...children].map((child) => child.kill('SIGKILL')));
  });
  afterAll(() => world.close());

  test('kills, pauses, retries and a queue that loses its jobs leave every item once and exact counts', async () => {
    const datasetId = await world.seedDataset(3_000);
    const recordingId = await world.seedRecording(3_000, (i) => (i % 10 === 0 ? undefined : i));
    const { id } = await world.submit({
      datasetId,
      target: { kind: 'recorded', recordingId },
      metrics: [{ metric: 'levenshtein_similarity' }, { metric: 'exact_match' }],
    });
    for (const level of [400, 1_000, 1_600]) {
      const halt = await haltAt(world, id, level);
      const child = await startChildWorker(world);
      children.add(child);
      await halt.reached();
      await child.kill('SIGKILL');
      children.delete(child);
      await halt.release();
      await Promise.allSettled([
        world.runs.pause(world.projectId, id),
        world.runs.retry(world.projectId, id),
        board(world, 'batches').drain(),
        reconcile(world.context, 0),
      ]);
      await world.runs.resume(world.projectId, id);
      await expectExact(world, id);
    }
    children.add(await startChildWorker(world));
    children.add(await startChildWorker(world));
    const run = await world.waitForState(id, 'completed');
    expect(run).toMatchObject({ done: 3_000 });
    await expectExact(world, id);

    // Whatever the kills were held against is done again; what has no output still has none.
    await world.runs.retry(world.projectId, id);
    const again = await world.waitForState(id, 'completed');
    expect(again).toMatchObject({ done: 3_000, failed: 300 });
    expect(again.summary).toMatchObject([
      { n: 2_700, errors: 0 },
      { n: 2_700, errors: 0 },
    ]);
    await expectExact(world, id);
  }, 60_000);
});
