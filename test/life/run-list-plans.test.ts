import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { operations } from '#libs/contracts';
import { sql, uuid, type Database } from '#libs/database';
import { createRuns, type Runs } from '#libs/runs';
import { seededModels, seedRuns, type SeededRuns } from '../support/seed-runs.ts';
import { backends, createWorld, type World } from '../support/world.ts';

type Query = Parameters<World['list']>[0];

/** With 10,000 runs in the project, and as many in others. */
describe('what the list of runs asks the database', () => {
  let world: World;
  let seeded: SeededRuns;
  let watched: Runs;
  const keys = [uuid(), uuid(), uuid()];
  let plans: string[] = [];

  beforeAll(async () => {
    world = await createWorld(backends[0] ?? 'postgresql');
    const { database, projectId } = world;
    for (let other = 0; other < 5; other += 1) {
      await seedRuns(database, { projectId: uuid(), count: 2_000 });
    }
    seeded = await seedRuns(database, { projectId, count: 10_000, createdBy: keys });
    await database.query(sql`vacuum analyze`);
    const query: Database['query'] = async (statement) => {
      const plan = await database.query<{ 'QUERY PLAN': string }>(
        sql`explain (analyze, buffers off) ${statement}`,
      );
      plans.push(plan.map((line) => line['QUERY PLAN']).join('\n'));
      return database.query(statement);
    };
    watched = createRuns({
      ...world.context,
      database: {
        ...database,
        em: database.em,
        query,
        queryOne: async (statement) => (await query(statement))[0],
      },
    });
  }, 60_000);
  afterAll(() => world.close());

  async function planOf(ask: () => Promise<unknown>): Promise<string> {
    plans = [];
    await ask();
    if (process.env.SHOW_PLANS) process.stderr.write(`${plans.join('\n')}\n\n`);
    return plans.join('\n');
  }

  const filters: [string, () => Query][] = [
    ['nothing', () => ({})],
    ['a state', () => ({ state: 'canceled' })],
    ['states', () => ({ state: ['canceled', 'failed'] })],
    ['a state that none has', () => ({ state: 'running' })],
    ['a dataset', () => ({ datasetId: seeded.datasetIds[1] ?? '' })],
    ['a kind of target', () => ({ target: 'http' })],
    ['a model', () => ({ model: seededModels[0] ?? '' })],
    ['models', () => ({ model: seededModels.slice(0, 2) })],
    ['a model that none has', () => ({ model: 'none' })],
    ['tags', () => ({ tag: ['release', 'none'] })],
    ['a tag that none has', () => ({ tag: 'none' })],
    ['whose key made them', () => ({ createdBy: keys[0] ?? '' })],
    ['a part of the name', () => ({ name: '0999' })],
    ['a name that none has', () => ({ name: 'none' })],
    ['a range of means', () => ({ mean: 'accuracy:0.99:' })],
    ['a range of means that none has', () => ({ mean: 'accuracy:2:' })],
    ['when they were made', () => ({ createdTo: new Date(Date.now() - 9e8).toISOString() })],
    ['all of it', () => ({ state: 'completed', model: 'gpt-5', tag: 'nightly', name: '1 of' })],
  ];
  const orders: Query[] = [
    {},
    { sort: 'name', order: 'asc' },
    { sort: 'finished' },
    { sort: 'duration' },
    { sort: 'mean', metric: 'accuracy' },
  ];
  const lists = filters.flatMap(([what, query]) =>
    orders.map((order): [string, Query, () => Query] => [what, order, query]),
  );
  test.each(lists)('by %s in the order %j, it reads by an index', async (_, order, query) => {
    const list = (more: Query) =>
      watched.list(
        world.projectId,
        operations.listRuns.query.parse({ limit: 100, ...query(), ...order, ...more }),
      );
    let cursor: string | undefined;
    const plan = await planOf(async () => {
      cursor = (await list({})).nextCursor ?? undefined;
    });
    expect(plan).not.toMatch(/Seq Scan on (?:evaluation_runs|run_metrics|run_metric_sums)/);
    if (cursor === undefined) return;
    const next = await planOf(() => list({ cursor }));
    expect(next).not.toMatch(/Seq Scan on (?:evaluation_runs|run_metrics|run_metric_sums)/);
  });

  test('finds what there is to choose from by an index', async () => {
    const plan = await planOf(() => watched.facets(world.projectId));
    expect(plan).not.toMatch(/Seq Scan on (?:evaluation_runs|run_metrics)/);
  });
});
