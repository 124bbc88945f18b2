import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RequestError, type SubmitRun } from '#libs/contracts';
import { sql } from '#libs/database';
import { backends, createWorld, type World } from '../support/world.ts';

describe('a run on a part of a dataset', () => {
  let world: World;
  let datasetId: string;
  let target: SubmitRun['target'];
  beforeAll(async () => {
    world = await createWorld(backends[0] ?? 'postgresql');
    await world.startWorker();
    datasetId = await world.seedDataset(30);
    await world.database.query(sql`
      update dataset_items set
        split = case when position % 3 = 0 then 'test' else 'train' end,
        tags = case when position % 2 = 0 then array['even'] else array['odd', 'strange'] end`);
    const recordingId = await world.seedRecording(30, (i) => (i === 27 ? undefined : String(i)), 2);
    target = { kind: 'recorded', recordingId };
  });
  afterAll(() => world.close());

  const submit = (filter: SubmitRun['filter'], repeats = 1) =>
    world.submit({ datasetId, target, repeats, ...(filter && { filter }) });
  const keysOf = async (runId: string) => {
    const query = { sort: 'position' as const, limit: 200 };
    const { items } = await world.runs.listItems(world.projectId, runId, query);
    return items.map(({ key, repeat }) => `${key}/${repeat}`);
  };
  const where = (accept: (index: number) => boolean, repeats = 1) =>
    Array.from({ length: 30 }, (_, index) => index)
      .filter(accept)
      .flatMap((index) =>
        Array.from({ length: repeats }, (_, repeat) => `item-${index}/${repeat}`),
      );

  test.each<[string, SubmitRun['filter'], (index: number) => boolean]>([
    ['a split', { splits: ['test'] }, (i) => i % 3 === 0],
    ['any of several splits', { splits: ['test', 'train'] }, () => true],
    ['any of several tags', { tags: ['strange', 'none'] }, (i) => i % 2 === 1],
    ['keys', { keys: ['item-4', 'item-2', 'nothing'] }, (i) => i === 2 || i === 4],
    ['all that is given', { splits: ['test'], tags: ['even'] }, (i) => i % 3 === 0 && i % 2 === 0],
  ])('holds the items of %s, in their order', async (_, filter, accept) => {
    const run = await submit(filter);
    expect(run).toMatchObject({ filter, total: where(accept).length });
    const done = await world.waitForState(run.id, 'completed');
    expect(done.done).toBe(run.total);
    expect(await keysOf(run.id)).toEqual(where(accept));
  });

  test('repeats them, and retries what failed of them', async () => {
    const run = await submit({ splits: ['test'] }, 2);
    await world.waitForState(run.id, 'completed');
    expect(await keysOf(run.id)).toEqual(where((i) => i % 3 === 0, 2));
    const failed = { status: 'failed' as const, sort: 'position' as const, limit: 10 };
    const listFailed = () => world.runs.listItems(world.projectId, run.id, failed);
    expect((await listFailed()).items.map(({ key }) => key)).toEqual(['item-27', 'item-27']);
    await world.runs.retry(world.projectId, run.id);
    await world.waitForState(run.id, 'completed');
    expect((await listFailed()).items.map(({ attempt }) => attempt)).toEqual([2, 2]);
  });

  test('that no item belongs to is refused, and leaves nothing behind', async () => {
    const selections = () =>
      world.database.queryOne(sql`select count(*)::int as count from run_selections`);
    const before = await selections();
    const refused = submit({ splits: ['test'], keys: ['item-1'] });
    await expect(refused).rejects.toMatchObject({ code: 'filter_empty' });
    await expect(refused).rejects.toBeInstanceOf(RequestError);
    expect(await selections()).toEqual(before);
  });
});
