import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { metricDescription, page, score } from '#libs/contracts';
import { metricCatalogue } from '#libs/metrics';
import { refusal, startTestApi, type TestApi } from './api.ts';

describe('the catalogue of metrics', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.close());

  const list = async (query = '') =>
    page(metricDescription).parse((await api.call('GET', `/api/v1/metrics${query}`)).json).items;

  test('is served whole, in its order, each with what a form needs', async () => {
    const served = await list();
    expect(served.map(({ name }) => name)).toEqual([...metricCatalogue.keys()]);
    expect(served.find(({ name }) => name === 'regex_match')).toMatchObject({
      kind: 'boolean',
      range: { min: 0, max: 1 },
      direction: 'higher',
      config: {
        type: 'object',
        required: ['pattern'],
        additionalProperties: false,
        properties: {
          pattern: { type: 'string', description: 'RE2 syntax' },
          ignoreCase: { type: 'boolean', default: false },
        },
      },
    });
  });

  test('is served by family, and one by one', async () => {
    const composite = await list('?family=composite');
    expect(composite.map(({ name }) => name)).toEqual([
      'all_of',
      'any_of',
      'negation',
      'weighted_sum',
    ]);
    const one = await api.call('GET', '/api/v1/metrics/all_of');
    expect(metricDescription.parse(one.json)).toEqual(composite[0]);
    const none = refusal(await api.call('GET', '/api/v1/metrics/nothing'));
    expect(none).toMatchObject({ status: 404, code: 'metric_not_found' });
  });

  const attempt = (metric: unknown, item: unknown, key?: string) =>
    api.call('POST', '/api/v1/metrics/try', {
      body: { metric, item },
      ...(key !== undefined && { key }),
    });

  test('lets one item be scored without a run', async () => {
    const right = await attempt({ metric: 'exact_match' }, { output: 'a', expected: 'a' });
    expect(score.parse(right.json)).toEqual({ name: 'exact_match', value: true, passed: true });
    const usage = { latencyMs: 1200 };
    const slow = await attempt(
      { metric: 'latency_ms', name: 'slow', threshold: 1000 },
      { output: 'a', usage },
    );
    expect(score.parse(slow.json)).toMatchObject({ name: 'slow', value: 1200, passed: false });
    const open = await attempt({ metric: 'exact_match' }, { output: 'a' });
    expect(score.parse(open.json)).toMatchObject({ value: null, notApplicable: true });
  });

  test('says which part of the metric is wrong', async () => {
    const config = { pattern: '(?=a)' };
    const refused = refusal(await attempt({ metric: 'regex_match', config }, { output: 'a' }));
    expect(refused).toMatchObject({
      status: 400,
      code: 'invalid_metric',
      errors: [{ field: 'metric.config.pattern' }],
    });
  });

  test('is tried by editors, and read by viewers', async () => {
    const { key } = await api.newKey('viewer');
    expect((await api.call('GET', '/api/v1/metrics', { key })).status).toBe(200);
    const tried = await attempt({ metric: 'exact_match' }, { output: 'a', expected: 'a' }, key);
    expect(tried.status).toBe(403);
  });
});
