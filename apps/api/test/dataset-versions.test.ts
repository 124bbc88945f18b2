import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  datasetItem,
  datasetVersion,
  versionDifference,
  type DatasetItem,
  type VersionDifference,
} from '#libs/contracts';
import { sql } from '#libs/database';
import { z } from 'zod';
import { refusal, startTestApi, withId, type TestApi } from './api.ts';
import { ndjson, record, rowCounts, upload } from './uploading.ts';

let api: TestApi;
beforeAll(async () => {
  // Enough connections for edits to be made at the same time.
  api = await startTestApi({ poolMax: 16 });
});
afterAll(() => api.close());

const newDataset = async (...versions: (readonly unknown[])[]): Promise<string> => {
  const id = await api.newDataset();
  for (const rows of versions) {
    expect((await upload(api, id, ndjson(rows))).status).toBe(201);
  }
  return id;
};
const edit = (id: string, body: unknown) =>
  api.call('POST', `/api/v1/datasets/${id}/edits`, { body });
const itemsOf = async (id: string, version: number): Promise<DatasetItem[]> => {
  const { json } = await api.call(
    'GET',
    `/api/v1/datasets/${id}/versions/${version}/items?limit=200`,
  );
  return z.object({ items: z.array(datasetItem) }).parse(json).items;
};
const difference = (id: string, version: number, query = '') =>
  api.call('GET', `/api/v1/datasets/${id}/versions/${version}/difference?${query}`);
const differenceOf = async (
  id: string,
  version: number,
  query = '',
): Promise<VersionDifference> => {
  const all: VersionDifference['items'] = [];
  for (let cursor = ''; ;) {
    const page = versionDifference.parse((await difference(id, version, query + cursor)).json);
    all.push(...page.items);
    if (page.nextCursor === null) return { ...page, items: all };
    cursor = `&cursor=${page.nextCursor}`;
  }
};
const changesOf = ({ items }: VersionDifference) =>
  items.map(({ key, change }) => [key, change] as const);

describe('a difference', () => {
  const before = [
    { key: 'same', input: { a: 1, b: [2] }, expected: 'x', metadata: { m: 1, n: 2 }, tags: ['t'] },
    { key: 'input', input: 1 },
    { key: 'expected', input: 1, expected: 'old' },
    { key: 'expected-gone', input: 1, expected: null },
    { key: 'metadata', input: 1, metadata: { m: 1 } },
    { key: 'tags', input: 1, tags: ['a', 'b'] },
    { key: 'split', input: 1, split: 'train' },
    { key: 'order', input: { a: 1, b: 2 } },
    { key: 'removed', input: 'was here' },
  ];
  const after = [
    { key: 'added', input: 'is here' },
    { key: 'order', input: { b: 2, a: 1 } },
    { key: 'split', input: 1 },
    { key: 'tags', input: 1, tags: ['b', 'a'] },
    { key: 'metadata', input: 1, metadata: { m: 2 } },
    { key: 'expected-gone', input: 1 },
    { key: 'expected', input: 1, expected: 'new' },
    { key: 'input', input: '1' },
    { key: 'same', input: { a: 1, b: [2] }, expected: 'x', metadata: { n: 2, m: 1 }, tags: ['t'] },
  ];

  test('says what was added, removed and changed, by key, whatever the order of items', async () => {
    const id = await newDataset(before, after);
    const found = await differenceOf(id, 2);
    expect(found).toMatchObject({
      from: 1,
      to: 2,
      counts: { added: 1, removed: 1, changed: 7, unchanged: 1 },
    });
    expect(changesOf(found)).toEqual([
      ['added', 'added'],
      ['expected', 'changed'],
      ['expected-gone', 'changed'],
      ['input', 'changed'],
      ['metadata', 'changed'],
      ['order', 'changed'],
      ['removed', 'removed'],
      ['split', 'changed'],
      ['tags', 'changed'],
    ]);
    const by = new Map(found.items.map((item) => [item.key, item]));
    expect(by.get('split')).toMatchObject({
      before: { position: 6, split: 'train' },
      after: { position: 2, split: null },
    });
    expect(by.get('added')).toMatchObject({ before: null, after: { input: 'is here' } });
    expect(by.get('removed')).toMatchObject({ before: { input: 'was here' }, after: null });
    const items = await itemsOf(id, 1);
    expect(by.get('tags')?.before).toEqual(items[5]);
  });

  test('goes page by page, and by kind of change', async () => {
    const id = await newDataset(before, after);
    const whole = await differenceOf(id, 2);
    for (const limit of [1, 4, 9]) {
      expect(await differenceOf(id, 2, `limit=${limit}`)).toEqual(whole);
    }
    for (const change of ['added', 'removed', 'changed']) {
      const some = await differenceOf(id, 2, `limit=2&change=${change}`);
      expect(some.counts).toEqual(whole.counts);
      expect(some.items).toEqual(whole.items.filter((item) => item.change === change));
    }
  });

  test('looks from any version to any other; before the first there is nothing', async () => {
    const id = await newDataset(before, after, before.toReversed());
    expect((await differenceOf(id, 3, 'from=1')).counts).toEqual({
      added: 0,
      removed: 0,
      changed: 0,
      unchanged: before.length,
    });
    expect((await differenceOf(id, 1, 'from=2')).counts).toMatchObject({ added: 1, removed: 1 });
    const first = await differenceOf(id, 1);
    expect(first).toMatchObject({ from: null, counts: { added: before.length, removed: 0 } });
    expect(first.items).toHaveLength(before.length);
    expect(refusal(await difference(id, 4))).toMatchObject({ status: 404 });
    expect(refusal(await difference(id, 3, 'from=9'))).toMatchObject({
      status: 404,
      code: 'dataset_version_not_found',
    });
    expect(refusal(await difference(id, 3, 'change=moved')).errors?.[0]?.field).toBe('change');
    const counts = { added: 0, removed: 0, changed: 0, unchanged: 0 };
    for (const place of [{}, { key: 'a' }, { key: '\u0000', ...counts }, { key: 1, ...counts }]) {
      const cursor = Buffer.from(JSON.stringify(place)).toString('base64url');
      expect(refusal(await difference(id, 3, `cursor=${cursor}`)).code).toBe('invalid_cursor');
    }
    const { key } = await api.newKey('admin');
    const path = `/api/v1/datasets/${id}/versions/3/difference`;
    expect(refusal(await api.call('GET', path, { key })).code).toBe('dataset_not_found');
  });

  test('finds few changes among many items, and keys of the longest', async () => {
    const longest = (text: string) => text + '語'.repeat(499);
    const many = Array.from({ length: 3_000 }, (_, index) => ({ key: `k${index}`, input: index }));
    const id = await newDataset(
      [...many, { key: longest('x'), input: 1 }, { key: longest('y'), input: 1 }],
      [
        ...many.map((row) => (row.key === 'k2999' ? { ...row, tags: ['new'] } : row)),
        { key: longest('z'), input: 1 },
      ],
    );
    const found = await differenceOf(id, 2, 'limit=1');
    expect(found.counts).toEqual({ added: 1, removed: 2, changed: 1, unchanged: 2_999 });
    expect(changesOf(found)).toEqual([
      ['k2999', 'changed'],
      [longest('x'), 'removed'],
      [longest('y'), 'removed'],
      [longest('z'), 'added'],
    ]);
  });
});

describe('an edit', () => {
  const base = ['a', 'b', 'c', 'd'].map((key, index) => ({
    key,
    input: { n: index, text: 'nul \u0000' },
    expected: key,
    metadata: { m: index },
    tags: [key],
    split: 'train',
  }));

  test('puts and removes items in a new version, and leaves the old one as it was', async () => {
    const id = await newDataset(base);
    const old = await itemsOf(id, 1);
    const answer = await edit(id, {
      baseVersion: 1,
      put: [{ key: 'e', input: 'new' }, { key: 'c', input: 'other', split: 'test' }, { input: 7 }],
      remove: ['a'],
    });
    expect(answer.status).toBe(201);
    const origin = { kind: 'edit', baseVersion: 1, put: 3, removed: 1 };
    const made = datasetVersion.parse(answer.json);
    expect(made).toMatchObject({ version: 2, itemCount: 5, origin });
    const now = await itemsOf(id, 2);
    expect(now).toMatchObject([
      { position: 0, key: 'b', input: { n: 1, text: 'nul \u0000' }, metadata: { m: 1 } },
      { position: 1, key: 'c', input: 'other', expected: null, metadata: {}, split: 'test' },
      { position: 2, key: 'd', tags: ['d'], split: 'train' },
      { position: 3, key: 'e', input: 'new', tags: [], split: null },
      { position: 4, key: expect.stringMatching(/^[0-9a-f]{32}$/), input: 7 },
    ]);
    expect(await itemsOf(id, 1)).toEqual(old);
    const { json } = await api.call('GET', `/api/v1/datasets/${id}/versions`);
    expect(json).toMatchObject({
      items: [made, { version: 1, origin: { kind: 'upload' } }],
    });
    expect(await differenceOf(id, 2)).toMatchObject({
      counts: { added: 2, removed: 1, changed: 1, unchanged: 2 },
    });
  });

  test('makes keys as an upload does, so that the same content is the same item', async () => {
    const id = await newDataset([{ input: { a: 1, b: 2 } }]);
    const [{ key } = { key: '' }] = await itemsOf(id, 1);
    const again = { input: { b: 2, a: 1 } };
    const answer = await edit(id, { put: [{ ...again, tags: ['x'] }, again] });
    expect(answer.json).toMatchObject({ itemCount: 2 });
    expect(await itemsOf(id, 2)).toMatchObject([{ key, tags: ['x'] }, { key: `${key}-2` }]);
  });

  test('starts a dataset that has no version', async () => {
    const id = await api.newDataset();
    expect(refusal(await edit(id, { remove: ['a'] }))).toMatchObject({ code: 'key_not_found' });
    expect(refusal(await edit(id, { baseVersion: 1, put: base }))).toMatchObject({
      status: 409,
      code: 'version_conflict',
    });
    const answer = await edit(id, { put: base });
    expect(answer.json).toMatchObject({
      version: 1,
      itemCount: 4,
      origin: { kind: 'edit', baseVersion: null, put: 4, removed: 0 },
    });
  });

  test('is refused on a version that is not the latest any more', async () => {
    const id = await newDataset(base, base.toReversed());
    const { status, code, errors, detail } = refusal(
      await edit(id, { baseVersion: 1, put: [{ key: 'x', input: 1 }] }),
    );
    expect([status, code, errors?.[0]?.field]).toEqual([409, 'version_conflict', 'baseVersion']);
    expect(detail).toContain(`/versions/2/difference?from=1`);
    expect((await edit(id, { baseVersion: 2, remove: ['a'] })).json).toMatchObject({ version: 3 });
  });

  test('that changes nothing makes no version', async () => {
    const id = await newDataset(base);
    const before = await rowCounts(api);
    const same = { ...base[1], metadata: { m: 1 } };
    expect(refusal(await edit(id, { put: [same] }))).toMatchObject({
      status: 409,
      code: 'nothing_changed',
    });
    expect(refusal(await edit(id, { remove: ['a', 'b', 'c', 'd'] }))).toMatchObject({
      status: 409,
      code: 'nothing_left',
    });
    expect(await rowCounts(api)).toEqual(before);
    const some = await edit(id, { put: [same, { key: 'z', input: 1 }] });
    expect(some.json).toMatchObject({ origin: { put: 1 }, itemCount: 5 });
  });

  test.each([
    ['nothing', {}, 'invalid_request', undefined],
    ['an empty put', { put: [] }, 'invalid_request', undefined],
    ['no input', { put: [{ key: 'a' }] }, 'invalid_request', 'put.0.input'],
    ['an unknown field', { put: [{ input: 1, inptu: 2 }] }, 'invalid_request', 'put.0.inptu'],
    [
      'too many items',
      { put: Array.from({ length: 1_001 }, () => ({ input: 1 })) },
      'invalid_request',
      'put',
    ],
    ['half a surrogate pair', { remove: ['\ud800'] }, 'invalid_request', 'remove.0'],
    [
      'a key twice',
      { put: [{ key: 'a', input: 1 }, { input: 2 }, { key: 'a', input: 3 }] },
      'invalid_edit',
      'put.2.key',
    ],
    [
      'a key that is put and removed',
      { put: [{ key: 'a', input: 1 }], remove: ['b', 'a'] },
      'invalid_edit',
      'remove.1',
    ],
    ['a key that is not there', { remove: ['a', 'nope'] }, 'key_not_found', 'remove.1'],
  ])('with %s is refused, naming the field', async (_what, body, code, field) => {
    const id = await newDataset(base);
    const refused = refusal(await edit(id, body));
    expect([refused.code, refused.errors?.[0]?.field]).toEqual([code, field]);
    expect((await api.call('GET', `/api/v1/datasets/${id}`)).json).toMatchObject({
      latestVersion: 1,
    });
  });

  test('holds what it puts, and nothing else, to the schemas of the dataset', async () => {
    const id = await newDataset(base);
    await api.call('PATCH', `/api/v1/datasets/${id}`, {
      body: {
        inputSchema: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
        expectedSchema: { enum: ['yes', 'no'] },
      },
    });
    const refused = refusal(
      await edit(id, {
        put: [
          { key: 'x', input: { q: 'fine' } },
          { key: 'y', input: { q: 5 }, expected: 'maybe' },
          { key: 'z', input: 'text' },
        ],
      }),
    );
    expect(refused).toMatchObject({ status: 400, code: 'invalid_item' });
    expect(refused.errors?.map(({ field }) => field)).toEqual([
      'put.1.input.q',
      'put.1.expected',
      'put.2.input',
    ]);
    expect(refused.detail).toContain('2 of the items');
    const answer = await edit(id, { put: [{ key: 'x', input: { q: 'fine' }, expected: 'no' }] });
    expect(answer.json).toMatchObject({ version: 2, itemCount: 5 });
  });

  test('at the same time as others gets a version of its own, built on the one before', async () => {
    const id = await newDataset(base);
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, (_, index) =>
        edit(id, { put: [{ key: `new-${index}`, input: index }] }),
      ),
      ...Array.from({ length: 3 }, () => edit(id, { baseVersion: 1, remove: ['a'] })),
      upload(api, id, ndjson(base)),
    ]);
    const made = answers
      .filter(({ status }) => status === 201)
      .map(({ json }) => datasetVersion.parse(json))
      .toSorted((one, other) => one.version - other.version);
    expect(made.map(({ version }) => version)).toEqual(made.map((_, index) => index + 2));
    const edits = made.flatMap(({ version, origin }) =>
      origin.kind === 'edit' ? [{ version, ...origin }] : [],
    );
    expect(edits.map(({ baseVersion }) => baseVersion)).toEqual(
      edits.map(({ version }) => version - 1),
    );
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(refusal(answer)).toMatchObject({ status: 409, code: 'version_conflict' });
    }
    const removals = edits.filter(({ removed }) => removed > 0);
    expect(removals.length).toBeLessThanOrEqual(1);
    expect(made.length - removals.length).toBe(7);
    const found = await api.database.query(sql`
      select v.version from dataset_versions v join dataset_items i on i.version_id = v.id
      where v.dataset_id = ${id}
      group by v.id having count(*) <> v.item_count or max(i.position) <> v.item_count - 1`);
    expect(found).toEqual([]);
  });
});

test('null that is expected stays what it is through an edit, beside items of which nothing is', async () => {
  const id = await newDataset([
    { key: 'none', input: 1 },
    { key: 'null', input: 2, expected: null },
  ]);
  const put = [
    { key: 'null', input: 3, expected: null },
    { key: 'none', input: 3 },
  ];
  expect((await edit(id, { put })).status).toBe(201);
  expect(await itemsOf(id, 2)).toMatchObject([
    { key: 'none', input: 3, expected: null },
    { key: 'null', input: 3, expected: null, expectedIsNull: true },
  ]);
  expect((await itemsOf(id, 2))[0]).not.toHaveProperty('expectedIsNull');
});

test('a file is added to the items that there are, where that is asked for', async () => {
  const id = await newDataset([
    { key: 'a', input: 1 },
    { key: 'b', input: 2, expected: null },
  ]);
  const add = (rows: object[]) =>
    api.call('POST', `/api/v1/datasets/${id}/versions?mode=add`, {
      headers: { 'content-type': 'application/x-ndjson' },
      body: ndjson(rows),
    });
  const added = await add([
    { key: 'c', input: 3 },
    { key: 'a', input: 'one' },
  ]);
  expect(added.json).toMatchObject({
    version: 2,
    itemCount: 3,
    origin: { kind: 'upload', baseVersion: 1 },
  });
  expect(await itemsOf(id, 2)).toMatchObject([
    { position: 0, key: 'a', input: 'one' },
    { position: 1, key: 'b', input: 2, expectedIsNull: true },
    { position: 2, key: 'c', input: 3 },
  ]);
  // Nothing is left of how it came about.
  const stored = await api.database.query(sql`
    select 1 from dataset_items i left join dataset_versions v on v.id = i.version_id
    where v.id is null`);
  expect(stored).toEqual([]);

  const first = await api.newDataset();
  const alone = await api.call('POST', `/api/v1/datasets/${first}/versions?mode=add`, {
    headers: { 'content-type': 'application/x-ndjson' },
    body: ndjson([{ key: 'a', input: 1 }]),
  });
  expect(alone.json).toMatchObject({ version: 1, itemCount: 1, origin: { kind: 'upload' } });
});

describe('items of a run', () => {
  const rows = [
    { key: 'a', input: 'A?', expected: 'a', tags: ['x', 'y'], split: 'test', metadata: { m: 1 } },
    { key: 'b', input: { half: '\ud800' }, expected: 'b' },
    { key: 'c', input: 'C?' },
  ];
  const outputs = [
    { key: 'a', status: 'completed', output: { text: 'wrong \u0000' } },
    { key: 'b', status: 'completed', output: null },
    { key: 'c', status: 'failed', output: undefined },
  ];

  /** A run on the first version of a dataset, with two repeats, of which the first are done. */
  async function newRun(): Promise<{ datasetId: string; runId: string }> {
    const datasetId = await newDataset(rows, [{ key: 'a', input: 'changed since' }]);
    const recording = await record(api, 'r', ndjson([{ key: 'a', output: 1 }]));
    const answer = await api.call('POST', '/api/v1/runs', {
      body: {
        name: 'r',
        datasetId,
        datasetVersion: 1,
        repeats: 2,
        target: { kind: 'recorded', recordingId: withId.parse(recording.json).id },
        metrics: [{ metric: 'exact_match' }],
      },
    });
    const runId = withId.parse(answer.json).id;
    for (const [index, { key, status, output }] of outputs.entries()) {
      const json = output === undefined ? null : JSON.stringify(output);
      await api.database.query(sql`
        insert into evaluation_items (run_id, no, key, repeat, status, attempt, output)
        values (${runId}, ${index * 2}, ${key}, 0, ${status}, 1, ${json}::json),
          (${runId}, ${index * 2 + 1}, ${key}, 1, 'open', 1, null)`);
    }
    return { datasetId, runId };
  }

  test('become items of another dataset, from the version that was run', async () => {
    const { runId } = await newRun();
    const id = await newDataset([{ key: 'own', input: 1 }]);
    const body = {
      fromRun: { runId, items: [{ key: 'b' }, { key: 'a', repeat: 0 }], tags: ['failed', 'x'] },
    };
    const answer = await edit(id, body);
    expect(answer.json).toMatchObject({
      version: 2,
      itemCount: 3,
      origin: { kind: 'edit', baseVersion: 1, put: 2, removed: 0, fromRunId: runId },
    });
    const origin = (key: string) => ({ fromRun: { runId, key, repeat: 0 } });
    expect(await itemsOf(id, 2)).toEqual([
      { position: 0, key: 'own', input: 1, expected: null, metadata: {}, tags: [], split: null },
      {
        position: 1,
        ...rows[1],
        metadata: origin('b'),
        tags: ['failed', 'x'],
        split: null,
      },
      {
        position: 2,
        ...rows[0],
        metadata: { m: 1, ...origin('a') },
        tags: ['x', 'y', 'failed'],
      },
    ]);
    expect(refusal(await edit(id, body)).code).toBe('nothing_changed');
  });

  test('take their outputs along as expected values', async () => {
    const { runId, datasetId } = await newRun();
    const items = [{ key: 'a' }, { key: 'b' }];
    const answer = await edit(datasetId, { fromRun: { runId, items, expected: 'output' } });
    expect(answer.json).toMatchObject({ version: 3, itemCount: 2, origin: { put: 2 } });
    const stored = await api.database.query(sql`
      select key, input::text, expected::text from dataset_items i
      join dataset_versions v on v.id = i.version_id
      where v.dataset_id = ${datasetId} and v.version = 3 order by position`);
    expect(stored).toEqual([
      { key: 'a', input: '"A?"', expected: '{"text":"wrong \\u0000"}' },
      { key: 'b', input: '{"half":"\\ud800"}', expected: 'null' },
    ]);
  });

  test('meet the schemas of the dataset that they come into', async () => {
    const { runId } = await newRun();
    const id = await newDataset([{ key: 'own', input: 1 }]);
    await api.call('PATCH', `/api/v1/datasets/${id}`, {
      body: { inputSchema: { type: 'string' } },
    });
    const items = [{ key: 'a' }, { key: 'b' }];
    const put = [{ key: 'p', input: 'fine' }];
    expect(refusal(await edit(id, { put, fromRun: { runId, items } }))).toMatchObject({
      code: 'invalid_item',
      errors: [{ field: 'fromRun.items.1.input' }],
    });
  });

  test('are all that a filter takes, each once', async () => {
    const { runId } = await newRun();
    // Of an item that was done twice, the first in the order counts.
    await api.database.query(sql`
      update evaluation_items set status = 'completed', output = '"again"'
      where run_id = ${runId} and key = 'a' and repeat = 1`);
    const id = await newDataset([{ key: 'own', input: 1 }]);
    const all = await edit(id, { fromRun: { runId, filter: {}, tags: ['taken'] } });
    expect(all.json).toMatchObject({ itemCount: 4, origin: { put: 3, fromRunId: runId } });
    const taken = (await itemsOf(id, 2)).slice(1);
    expect(taken).toMatchObject([
      { key: 'a', metadata: { fromRun: { repeat: 0 } } },
      { key: 'b' },
      { key: 'c' },
    ]);

    const other = await newDataset([{ key: 'own', input: 1 }]);
    const filter = { status: 'completed', search: 'half' };
    expect((await edit(other, { fromRun: { runId, filter } })).json).toMatchObject({
      itemCount: 2,
    });
    expect((await itemsOf(other, 2)).map(({ key }) => key)).toEqual(['own', 'b']);
  });

  test('are more by a filter than one page of them has, and bounded all the same', async () => {
    const { runId, datasetId } = await newRun();
    await api.database.query(sql`
      insert into dataset_items (version_id, position, key, input, metadata, tags)
      select r.dataset_version_id, 100 + i, 'more-' || i, '1'::json, '{}', '{}'
      from evaluation_runs r, generate_series(1, 20000) i where r.id = ${runId}`);
    const close = (from: number, to: number) =>
      api.database.query(sql`
        insert into evaluation_items (run_id, no, key, repeat, status, attempt, output)
        select ${runId}, 100 + i, 'more-' || i, 0, 'completed', 1, '1'
        from generate_series(${from}::int, ${to}::int) i`);
    await close(1, 450);
    const filter = { status: 'completed' };
    const some = await edit(datasetId, { fromRun: { runId, filter } });
    expect(some.json).toMatchObject({ itemCount: 452, origin: { put: 452 } });
    await close(451, 20_000);
    const refused = refusal(await edit(datasetId, { fromRun: { runId, filter } }));
    expect(refused).toMatchObject({ status: 422, code: 'too_many_items' });
    expect(refused.errors).toMatchObject([{ field: 'fromRun.filter' }]);
  }, 60_000);

  test('that a filter takes are refused with what is wrong with the filter', async () => {
    const { runId, datasetId } = await newRun();
    const reasons = async (body: object) => {
      const { status, code, errors } = refusal(await edit(datasetId, body));
      return [status, code, errors?.map(({ field }) => field)];
    };
    const filtered = (filter: object, more = {}) => ({ fromRun: { runId, filter, ...more } });
    expect(await reasons(filtered({ search: 'nowhere' }))).toEqual([
      404,
      'run_item_not_found',
      ['fromRun.filter'],
    ]);
    expect(await reasons(filtered({ status: 'failed' }, { expected: 'output' }))).toEqual([
      409,
      'output_missing',
      ['fromRun.filter'],
    ]);
    expect(await reasons(filtered({ sort: 'worst' }))).toEqual([
      400,
      'metric_missing',
      expect.anything(),
    ]);
    const invalid = [400, 'invalid_request'];
    expect(await reasons(filtered({}, { items: [{ key: 'a' }] }))).toEqual([
      ...invalid,
      ['fromRun'],
    ]);
    expect(await reasons({ fromRun: { runId } })).toEqual([...invalid, ['fromRun']]);
    expect(await reasons({ ...filtered({}), remove: ['a'] })).toEqual([
      ...invalid,
      ['fromRun.filter'],
    ]);
  });

  test('are refused where they are not, or not done, or not to be had', async () => {
    const { runId, datasetId } = await newRun();
    const from = (fromRun: object) => edit(datasetId, { fromRun: { runId, ...fromRun } });
    const reasons = async (fromRun: object) => {
      const { status, code, errors } = refusal(await from(fromRun));
      return [status, code, errors?.map(({ field }) => field)];
    };
    expect(
      await reasons({ items: [{ key: 'a' }, { key: 'nope' }, { key: 'b', repeat: 1 }] }),
    ).toEqual([404, 'run_item_not_found', ['fromRun.items.1', 'fromRun.items.2']]);
    expect(await reasons({ items: [{ key: 'c' }], expected: 'output' })).toEqual([
      409,
      'output_missing',
      ['fromRun.items.0'],
    ]);
    expect(await reasons({ items: [{ key: 'a' }, { key: 'a', repeat: 1 }] })).toEqual([
      400,
      'invalid_edit',
      ['fromRun.items.1.key'],
    ]);
    const many = Array.from({ length: 49 }, (_, index) => `tag-${index}`);
    expect(await reasons({ items: [{ key: 'a' }], tags: many })).toEqual([
      400,
      'invalid_edit',
      ['fromRun.tags'],
    ]);
    expect(await reasons({ runId: crypto.randomUUID(), items: [{ key: 'a' }] })).toEqual([
      404,
      'run_not_found',
      ['fromRun.runId'],
    ]);
    const { key } = await api.newKey('editor');
    const theirs = await api.call('POST', `/api/v1/datasets/${await api.newDataset(key)}/edits`, {
      key,
      body: { fromRun: { runId, items: [{ key: 'a' }] } },
    });
    expect(refusal(theirs).code).toBe('run_not_found');
    await api.database.query(
      sql`update evaluation_runs set deleted_at = now() where id = ${runId}`,
    );
    expect(await reasons({ items: [{ key: 'a' }] })).toEqual([
      409,
      'run_deleted',
      ['fromRun.runId'],
    ]);
  });
});
