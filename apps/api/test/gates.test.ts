import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  baseline,
  comparison,
  pinnedBaseline,
  gate,
  gateCheck,
  gateResult,
  page,
  type GateCheck,
} from '#libs/contracts';
import { sql, uuid } from '#libs/database';
import { refusal, startTestApi, withId, type Answer, type TestApi } from './api.ts';

const results = page(gateResult);

describe('baselines and gates over HTTP', () => {
  let api: TestApi;
  let editor: { key: string; projectId: string };
  let viewer: string;
  beforeAll(async () => {
    api = await startTestApi();
    editor = await api.newKey('editor');
    viewer = (await api.newKey('viewer', editor.projectId)).key;
  });
  afterAll(() => api.close());

  const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
    api.call(method, `/api/v1${path}`, { key: editor.key, ...(body !== undefined && { body }) });
  const newGate = async (body: object): Promise<string> => {
    const answer = await call('POST', '/gates', { name: 'release', ...body });
    expect(answer.status).toBe(201);
    return gate.parse(answer.json).id;
  };

  const seedDataset = async (items: number): Promise<{ datasetId: string; versionId: string }> => {
    const [datasetId, versionId] = [uuid(), uuid()];
    await api.database.query(sql`
      insert into datasets (id, project_id, name) values (${datasetId}, ${editor.projectId}, 'items')`);
    await api.database.query(sql`
      insert into dataset_versions (id, dataset_id, version, item_count)
      values (${versionId}, ${datasetId}, 1, ${items})`);
    return { datasetId, versionId };
  };
  /** A run as workers would have left it, of which all items passed but the first so many. */
  const seedRun = async (
    { datasetId, versionId }: { datasetId: string; versionId: string },
    { items = 400, wrong = 0, cost = 0.001, state = 'completed' } = {},
  ): Promise<string> => {
    const id = uuid();
    await api.database.query(sql`
      insert into evaluation_runs (id, project_id, name, state, dataset_id, dataset_version_id,
        target, metrics, repeats, concurrency, total, done, batch_size, batch_window)
      values (${id}, ${editor.projectId}, ${`wrong ${wrong}`}, ${state}, ${datasetId}, ${versionId},
        ${JSON.stringify({ kind: 'recorded', recordingId: uuid() })}::json,
        '[{"metric": "exact_match", "name": "accuracy"}]'::json, 1, 10, ${items}, ${items}, 100, 10)`);
    await api.database.query(sql`
      insert into evaluation_items (run_id, no, key, repeat, status, attempt, output, cost_usd)
      select ${id}, i, 'item-' || i, 0, 'completed', 1, '"x"', ${cost}::float8 * (1 + i % 5)
      from generate_series(0, ${items - 1}) i`);
    await api.database.query(sql`
      insert into scores (run_id, no, metric, outcome, value, passed)
      select ${id}, i, 0, 'scored', case when i < ${wrong} then 0 else 1 end, i >= ${wrong}
      from generate_series(0, ${items - 1}) i`);
    return id;
  };

  const example = [
    { kind: 'difference', metric: 'accuracy', atMostWorse: 0.01, confidence: 0.95 },
    { kind: 'relative', metric: 'cost_usd', atMostWorse: 0.1, confidence: 0.95 },
  ];

  test('a baseline is pinned, replaced and unpinned', async () => {
    const dataset = await seedDataset(400);
    const path = `/datasets/${dataset.datasetId}/baseline`;
    expect(refusal(await call('GET', path))).toMatchObject({ status: 404, code: 'no_baseline' });
    const [first, second] = [await seedRun(dataset), await seedRun(dataset, { wrong: 3 })];
    const pinned = await call('POST', path, { runId: first });
    expect(pinned.status).toBe(200);
    expect(baseline.parse(pinned.json)).toMatchObject({ runId: first, datasetVersion: 1 });
    expect((await call('POST', path, { runId: first })).json).toEqual(pinned.json);
    await call('POST', path, { runId: second });
    const got = await api.call('GET', `/api/v1${path}`, { key: viewer });
    expect(got.json).toMatchObject({ runId: second, runName: 'wrong 3' });
    const inList = async () =>
      page(pinnedBaseline).parse(
        (await call('GET', `/baselines?datasetId=${dataset.datasetId}`)).json,
      ).items;
    expect(await inList()).toMatchObject([{ runId: second, held: [] }]);
    await call('DELETE', `/datasets/${dataset.datasetId}`);
    expect(await inList()).toMatchObject([{ runId: second }]);
    await call('POST', `/datasets/${dataset.datasetId}/restore`);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    // A list that has none is no error.
    expect(await inList()).toEqual([]);
  });

  test('baselines are listed with the runs that were held against them, and what came of it', async () => {
    const [older, newer] = [await seedDataset(400), await seedDataset(400)];
    const [first, second] = [await seedRun(older), await seedRun(newer)];
    await call('POST', `/datasets/${older.datasetId}/baseline`, { runId: first });
    await call('POST', `/datasets/${newer.datasetId}/baseline`, { runId: second });
    const gateId = await newGate({ rules: example });
    const held: string[] = [];
    for (const wrong of [1, 80, 2, 3, 4, 5]) {
      const run = await seedRun(older, { wrong });
      await check(gateId, run);
      held.unshift(run);
    }
    // Another question about a part of the items tells nothing here.
    const part = await call('POST', '/comparisons', {
      baselineRunId: first,
      candidateRunIds: held.slice(0, 1),
      filter: { tags: ['none'] },
    });
    expect(part.status).toBe(200);

    const list = async (query = '') =>
      page(pinnedBaseline).parse((await call('GET', `/baselines${query}`)).json);
    const all = await list();
    expect(all.items).toMatchObject([
      { datasetId: newer.datasetId, runId: second, held: [] },
      { datasetId: older.datasetId, runId: first, datasetName: 'items', runName: 'wrong 0' },
    ]);
    const [, pinned] = all.items;
    expect(pinned?.held.map(({ runId }) => runId)).toEqual(held.slice(0, 5));
    expect(pinned?.held[0]?.comparisonId).not.toBe(comparison.parse(part.json).id);
    expect(pinned?.held[4]).toMatchObject({
      runName: 'wrong 80',
      gates: [{ gateId, gateName: 'release', outcome: 'fail' }],
    });
    expect(pinned?.held[4]?.verdicts).toContainEqual({ metric: 'accuracy', outcome: 'worse' });

    await call('DELETE', `/runs/${held[0] ?? ''}`);
    const [, without] = (await list()).items;
    expect(without?.held.map(({ runId }) => runId)).toEqual(held.slice(1));
    const page1 = await list('?limit=1');
    const page2 = await list(`?limit=1&cursor=${page1.nextCursor ?? ''}`);
    expect([...page1.items, ...page2.items].map(({ datasetId }) => datasetId)).toEqual([
      newer.datasetId,
      older.datasetId,
    ]);
    expect(page2.nextCursor).toBeNull();
    await call('DELETE', `/datasets/${newer.datasetId}`);
    expect((await list()).items.map(({ datasetId }) => datasetId)).toEqual([older.datasetId]);
  });

  test('no run is pinned that cannot be a baseline', async () => {
    const [dataset, other] = [await seedDataset(5), await seedDataset(5)];
    const path = `/datasets/${dataset.datasetId}/baseline`;
    const refused = async (runId: string) => {
      const { status, code, errors } = refusal(await call('POST', path, { runId }));
      expect(errors).toMatchObject([{ field: 'runId' }]);
      return [status, code];
    };
    expect(await refused(uuid())).toEqual([404, 'run_not_found']);
    expect(await refused('nonsense')).toEqual([400, 'invalid_request']);
    expect(await refused(await seedRun(other, { items: 5 }))).toEqual([422, 'other_dataset']);
    const running = await seedRun(dataset, { items: 5, state: 'running' });
    expect(await refused(running)).toEqual([409, 'run_not_finished']);
    const deleted = await seedRun(dataset, { items: 5 });
    await call('DELETE', `/runs/${deleted}`);
    expect(await refused(deleted)).toEqual([409, 'run_deleted']);
    const run = await seedRun(dataset, { items: 5 });
    for (const key of [viewer, (await api.newKey('editor')).key]) {
      const answer = await api.call('POST', `/api/v1${path}`, { key, body: { runId: run } });
      expect(answer.status).toBe(key === viewer ? 403 : 404);
    }
  });

  test('a gate is made, listed page by page, changed and deleted', async () => {
    const { datasetId } = await seedDataset(1);
    const { key } = await api.newKey('editor');
    const mine = (method: string, path: string, body?: unknown) =>
      api.call(method, `/api/v1${path}`, { key, ...(body !== undefined && { body }) });
    const made = [];
    for (const name of ['a', 'b', 'c']) {
      const answer = await mine('POST', '/gates', { name, rules: example });
      made.push(gate.parse(answer.json));
    }
    expect(made[0]).toMatchObject({ name: 'a', datasetId: null, rules: example });
    const first = page(gate).parse((await mine('GET', '/gates?limit=2')).json);
    const rest = await mine('GET', `/gates?limit=2&cursor=${first.nextCursor ?? ''}`);
    expect([...first.items, ...page(gate).parse(rest.json).items]).toEqual(made.toReversed());
    const path = `/gates/${made[0]?.id ?? ''}`;
    const rules = [{ kind: 'value', metric: 'accuracy', min: 0.9 }];
    const changed = await mine('PATCH', path, { name: 'A', rules });
    expect(changed.json).toMatchObject({ name: 'A', rules: [{ min: 0.9, confidence: 0.95 }] });
    expect((await mine('GET', path)).json).toEqual(changed.json);
    expect((await mine('GET', `/gates?datasetId=${datasetId}`)).json).toMatchObject({
      items: [{ name: 'c' }, { name: 'b' }, { name: 'A' }],
    });
    expect((await mine('DELETE', path)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) {
      expect(refusal(await mine(method, path)).code).toBe('gate_not_found');
    }
    expect(refusal(await call('GET', `/gates/${made[1]?.id ?? ''}`)).code).toBe('gate_not_found');
    const foreign = refusal(await mine('POST', '/gates', { name: 'a', datasetId, rules: example }));
    expect(foreign).toMatchObject({ code: 'dataset_not_found', errors: [{ field: 'datasetId' }] });
  });

  test.each([
    [{ rules: [] }, 'rules'],
    [{ rules: [{ kind: 'value', metric: 'accuracy' }] }, 'rules.0.min'],
    [{ rules: [example[0], { kind: 'difference', metric: 'accuracy' }] }, 'rules.1.atMostWorse'],
    [{ rules: [{ ...example[0], confidence: 1 }] }, 'rules.0.confidence'],
    [{ rules: [{ ...example[0], kind: 'better' }] }, 'rules.0.kind'],
  ])('the gate %j is refused by field', async (body, field) => {
    const { status, errors } = refusal(await call('POST', '/gates', { name: 'wrong', ...body }));
    expect(status).toBe(400);
    expect(errors?.map((error) => error.field)).toContain(field);
  });

  const check = async (
    gateId: string,
    runId: string,
    baselineRunId?: string,
  ): Promise<GateCheck['result']> => {
    const body = { runId, ...(baselineRunId !== undefined && { baselineRunId }) };
    const answer = await call('POST', `/gates/${gateId}/check`, body);
    expect(answer.status).toBe(200);
    return gateCheck.parse(answer.json).result;
  };

  test('accuracy not worse by more than 1 point, cost at most +10 %: beside the pinned baseline', async () => {
    const dataset = await seedDataset(400);
    const gateId = await newGate({ datasetId: dataset.datasetId, rules: example });
    const pinned = await seedRun(dataset, { wrong: 4 });
    await call('POST', `/datasets/${dataset.datasetId}/baseline`, { runId: pinned });
    const outcomeOf = async (run: { wrong: number; cost?: number }) => {
      const result = await check(gateId, await seedRun(dataset, run));
      expect(result?.baselineRunId).toBe(pinned);
      return [result?.outcome, ...(result?.rules.map(({ outcome }) => outcome) ?? [])];
    };
    expect(await outcomeOf({ wrong: 0, cost: 0.00105 })).toEqual(['pass', 'pass', 'pass']);
    expect(await outcomeOf({ wrong: 4, cost: 0.0012 })).toEqual(['fail', 'pass', 'fail']);
    expect(await outcomeOf({ wrong: 6 })).toEqual(['inconclusive', 'inconclusive', 'pass']);
    expect(await outcomeOf({ wrong: 40 })).toEqual(['fail', 'fail', 'pass']);
  });

  test('results are kept with their rules, one for each baseline, the newest first', async () => {
    const dataset = await seedDataset(400);
    const gateId = await newGate({ rules: example });
    const [run, one, another] = [
      await seedRun(dataset),
      await seedRun(dataset, { wrong: 9 }),
      await seedRun(dataset, { wrong: 2 }),
    ];
    await check(gateId, run, one);
    const second = await check(gateId, run, another);
    const again = await check(gateId, run, one);
    const list = async (query: string) =>
      results.parse((await api.call('GET', `/api/v1/gate-results?${query}`, { key: viewer })).json);
    expect((await list(`runId=${run}`)).items).toEqual([again, second]);
    const first = await list(`gateId=${gateId}&limit=1`);
    const rest = await list(`gateId=${gateId}&limit=1&cursor=${first.nextCursor ?? ''}`);
    expect([...first.items, ...rest.items]).toEqual([again, second]);
    expect(rest.nextCursor).toBeNull();

    await call('PATCH', `/gates/${gateId}`, { name: 'renamed', rules: example });
    expect((await list(`runId=${run}`)).items).toMatchObject([
      { rulesChanged: false, gateName: 'renamed' },
      { rulesChanged: false },
    ]);
    await call('PATCH', `/gates/${gateId}`, { rules: example.slice(0, 1) });
    const outdated = (await list(`runId=${run}`)).items;
    expect(outdated.map(({ rulesChanged }) => rulesChanged)).toEqual([true, true]);
    expect(outdated[0]?.rules.map(({ rule }) => rule)).toEqual(example);
    expect(await check(gateId, run, one)).toMatchObject({ rulesChanged: false });
    await call('DELETE', `/gates/${gateId}`);
    expect((await list(`runId=${run}`)).items).toEqual([]);
  });

  test('while large runs are compared the answer is 202, with when to ask again', async () => {
    const dataset = await seedDataset(30_000);
    const gateId = await newGate({ rules: example });
    const items = 30_000;
    const [run, other] = [await seedRun(dataset, { items }), await seedRun(dataset, { items })];
    const body = { runId: run, baselineRunId: other };
    const answer = await call('POST', `/gates/${gateId}/check`, body);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([202, '1']);
    const { comparisonId, result } = gateCheck.parse(answer.json);
    expect(result).toBeNull();
    const underWay = await call('GET', `/comparisons/${comparisonId}`);
    expect(withId.parse(underWay.json).id).toBe(comparisonId);
    await api.database.query(sql`
      update comparisons set state = 'failed', reason = 'Its worker was lost.'
      where id = ${comparisonId}`);
    // Asked again it begins anew.
    expect((await call('POST', `/gates/${gateId}/check`, body)).status).toBe(202);
  });

  test('a check that cannot be made says which field, and the remedy', async () => {
    const [dataset, other] = [await seedDataset(20), await seedDataset(20)];
    const gateId = await newGate({ datasetId: dataset.datasetId, rules: example });
    const run = await seedRun(dataset, { items: 20 });
    const refused = async (body: object, id = gateId) => {
      const { status, code, errors } = refusal(await call('POST', `/gates/${id}/check`, body));
      return [status, code, errors?.[0]?.field];
    };
    const noBaseline = refusal(await call('POST', `/gates/${gateId}/check`, { runId: run }));
    expect(noBaseline).toMatchObject({ status: 422, code: 'no_baseline' });
    expect(noBaseline.detail).toContain(`POST /api/v1/datasets/${dataset.datasetId}/baseline`);
    await call('POST', `/datasets/${dataset.datasetId}/baseline`, { runId: run });
    expect(await refused({ runId: run })).toEqual([422, 'same_run', 'baselineRunId']);
    expect(await refused({ runId: uuid() })).toEqual([404, 'run_not_found', 'runId']);
    expect(await refused({ runId: run, baselineRunId: uuid() })).toEqual([
      404,
      'run_not_found',
      'baselineRunId',
    ]);
    const elsewhere = await seedRun(other, { items: 20 });
    expect(await refused({ runId: elsewhere })).toEqual([422, 'other_dataset', 'runId']);
    const running = await seedRun(dataset, { items: 20, state: 'running' });
    expect(await refused({ runId: running })).toEqual([409, 'run_not_finished', 'runId']);
    expect(await refused({ runId: run }, uuid())).toEqual([404, 'gate_not_found', undefined]);
    const asViewer = await api.call('POST', `/api/v1/gates/${gateId}/check`, {
      key: viewer,
      body: { runId: run },
    });
    expect(asViewer.status).toBe(403);
  });
});
