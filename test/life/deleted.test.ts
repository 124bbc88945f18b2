import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Run } from '#libs/contracts';
import { backends, createWorld, type World } from '../support/world.ts';

describe('what people say of a run', () => {
  let world: World;
  let run: Run;
  let recordingId: string;
  beforeAll(async () => {
    world = await createWorld(backends[0] ?? 'postgresql');
    const worker = await world.startWorker();
    const datasetId = await world.seedDataset(3);
    recordingId = await world.seedRecording(3);
    const submitted = await world.submit({
      datasetId,
      target: { kind: 'recorded', recordingId },
      tags: ['first'],
      metadata: { commit: 'abc' },
    });
    run = await world.waitForState(submitted.id, 'completed');
    await worker.stop();
  });
  afterAll(() => world.close());

  const list = async (deleted: boolean) => {
    const { items } = await world.list({ deleted });
    return items.map(({ id }) => id);
  };

  test('can be changed one by one, and tells those who watch', async () => {
    const renamed = await world.runs.update(world.projectId, run.id, { name: 'baseline' });
    expect(renamed).toMatchObject({
      name: 'baseline',
      tags: ['first'],
      metadata: { commit: 'abc' },
      state: 'completed',
    });
    expect(renamed.version).toBeGreaterThan(run.version);
    const tagged = await world.runs.update(world.projectId, run.id, { tags: [], metadata: {} });
    expect(tagged).toMatchObject({ name: 'baseline', tags: [], metadata: {} });
  });

  test('that it is deleted hides it, takes no orders, keeps it readable, and can be taken back', async () => {
    const { projectId, runs } = world;
    await runs.remove(projectId, run.id);
    await runs.remove(projectId, run.id);
    expect([await list(false), await list(true)]).toEqual([[], [run.id]]);
    expect((await runs.get(projectId, run.id)).deletedAt).not.toBeNull();
    expect((await runs.listMetrics(projectId, run.id)).items[0]?.mean).toBe(1);
    const orders = [
      runs.retry(projectId, run.id),
      runs.pause(projectId, run.id),
      runs.update(projectId, run.id, { name: 'other' }),
      world.submit({ datasetId: run.datasetId, target: { kind: 'recorded', runId: run.id } }),
    ];
    for (const order of orders) await expect(order).rejects.toMatchObject({ code: 'run_deleted' });
    expect((await runs.restore(projectId, run.id)).deletedAt).toBeNull();
    expect([await list(false), await list(true)]).toEqual([[run.id], []]);
  });

  test('cannot be that it is deleted while it goes', async () => {
    const { projectId, runs } = world;
    const { datasetId } = run;
    const target = { kind: 'recorded', recordingId } as const;
    const queued = await world.submit({ datasetId, target });
    await expect(runs.remove(projectId, queued.id)).rejects.toMatchObject({ code: 'run_state' });
    await runs.cancel(projectId, queued.id);
    await runs.remove(projectId, queued.id);
    expect(await list(true)).toEqual([queued.id]);
  });
});
