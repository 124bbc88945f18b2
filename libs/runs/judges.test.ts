import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RequestError, type MetricSpec } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { createWorld, type World } from '#test/world';

let world: World;
let datasetId = '';
beforeAll(async () => {
  world = await createWorld('postgresql');
  datasetId = await world.seedDataset(1);
  await world.database.query(sql`
    insert into providers (id, project_id, name, kind)
    values (${uuid()}, ${world.projectId}, 'main', 'openai')`);
});
afterAll(async () => world.close());

const submit = async (metrics: MetricSpec[]) =>
  world.submit({
    datasetId,
    target: { kind: 'model', provider: 'main', model: 'm-1', prompt: { text: '{{ input }}' } },
    metrics,
  });
const judge = (provider: string) => ({
  metric: 'closed_qa',
  config: { model: { provider, model: 'm-1' } },
});
const within = (provider: string): MetricSpec => ({
  metric: 'all_of',
  config: { metrics: [{ metric: 'contains', config: { values: ['a'] } }, judge(provider)] },
});

test.each<[string, MetricSpec[], string]>([
  ['alone', [judge('main'), { ...judge('other'), name: 'b' }], 'metrics.1.config.model.provider'],
  ['within others', [within('other')], 'metrics.0.config.metrics.1.config.model.provider'],
])('a run whose judges, %s, ask a provider that its project lacks is refused', async (...given) => {
  const [, metrics, field] = given;
  const refused = await submit(metrics).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RequestError);
  expect(refused).toMatchObject({
    code: 'provider_not_found',
    errors: [{ field, message: 'names no provider of this project' }],
  });
});

test('a run whose judges ask providers of its project is taken', async () => {
  const run = await submit([judge('main'), within('main')]);
  expect(run.metrics).toMatchObject([judge('main'), within('main')]);
});
