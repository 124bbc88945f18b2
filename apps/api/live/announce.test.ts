import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backends, createWorld, type World } from '../../../test/support/world.ts';
import { announcing } from './announce.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld(backends[0] ?? 'postgresql');
});
afterAll(() => world.close());

test('what is announced is done with all that it was called with', async () => {
  const { projectId, runs } = world;
  const run = await world.submit({
    datasetId: await world.seedDataset(3),
    target: { kind: 'recorded', recordingId: await world.seedRecording(3) },
  });
  const announced: string[] = [];
  const orders: unknown[] = [];
  const announcingRuns = announcing(
    {
      ...runs,
      retry: async (...order) => {
        orders.push(order);
        return run;
      },
    },
    (runId) => announced.push(runId),
  );
  const how = { maxCostUsd: 5, errorClasses: ['timeout' as const] };
  await announcingRuns.retry(projectId, run.id, how);
  expect(orders).toEqual([[projectId, run.id, how]]);
  expect(await announcingRuns.update(projectId, run.id, { name: 'renamed' })).toMatchObject({
    name: 'renamed',
  });
  expect(announced).toEqual([run.id, run.id]);
});
