import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EvaluationItem, Run } from '#libs/contracts';
import { encodeCursor } from '#libs/paging';
import { backends, createWorld, type World } from '../support/world.ts';

type Query = Parameters<World['runs']['listItems']>[2];

describe('reading runs and items', () => {
  let world: World;
  let run: Run;
  let recordingId: string;
  beforeAll(async () => {
    world = await createWorld(backends[0] ?? 'postgresql');
    await world.startWorker();
    const datasetId = await world.seedDataset(60);
    // Ever longer outputs are ever less like their number; every tenth is missing.
    recordingId = await world.seedRecording(60, (i) =>
      i % 10 === 9 ? undefined : `${i}${'x'.repeat(i % 7)}`,
    );
    const submitted = await world.submit({
      datasetId,
      target: { kind: 'recorded', recordingId },
      metrics: [{ metric: 'levenshtein_similarity', name: 'like' }, { metric: 'exact_match' }],
    });
    run = await world.waitForState(submitted.id, 'completed');
  });
  afterAll(() => world.close());

  const allItems = async (query: Partial<Query>): Promise<EvaluationItem[]> => {
    const items: EvaluationItem[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.runs.listItems(world.projectId, run.id, {
        sort: 'position',
        limit: 7,
        ...query,
        ...(cursor !== undefined && { cursor }),
      });
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return items;
  };
  const likeOf = (item: EvaluationItem): number => Number(item.scores[0]?.value);

  test('items come page by page in the order of the dataset, each once', async () => {
    const items = await allItems({});
    expect(items.map(({ no }) => no)).toEqual(Array.from({ length: 60 }, (_, no) => no));
    const failed = await allItems({ status: 'failed' });
    expect(failed.map(({ key }) => key)).toEqual([9, 19, 29, 39, 49, 59].map((i) => `item-${i}`));
  });

  test('all items with a metric under a bound, worst first, and best first, page by page', async () => {
    const scored = (await allItems({})).filter(({ status }) => status === 'completed');
    const low = scored.filter((item) => likeOf(item) <= 0.5);
    const worst = await allItems({ metric: 'like', max: 0.5, sort: 'worst' });
    expect(worst.map(likeOf)).toEqual(low.map(likeOf).toSorted((a, b) => a - b));
    expect(new Set(worst.map(({ no }) => no))).toEqual(new Set(low.map(({ no }) => no)));
    const best = await allItems({ metric: 'like', min: 0.3, sort: 'best' });
    expect(best.map(likeOf)).toEqual(
      scored
        .map(likeOf)
        .filter((value) => value >= 0.3)
        .toSorted((a, b) => b - a),
    );
  });

  test('a cursor of another order, or one made by hand, is refused', async () => {
    const query = { metric: 'like', sort: 'worst', limit: 2 } as const;
    const { nextCursor } = await world.runs.listItems(world.projectId, run.id, query);
    const cursor = nextCursor ?? '';
    const list = (other: Query) => world.runs.listItems(world.projectId, run.id, other);
    await expect(list({ ...query, cursor })).resolves.toMatchObject({ items: [{}, {}] });
    for (const other of [
      { sort: 'position', limit: 2, cursor },
      { ...query, sort: 'best', cursor },
      { ...query, metric: 'exact_match', cursor },
      { ...query, cursor: encodeCursor({ no: 2 ** 40, value: 1, by: 'like/worst' }) },
    ] as const) {
      await expect(list(other)).rejects.toMatchObject({ code: 'invalid_cursor' });
    }
    for (const createdAt of ['banana', '', '2026-99-99 00:00:00+00', 'a\u0000']) {
      const cursor = encodeCursor({ place: createdAt, id: run.id, by: 'created/desc/' });
      await expect(world.list({ cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    }
  });

  test('sorting and bounds ask for a metric, and name those that there are', async () => {
    const list = (query: Partial<Query>) =>
      world.runs.listItems(world.projectId, run.id, { sort: 'position', limit: 5, ...query });
    await expect(list({ sort: 'worst' })).rejects.toMatchObject({ code: 'metric_missing' });
    await expect(list({ max: 1 })).rejects.toMatchObject({ code: 'metric_missing' });
    await expect(list({ metric: 'lik' })).rejects.toThrow('it has like, exact_match');
  });

  test('runs come newest first, page by page, by state and by dataset', async () => {
    const more: Run[] = [];
    for (let i = 0; i < 4; i += 1) {
      const { datasetId } = run;
      const target = { kind: 'recorded', recordingId } as const;
      more.push(await world.submit({ datasetId, target, name: `more ${i}` }));
    }
    for (const { id } of more) await world.waitForState(id, 'completed');
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.list({
        limit: 2,
        state: 'completed',
        datasetId: run.datasetId,
        ...(cursor !== undefined && { cursor }),
      });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(ids).toEqual([...more.toReversed().map(({ id }) => id), run.id]);
    await expect(world.list({ state: 'failed' })).resolves.toEqual({ items: [], nextCursor: null });
  });
});
