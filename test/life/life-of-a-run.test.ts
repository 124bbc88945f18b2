import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '#libs/database';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('the life of a run on %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(kind);
    await world.startWorker();
  });
  afterAll(() => world.close());

  test('a submitted run is worked on to its end, every item exactly once, counters exact', async () => {
    const datasetId = await world.seedDataset(1_000);
    const recordingId = await world.seedRecording(1_000, (i) => (i % 4 === 0 ? 'no' : String(i)));
    const submitted = await world.submit({ datasetId, target: { kind: 'recorded', recordingId } });
    expect(submitted).toMatchObject({ state: 'queued', total: 1_000, done: 0 });

    const run = await world.waitForState(submitted.id, 'completed');

    expect(run).toMatchObject({ done: 1_000, failed: 0 });
    expect(run.summary).toEqual([
      { name: 'exact_match', n: 1_000, mean: 0.75, errors: 0, notApplicable: 0 },
    ]);
    const [counts] = await world.database.query<{
      items: number;
      keys: number;
      scores: number;
    }>(sql`
      select (select count(*)::int from evaluation_items where run_id = ${run.id}) as items,
        (select count(distinct key)::int from evaluation_items where run_id = ${run.id}) as keys,
        (select count(*)::int from scores where run_id = ${run.id}) as scores`);
    expect(counts).toEqual({ items: 1_000, keys: 1_000, scores: 1_000 });
    const { items: metrics } = await world.runs.listMetrics(world.projectId, run.id);
    expect(metrics).toMatchObject([
      { name: 'exact_match', metric: 'exact_match', n: 1_000, mean: 0.75, min: 0, max: 1, p50: 1 },
    ]);
  });
});
