import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Run } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { seededModels, seedRuns, type SeededRuns } from '../support/seed-runs.ts';
import { backends, createWorld, type World } from '../support/world.ts';

type Query = Parameters<World['list']>[0];

const COUNT = 400;

describe('the list of runs', () => {
  let world: World;
  let seeded: SeededRuns;
  let keys: string[];

  beforeAll(async () => {
    world = await createWorld(backends[0] ?? 'postgresql');
    keys = [uuid(), uuid(), uuid()];
    await world.database.query(sql`
      insert into api_keys (id, project_id, name, role, hash)
      select id, ${world.projectId}, 'key ' || place, 'editor', id::text
      from unnest(${keys}::uuid[]) with ordinality as k (id, place)`);
    const { projectId } = world;
    seeded = await seedRuns(world.database, { projectId, count: COUNT, createdBy: keys });
    // Another project's runs are never among them.
    await seedRuns(world.database, { projectId: uuid(), count: 20 });
  });
  afterAll(() => world.close());

  /** Everything that a query lists, page by page. */
  async function all(query: Query): Promise<Run[]> {
    const runs: Run[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.list({ limit: 37, ...query, cursor });
      runs.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(runs.length);
    return runs;
  }
  const numberOf = (run: Run): number => seeded.runIds.indexOf(run.id);
  const numbers = async (query: Query): Promise<number[]> => (await all(query)).map(numberOf);
  const where = (holds: (n: number) => boolean): number[] =>
    Array.from({ length: COUNT }, (_, n) => n).filter(holds);
  const stateOf = (n: number): Run['state'] =>
    n % 25 === 24 ? 'canceled' : n % 10 === 9 ? 'failed' : 'completed';
  const meanOf = (n: number): number => ((n * 7919) % 1000) / 1000;
  const completed = (n: number): boolean => stateOf(n) === 'completed';

  const filters: [string, () => Query, (n: number) => boolean][] = [
    ['one state', () => ({ state: 'failed' }), (n) => stateOf(n) === 'failed'],
    ['states', () => ({ state: ['failed', 'canceled'] }), (n) => !completed(n)],
    ['a dataset', () => ({ datasetId: seeded.datasetIds[1] ?? '' }), (n) => n % 4 === 1],
    ['datasets', () => ({ datasetId: seeded.datasetIds.slice(0, 2) }), (n) => n % 4 < 2],
    ['a kind of target', () => ({ target: ['model'] }), () => true],
    ['another kind of target', () => ({ target: ['http', 'client'] }), () => false],
    ['a model', () => ({ model: seededModels[3] ?? '' }), (n) => n % 5 === 3],
    ['models', () => ({ model: seededModels.slice(0, 2) }), (n) => n % 5 < 2],
    ['a tag', () => ({ tag: 'release' }), (n) => n % 50 === 0],
    ['tags', () => ({ tag: ['release', 'nightly'] }), (n) => n % 4 === 0 || n % 50 === 0],
    ['whose key made them', () => ({ createdBy: keys[2] ?? '' }), (n) => n % 3 === 2],
    ['a part of the name', () => ({ name: '0007' }), (n) => n === 7 || (n >= 70 && n < 80)],
    ['a part of the name in capitals', () => ({ name: 'RUN 0001' }), (n) => n >= 10 && n < 20],
    ['nothing but the name', () => ({ name: '100% _' }), () => false],
    ['a least mean', () => ({ mean: 'accuracy:0.9:' }), (n) => completed(n) && meanOf(n) >= 0.9],
    [
      'ranges of means',
      () => ({ mean: ['accuracy:0.25:0.75', 'brevity::0.5'] }),
      (n) => completed(n) && meanOf(n) >= 0.5 && meanOf(n) <= 0.75,
    ],
    ['a mean that none has', () => ({ mean: 'fluency:0:' }), () => false],
    [
      'all of it',
      () => ({
        state: 'completed',
        model: seededModels[0] ?? '',
        tag: 'nightly',
        name: 'of gsm8k',
      }),
      (n) => completed(n) && n % 5 === 0 && n % 4 === 0,
    ],
    ['ids', () => ({ id: [seeded.runIds[9] ?? '', uuid()], state: 'failed' }), (n) => n === 9],
  ];
  test.each(filters)(
    'filters by %s, newest first, and counts the same',
    async (_, query, holds) => {
      const expected = where(holds);
      expect(await numbers(query())).toEqual(expected);
      const { projectId, runs } = world;
      const filter = { deleted: undefined, ...(await parsed(query())) };
      expect(await runs.count(projectId, filter)).toEqual({ count: expected.length, more: false });
    },
  );

  /** As the API reads it. */
  const parsed = async (query: Query) => {
    const { runListOperations } = await import('#libs/contracts');
    return runListOperations.countRuns.query.parse(query);
  };

  test('filters by when they were made', async () => {
    const [tenth] = (await all({})).slice(10);
    const at = tenth?.createdAt ?? '';
    // Text has milliseconds, the column microseconds.
    const after = new Date(Date.parse(at) + 1).toISOString();
    expect(await numbers({ createdFrom: at })).toEqual(where((n) => n <= 10));
    expect(await numbers({ createdFrom: after })).toEqual(where((n) => n < 10));
    expect(await numbers({ createdTo: after })).toEqual(where((n) => n >= 10));
  });

  const byKey = (key: (n: number) => number | string, among: (n: number) => boolean = () => true) =>
    where(among).toSorted((a, b) => {
      const [one, other] = [key(a), key(b)];
      // Of two that are alike, the older id comes first.
      return one < other ? -1 : one > other ? 1 : b - a;
    });
  const sorts: [Query, number[]][] = [
    [{ sort: 'created' }, where(() => true).toReversed()],
    [{ sort: 'name' }, byKey((n) => n)],
    [{ sort: 'duration' }, byKey((n) => n % 97)],
    [{ sort: 'finished' }, where(() => true).toReversed()],
    [{ sort: 'mean', metric: 'accuracy' }, byKey(meanOf, completed)],
    [
      { sort: 'mean', metric: 'brevity', model: seededModels[1] },
      byKey(
        (n) => 1 - meanOf(n),
        (n) => completed(n) && n % 5 === 1,
      ),
    ],
  ];
  test.each(sorts)('is ordered on the server by %p, both ways', async (query, ascending) => {
    expect(await numbers({ ...query, order: 'asc' })).toEqual(ascending);
    expect(await numbers({ ...query, order: 'desc' })).toEqual(ascending.toReversed());
  });

  test('what a list refuses, it refuses with the field and the remedy', async () => {
    await expect(world.list({ sort: 'mean' })).rejects.toMatchObject({
      code: 'metric_missing',
      errors: [{ field: 'metric' }],
    });
    const { nextCursor } = await world.list({ limit: 5, sort: 'name' });
    const cursor = nextCursor ?? '';
    for (const other of [{}, { sort: 'name', order: 'asc' }, { sort: 'duration' }] as const) {
      await expect(world.list({ ...other, cursor })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    }
  });

  test('offers what there is to choose from', async () => {
    const facets = await world.runs.facets(world.projectId);
    expect(facets.datasets.map(({ id }) => id).toSorted()).toEqual(seeded.datasetIds.toSorted());
    expect(facets).toMatchObject({
      models: seededModels.toSorted(),
      tags: ['nightly', 'release'],
      createdBy: keys.map((keyId, at) => ({ keyId, name: `key ${at + 1}` })),
      metrics: ['accuracy', 'brevity'],
    });
    expect(await world.runs.facets(uuid())).toEqual({
      datasets: [],
      models: [],
      tags: [],
      createdBy: [],
      metrics: [],
    });
  });
});
