import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dataset, datasetItem } from '#libs/contracts';
import { z } from 'zod';
import { refusal, startTestApi, withId, type TestApi } from './api.ts';
import { ndjson, record, upload } from './uploading.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const create = (body: unknown, key?: string) =>
  api.call('POST', '/api/v1/datasets', { body, ...(key !== undefined && { key }) });
const change = (id: string, body: unknown, key?: string) =>
  api.call('PATCH', `/api/v1/datasets/${id}`, { body, ...(key !== undefined && { key }) });
const get = async (id: string) =>
  dataset.parse((await api.call('GET', `/api/v1/datasets/${id}`)).json);
const listOf = async (query: string, key?: string) => {
  const { json } = await api.call(
    'GET',
    `/api/v1/datasets${query}`,
    key === undefined ? {} : { key },
  );
  return z.object({ items: z.array(dataset), nextCursor: z.string().nullable() }).parse(json);
};

const inputSchema = { type: 'object', required: ['question'] };

describe('a dataset', () => {
  test('has tags and schemas, which can be changed and removed', async () => {
    const given = {
      name: 'capitals',
      description: 'of countries',
      tags: ['geo', 'small', 'geo'],
      inputSchema,
      expectedSchema: { type: 'string', pattern: '^[A-Z]' },
    };
    const answer = await create(given);
    expect(answer.status).toBe(201);
    const made = dataset.parse(answer.json);
    expect(made).toMatchObject({ ...given, tags: ['geo', 'small'], deletedAt: null });
    expect(await get(made.id)).toEqual(made);

    const renamed = await change(made.id, { name: 'cities', tags: [] });
    expect([renamed.status, renamed.json]).toEqual([200, { ...made, name: 'cities', tags: [] }]);
    const removed = await change(made.id, { inputSchema: null, description: null });
    expect(removed.json).toEqual({
      ...made,
      name: 'cities',
      tags: [],
      description: null,
      inputSchema: null,
    });
    expect(await get(made.id)).toEqual(removed.json);
  });

  test('keeps the order of keys in a schema', async () => {
    const schema = '{"required":["z"],"properties":{"z":{},"a":{"type":"string"}}}';
    const answer = await create(`{"name":"ordered","inputSchema":${schema}}`);
    const { id } = withId.parse(answer.json);
    expect((await api.call('GET', `/api/v1/datasets/${id}`)).text).toContain(schema);
  });

  test.each([
    ['a type that is none', { inputSchema: { type: 'strin' } }, 'inputSchema'],
    ['a pattern that RE2 refuses', { expectedSchema: { pattern: '(?=a)' } }, 'expectedSchema'],
    ['a reference to elsewhere', { inputSchema: { $ref: 'http://example.com/x' } }, 'inputSchema'],
  ])('takes no schema with %s', async (_what, schemas, field) => {
    const { id } = withId.parse((await create({ name: 'x' })).json);
    for (const answer of [await create({ name: 'x', ...schemas }), await change(id, schemas)]) {
      const { status, code, errors } = refusal(answer);
      expect([status, code, errors?.[0]?.field]).toEqual([400, 'invalid_schema', field]);
    }
    expect(await get(id)).toMatchObject({ inputSchema: null, expectedSchema: null });
  });

  test.each([
    ['nothing', {}],
    ['an unknown field', { title: 'x' }],
    ['no name', { name: null }],
    ['a list as a schema', { inputSchema: [] }],
    ['a schema that is too large', { inputSchema: { title: 'x'.repeat(100_001) } }],
  ])('is not changed by %s', async (_what, body) => {
    const { id } = withId.parse((await create({ name: 'stays' })).json);
    expect(refusal(await change(id, body))).toMatchObject({ status: 400, code: 'invalid_request' });
    expect((await get(id)).name).toBe('stays');
  });

  test('can be changed by editors of its project only', async () => {
    const { id } = withId.parse((await create({ name: 'private' })).json);
    const viewer = await api.newKey('viewer');
    const editor = await api.newKey('editor', viewer.projectId);
    const { id: theirs } = withId.parse((await create({ name: 'theirs' }, editor.key)).json);
    const calls = (dataset: string, key: string) => [
      change(dataset, { name: 'taken' }, key),
      api.call('DELETE', `/api/v1/datasets/${dataset}`, { key }),
      api.call('POST', `/api/v1/datasets/${dataset}/restore`, { key }),
      api.call('POST', `/api/v1/datasets/${dataset}/edits`, {
        key,
        body: { put: [{ input: 1 }] },
      }),
    ];
    for (const call of calls(theirs, viewer.key)) expect(refusal(await call).status).toBe(403);
    for (const call of calls(id, editor.key)) {
      expect(refusal(await call)).toMatchObject({ status: 404, code: 'dataset_not_found' });
    }
    expect(await get(id)).toMatchObject({ name: 'private', deletedAt: null, latestVersion: null });
  });
});

describe('a deleted dataset', () => {
  test('is in a list of its own, and back when it is restored', async () => {
    const { key } = await api.newKey('editor');
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c'])
      ids.push(withId.parse((await create({ name }, key)).json).id);
    const [a = '', b = '', c = ''] = ids;
    for (const id of [a, c, a]) {
      expect((await api.call('DELETE', `/api/v1/datasets/${id}`, { key })).status).toBe(204);
    }
    const idsOf = async (query: string) => (await listOf(query, key)).items.map(({ id }) => id);
    expect(await idsOf('')).toEqual([b]);
    expect(await idsOf('?deleted=false')).toEqual([b]);
    expect(await idsOf('?deleted=true')).toEqual([c, a]);
    const first = await listOf('?deleted=true&limit=1', key);
    expect(first.items[0]?.deletedAt).not.toBeNull();
    expect(await idsOf(`?deleted=true&limit=1&cursor=${first.nextCursor}`)).toEqual([a]);

    for (let twice = 0; twice < 2; twice += 1) {
      const restored = await api.call('POST', `/api/v1/datasets/${a}/restore`, { key });
      expect(restored.json).toMatchObject({ id: a, name: 'a', deletedAt: null });
    }
    expect(await idsOf('')).toEqual([b, a]);
  });

  test('can be read with its runs, and gets nothing new until it is restored', async () => {
    const id = await api.newDataset();
    await upload(api, id, ndjson([{ key: 'a', input: 1 }]));
    const recording = withId.parse(
      (await record(api, 'r', ndjson([{ key: 'a', output: 1 }]))).json,
    );
    const run = {
      name: 'r',
      datasetId: id,
      target: { kind: 'recorded', recordingId: recording.id },
      metrics: [{ metric: 'exact_match' }],
    };
    const submit = () => api.call('POST', '/api/v1/runs', { body: run });
    const { id: runId } = withId.parse((await submit()).json);
    await api.call('DELETE', `/api/v1/datasets/${id}`);

    expect((await get(id)).latestVersion).toBe(1);
    for (const path of [
      `/api/v1/datasets/${id}/versions`,
      `/api/v1/datasets/${id}/versions/1/items`,
      `/api/v1/datasets/${id}/versions/1/export`,
      `/api/v1/runs/${runId}`,
    ]) {
      expect([path, (await api.call('GET', path)).status]).toEqual([path, 200]);
    }
    const edit = () =>
      api.call('POST', `/api/v1/datasets/${id}/edits`, { body: { put: [{ input: 2 }] } });
    const makes = [
      submit,
      edit,
      () => upload(api, id, ndjson([{ input: 2 }])),
      () => change(id, { name: 'x' }),
    ];
    for (const make of makes) {
      const { status, code, detail } = refusal(await make());
      expect([status, code]).toEqual([409, 'dataset_deleted']);
      expect(detail).toContain(`/api/v1/datasets/${id}/restore`);
    }
    await api.call('POST', `/api/v1/datasets/${id}/restore`);
    expect((await edit()).status).toBe(201);
    expect((await submit()).status).toBe(201);
  });
});

describe('the items of a version', () => {
  const rows = Array.from({ length: 10 }, (_, index) => ({
    key: `item-${index}`,
    input: index,
    tags: index % 2 === 0 ? ['even', 'all'] : ['all'],
    ...(index < 7 && { split: index < 4 ? 'train' : 'test' }),
  }));
  let path = '';
  beforeAll(async () => {
    const id = await api.newDataset();
    await upload(api, id, ndjson(rows));
    path = `/api/v1/datasets/${id}/versions/1/items`;
  });
  const page = z.object({ items: z.array(datasetItem), nextCursor: z.string().nullable() });
  const keysOf = async (query: string): Promise<string[]> => {
    const keys: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { json } = await api.call(
        'GET',
        `${path}?limit=2&${query}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      const found: z.infer<typeof page> = page.parse(json);
      keys.push(...found.items.map(({ key }) => key));
      cursor = found.nextCursor;
    }
    return keys;
  };
  const keys = (...numbers: number[]) => numbers.map((number) => `item-${number}`);

  test('say their split', async () => {
    const { json } = await api.call('GET', path);
    expect(page.parse(json).items.map(({ split }) => split)).toEqual(
      rows.map(({ split }) => split ?? null),
    );
  });

  test('are found by split, tag and key, and by all together', async () => {
    expect(await keysOf('split=train')).toEqual(keys(0, 1, 2, 3));
    expect(await keysOf('tag=even')).toEqual(keys(0, 2, 4, 6, 8));
    expect(await keysOf('split=test&tag=even')).toEqual(keys(4, 6));
    expect(await keysOf('key=item-3')).toEqual(keys(3));
    expect(await keysOf('key=item-3&split=test')).toEqual([]);
    expect(await keysOf('key=item')).toEqual([]);
    expect(await keysOf('split=none')).toEqual([]);
    expect(refusal(await api.call('GET', `${path}?split=`)).status).toBe(400);
  });
});
