import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { comparison, comparisonDistribution } from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { startTestApi, type TestApi } from './api.ts';

describe('comparisons over HTTP', () => {
  let api: TestApi;
  let editor: { key: string; projectId: string };
  let viewer: string;
  beforeAll(async () => {
    api = await startTestApi();
    editor = await api.newKey('editor');
    viewer = (await api.newKey('viewer', editor.projectId)).key;
  });
  afterAll(() => api.close());

  /** A completed run of so many items, of which every n-th passed; as workers would have left it. */
  const seedRun = async (
    versionId: string,
    datasetId: string,
    { items, every }: { items: number; every: number },
  ): Promise<string> => {
    const id = uuid();
    await api.database.query(sql`
      insert into evaluation_runs (id, project_id, name, state, dataset_id, dataset_version_id, target,
        metrics, repeats, concurrency, total, done, batch_size, batch_window)
      values (${id}, ${editor.projectId}, ${`every ${every}`}, 'completed', ${datasetId}, ${versionId},
        ${JSON.stringify({ kind: 'recorded', recordingId: uuid() })}::json,
        '[{"metric": "exact_match", "name": "accuracy"}]'::json, 1, 10, ${items}, ${items}, 100, 10)`);
    await api.database.query(sql`
      insert into evaluation_items (run_id, no, key, repeat, status, attempt, output)
      select ${id}, i, 'item-' || i, 0, 'completed', 1, '"x"' from generate_series(0, ${items - 1}) i`);
    await api.database.query(sql`
      insert into scores (run_id, no, metric, outcome, value, passed)
      select ${id}, i, 0, 'scored', case when i % ${every} = 0 then 1 else 0 end, i % ${every} = 0
      from generate_series(0, ${items - 1}) i`);
    return id;
  };

  const seedRuns = async (items: number): Promise<[string, string]> => {
    const [datasetId, versionId] = [uuid(), uuid()];
    await api.database.query(sql`
      insert into datasets (id, project_id, name) values (${datasetId}, ${editor.projectId}, 'items')`);
    await api.database.query(sql`
      insert into dataset_versions (id, dataset_id, version, item_count)
      values (${versionId}, ${datasetId}, 1, ${items})`);
    await api.database.query(sql`
      insert into dataset_items (version_id, position, key, input)
      select ${versionId}, i, 'item-' || i, '1' from generate_series(0, ${items - 1}) i`);
    return [
      await seedRun(versionId, datasetId, { items, every: 3 }),
      await seedRun(versionId, datasetId, { items, every: 2 }),
    ];
  };

  test('small runs are compared within the request, and the same question has one answer', async () => {
    const [run1, run2] = await seedRuns(120);
    const path = `/api/v1/runs/compare?run1=${run1}&run2=${run2}`;
    const answer = await api.call('GET', path, { key: viewer });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('retry-after')).toBeNull();
    const first = comparison.parse(answer.json);
    expect(first.result?.candidates[0]?.metrics[0]).toMatchObject({
      metric: 'accuracy',
      pairing: { paired: 120 },
      wins: 40,
      losses: 20,
    });
    const posted = await api.call('POST', '/api/v1/comparisons', {
      key: viewer,
      body: { baselineRunId: run1, candidateRunIds: [run2] },
    });
    expect(comparison.parse(posted.json).id).toBe(first.id);
    const list = await api.call('GET', `/api/v1/comparisons?runId=${run2}`, { key: viewer });
    expect(list.json).toMatchObject({
      items: [{ id: first.id, verdicts: [{ runId: run2, metric: 'accuracy', outcome: 'better' }] }],
      nextCursor: null,
    });
    const items = await api.call(
      'GET',
      `/api/v1/comparisons/${first.id}/items?metric=accuracy&kind=improvements&limit=5`,
      { key: viewer },
    );
    expect(items.status).toBe(200);
    expect(items.json).toHaveProperty('items.length', 5);
  });

  test('how the scores of two runs lie is answered for numbers, and by name where they are few', async () => {
    const [run1, run2] = await seedRuns(120);
    const { id } = comparison.parse(
      (await api.call('GET', `/api/v1/runs/compare?run1=${run1}&run2=${run2}`, { key: viewer }))
        .json,
    );
    const path = `/api/v1/comparisons/${id}/distribution`;
    const answer = await api.call('GET', `${path}?metric=accuracy`, { key: viewer });
    expect(answer.status).toBe(200);
    const drawn = comparisonDistribution.parse(answer.json);
    expect(drawn).toMatchObject({ metric: 'accuracy', candidateRunId: run2, n: 120, same: 60 });
    const count = (bins: typeof drawn.bins): number =>
      bins.reduce((sum, bin) => sum + bin.count, 0);
    expect(count(drawn.bins.filter(({ high }) => high !== null && high <= 0))).toBe(20);
    expect(count(drawn.bins.filter(({ low }) => low !== null && low >= 0))).toBe(40);
    expect(drawn.points).toContainEqual({ key: 'item-3', repeat: 0, baseline: 1, candidate: 0 });
    expect(drawn.points).toHaveLength(120);
    const unknown = await api.call('GET', `${path}?metric=fluency`, { key: viewer });
    expect([unknown.status, unknown.json]).toMatchObject([400, { errors: [{ field: 'metric' }] }]);
    const other = await api.call('GET', `${path}?metric=accuracy&candidateRunId=${run1}`, {
      key: viewer,
    });
    expect([other.status, other.json]).toMatchObject([
      400,
      { errors: [{ field: 'candidateRunId' }] },
    ]);
  });

  test('more pairs than can be shown one by one are counted in cells', async () => {
    const [run1, run2] = await seedRuns(1_200);
    const { id } = comparison.parse(
      (await api.call('GET', `/api/v1/runs/compare?run1=${run1}&run2=${run2}`, { key: viewer }))
        .json,
    );
    const answer = await api.call('GET', `/api/v1/comparisons/${id}/distribution?metric=accuracy`, {
      key: viewer,
    });
    const { points, cells } = comparisonDistribution.parse(answer.json);
    expect(points).toBeNull();
    // Yes or no on either side makes four of them; every third against every second.
    expect(cells?.counts.map(({ count }) => count)).toEqual([400, 400, 200, 200]);
  });

  test('the item of one key is found in a run', async () => {
    const [run1] = await seedRuns(120);
    const answer = await api.call('GET', `/api/v1/runs/${run1}/items?key=item-7`, { key: viewer });
    expect(answer.json).toMatchObject({ items: [{ no: 7, key: 'item-7' }], nextCursor: null });
    const none = await api.call('GET', `/api/v1/runs/${run1}/items?key=item-700`, { key: viewer });
    expect(none.json).toEqual({ items: [], nextCursor: null });
  });

  test('large ones are answered with 202 and when to ask again', async () => {
    const [run1, run2] = await seedRuns(11_000);
    const answer = await api.call('GET', `/api/v1/runs/compare?run1=${run1}&run2=${run2}`, {
      key: viewer,
    });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('retry-after')).toBe('1');
    const { id, state, result } = comparison.parse(answer.json);
    expect({ state, result }).toEqual({ state: 'queued', result: null });
    const again = await api.call('GET', `/api/v1/comparisons/${id}`, { key: viewer });
    expect(again.status).toBe(202);
  });

  test.each([
    [{ baselineRunId: 'x', candidateRunIds: [uuid()] }, 'baselineRunId'],
    [{ baselineRunId: uuid(), candidateRunIds: [] }, 'candidateRunIds'],
    [
      { baselineRunId: uuid(), candidateRunIds: Array.from({ length: 21 }, () => uuid()) },
      'candidateRunIds',
    ],
    [{ baselineRunId: uuid(), candidateRunIds: [uuid()], confidence: 95 }, 'confidence'],
    [{ baselineRunId: uuid(), candidateRunIds: [uuid()], margins: { a: 0 } }, 'margins.a'],
    [{ baselineRunId: uuid(), candidateRunIds: [uuid()], sliceBy: ['topic'] }, 'sliceBy.0'],
    [{ baselineRunId: uuid(), candidateRunIds: [uuid()], filter: {} }, 'filter'],
    [{ baselineRunId: uuid(), candidateRunIds: [uuid()], clusterBy: 'source' }, 'clusterBy'],
  ])('%j is refused by field', async (body, field) => {
    const answer = await api.call('POST', '/api/v1/comparisons', { key: viewer, body });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ field })]),
    });
  });

  test('another project sees neither runs nor comparison', async () => {
    const [run1, run2] = await seedRuns(20);
    const mine = comparison.parse(
      (await api.call('GET', `/api/v1/runs/compare?run1=${run1}&run2=${run2}`, { key: viewer }))
        .json,
    );
    const { key } = await api.newKey('admin');
    for (const path of [
      `/api/v1/runs/compare?run1=${run1}&run2=${run2}`,
      `/api/v1/comparisons/${mine.id}`,
      `/api/v1/comparisons/${mine.id}/items?metric=accuracy`,
      `/api/v1/comparisons/${mine.id}/distribution?metric=accuracy`,
    ]) {
      expect((await api.call('GET', path, { key })).status).toBe(404);
    }
    const same = await api.call('GET', `/api/v1/runs/compare?run1=${run1}&run2=${run1}`, {
      key: viewer,
    });
    expect([same.status, same.json]).toMatchObject([400, { code: 'same_run' }]);
  });
});
