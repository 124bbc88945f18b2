import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasetItem, datasetVersion, problem, recording } from '#libs/contracts';
import { sql } from '#libs/database';
import { z } from 'zod';
import { ADMIN_KEY, startTestApi, type Answer, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const NDJSON = 'application/x-ndjson';
const itemPage = z.object({ items: z.array(datasetItem), nextCursor: z.string().nullable() });

const ndjson = (rows: readonly unknown[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');

async function upload(
  dataset: string,
  body: unknown,
  contentType = NDJSON,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return api.call('POST', `/api/v1/datasets/${dataset}/versions`, {
    headers: { 'content-type': contentType, ...headers },
    body,
  });
}

async function record(name: string, body: unknown, contentType = NDJSON): Promise<Answer> {
  return api.call('POST', `/api/v1/recordings?name=${encodeURIComponent(name)}`, {
    headers: { 'content-type': contentType },
    body,
  });
}

/** Every item of a version, over small pages. */
async function itemsOf(dataset: string, version = 1): Promise<z.infer<typeof datasetItem>[]> {
  const items: z.infer<typeof datasetItem>[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const answer = await api.call(
      'GET',
      `/api/v1/datasets/${dataset}/versions/${version}/items?limit=3${query}`,
    );
    const found = itemPage.parse(answer.json);
    items.push(...found.items);
    cursor = found.nextCursor;
  }
  return items;
}

const errorsOf = (answer: Answer) => {
  const { code, detail, errors = [] } = problem.parse(answer.json);
  return { status: answer.status, code, detail, errors };
};

const rowCounts = () =>
  api.database.queryOne<{ items: string; versions: string; outputs: string; recordings: string }>(
    sql`select (select count(*) from dataset_items) as items,
      (select count(*) from dataset_versions) as versions,
      (select count(*) from recorded_outputs) as outputs,
      (select count(*) from recordings) as recordings`,
  );

describe('a dataset version', () => {
  test('holds what was uploaded, in its order, in every format', async () => {
    const dataset = await api.newDataset();
    const rows = [
      { key: 'a', input: 'What?', expected: 'That', metadata: { n: 1 }, tags: ['x', 'y'] },
      { key: 'b', input: { messages: ['hi'] }, expected: [1, 2] },
      { key: 'c', input: 'plain' },
    ];
    const csv =
      'key,input,expected,metadata,tags\na,What?,That,"{""n"":1}",x;y\n' +
      'b,"{""messages"":[""hi""]}","[1,2]",,\nc,plain,,,\n';
    const answers = [
      await upload(dataset, ndjson(rows)),
      await upload(dataset, JSON.stringify(rows), 'application/json'),
      await upload(dataset, JSON.stringify({ items: rows }), 'application/json; charset=utf-8'),
      await upload(dataset, csv, 'text/csv; charset="UTF-8"'),
      await upload(dataset, gzipSync(ndjson(rows)), NDJSON, { 'content-encoding': 'gzip' }),
    ];
    for (const [index, answer] of answers.entries()) {
      expect(answer.status).toBe(201);
      const version = index + 1;
      expect(datasetVersion.parse(answer.json)).toMatchObject({ version, itemCount: 3 });
      expect(await itemsOf(dataset, version)).toEqual([
        { position: 0, ...rows[0] },
        { position: 1, metadata: {}, tags: [], ...rows[1] },
        { position: 2, expected: null, metadata: {}, tags: [], ...rows[2] },
      ]);
    }
    const { json } = await api.call('GET', `/api/v1/datasets/${dataset}`);
    expect(json).toMatchObject({ latestVersion: 5, itemCount: 3 });
  });

  test('comes back to the letter: any Unicode, NUL, half surrogates, prototypes, order of keys', async () => {
    const dataset = await api.newDataset();
    const line =
      '{"key":"👩‍👩‍👧 \\\\ {\\"a\\",b}","input":{"z":"\\u0000 \\ud800 \u2028","__proto__":{"x":1},"a":-0.5e-7},' +
      '"expected":"","tags":["a,b","c\\"d\\\\","{}","NULL","null"," "],"metadata":{"ключ":"\\\\ \\n \\""}}';
    expect((await upload(dataset, line)).status).toBe(201);
    const { text } = await api.call('GET', `/api/v1/datasets/${dataset}/versions/1/items`);
    const sent: unknown = JSON.parse(line);
    const [item] = z.object({ items: z.array(z.looseObject({})) }).parse(JSON.parse(text)).items;
    expect(text).toContain('"__proto__":{"x":1},"a":-5e-8');
    expect(text).toContain(JSON.stringify('\u0000 \ud800 \u2028'));
    const pick = z.object({ key: z.string(), tags: z.array(z.string()), metadata: z.unknown() });
    expect(pick.parse(item)).toEqual(pick.parse(sent));
  });

  test('makes keys from the content, numbers equal rows, and makes the same ones again', async () => {
    const dataset = await api.newDataset();
    const rows = [
      { input: { a: 1, b: 2 }, expected: 'x' },
      { input: 'other' },
      { input: { b: 2, a: 1 }, expected: 'x', tags: ['not part of it'] },
      { input: { a: 1, b: 2 } },
      { input: { a: 1, b: 2 }, expected: 'x' },
    ];
    await upload(dataset, ndjson(rows));
    await upload(dataset, ndjson(rows));
    const keys = (await itemsOf(dataset, 1)).map(({ key }) => key);
    const [hash = ''] = keys;
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(keys).toEqual([hash, keys[1], `${hash}-2`, keys[3], `${hash}-3`]);
    expect(new Set(keys).size).toBe(5);
    expect((await itemsOf(dataset, 2)).map(({ key }) => key)).toEqual(keys);
  });

  test('a made key steps aside for a given one; a given one never does', async () => {
    const dataset = await api.newDataset();
    await upload(dataset, ndjson([{ input: 1 }]));
    const [{ key: hash } = { key: '' }] = await itemsOf(dataset);
    const given = [{ key: hash, input: 1 }, { key: `${hash}-2`, input: 'q' }, { input: 1 }];
    expect((await upload(dataset, ndjson([...given, { input: 1 }]))).status).toBe(201);
    const keys = (await itemsOf(dataset, 2)).map(({ key }) => key);
    expect(keys.slice(0, 2)).toEqual([hash, `${hash}-2`]);
    expect(keys.toSorted()).toEqual([hash, `${hash}-2`, `${hash}-3`, `${hash}-4`]);
    const late = await upload(dataset, ndjson([{ input: 1 }, { key: hash, input: 2 }]));
    expect(errorsOf(late)).toMatchObject({
      status: 400,
      errors: [{ line: 2, field: 'key', message: expect.stringContaining('on line 1 already') }],
    });
  });

  test('numbers equal rows across the chunks in which they are stored', async () => {
    const dataset = await api.newDataset();
    const answer = await upload(dataset, '{"input":"same"}\n'.repeat(4_500));
    expect(answer.json).toMatchObject({ itemCount: 4_500 });
    const odd = await api.database.query<{ key: string }>(sql`
      select key from dataset_items i join dataset_versions v on v.id = i.version_id
      where v.dataset_id = ${dataset} and position > 0
        and right(key, -33) <> (position + 1)::text`);
    expect(odd).toEqual([]);
  });

  test('uploads at the same time all get a number of their own', async () => {
    const dataset = await api.newDataset();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => upload(dataset, ndjson([{ input: index }]))),
    );
    const numbers = answers.map(({ json }) => datasetVersion.parse(json).version);
    expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const { json } = await api.call('GET', `/api/v1/datasets/${dataset}/versions?limit=5`);
    expect(json).toMatchObject({ items: [{ version: 8 }, {}, {}, {}, { version: 4 }] });
  });
});

describe('a refused upload', () => {
  let before: unknown;
  beforeAll(async () => {
    before = await rowCounts();
  });

  const good = { key: 'a', input: 1 };
  test.each([
    ['an unknown field', [good, { input: 1, expcted: 2 }], 2, 'expcted'],
    ['no input', [good, good, { key: 'b' }], 2, 'key'],
    ['no input alone', [{ key: 'b' }], 1, 'input'],
    ['no object', [good, 5], 2, undefined],
    ['an empty key', [{ key: '', input: 1 }], 1, 'key'],
    ['a NUL in a key', [{ key: 'a\u0000', input: 1 }], 1, 'key'],
    ['half a surrogate in a key', [{ key: 'a\ud800', input: 1 }], 1, 'key'],
    ['half a surrogate in metadata', [{ input: 1, metadata: { a: ['\udc00'] } }], 1, 'metadata'],
    ['a NUL in metadata', [{ input: 1, metadata: { a: '\u0000' } }], 1, 'metadata'],
    ['a NUL in a tag', [{ input: 1, tags: ['\u0000'] }], 1, 'tags.0'],
    ['metadata that is no object', [{ input: 1, metadata: [] }], 1, 'metadata'],
  ])('names the line and the field: %s', async (_what, rows, line, field) => {
    const answer = errorsOf(await upload(await api.newDataset(), ndjson(rows)));
    expect(answer).toMatchObject({ status: 400, code: 'invalid_line' });
    expect(answer.errors[0]).toMatchObject({ line, ...(field === undefined ? {} : { field }) });
    expect(answer.detail).toContain(`line ${line}: `);
  });

  test.each([
    ['deep JSON', `{"input":${'['.repeat(300)}${']'.repeat(300)}}`, 1, 'nested'],
    ['a number too large', '{"input":1}\n{"input":[1e999]}', 2, 'too large'],
    ['no JSON', '{"input":1}\n\n{"input":', 3, 'is not JSON'],
  ])('names the line of %s', async (_what, body, line, message) => {
    const { errors } = errorsOf(await upload(await api.newDataset(), body));
    expect(errors[0]).toMatchObject({ line, message: expect.stringContaining(message) });
  });

  test('names both lines of a key that was given twice, near or far, blank lines counted', async () => {
    const dataset = await api.newDataset();
    const rows = Array.from({ length: 5_000 }, (_, index) => ({ key: `k${index}`, input: index }));
    const far = `\n\n${ndjson(rows)}\n${ndjson([{ key: 'k4', input: 'again' }])}`;
    expect(errorsOf(await upload(dataset, far))).toMatchObject({
      status: 400,
      code: 'invalid_line',
      detail: expect.stringContaining('line 5004: key: key "k4" was given on line 7 already'),
      errors: [{ line: 5004, field: 'key' }],
    });
    const near = ndjson([...rows.slice(0, 3), { key: 'k1', input: 'again' }]);
    expect(errorsOf(await upload(dataset, near)).errors).toMatchObject([{ line: 4 }]);
  });

  test('names the first wrong line, even where a later one is noticed earlier', async () => {
    const rows = [good, good, { nonsense: true }];
    const { errors } = errorsOf(await upload(await api.newDataset(), ndjson(rows)));
    expect(errors).toMatchObject([{ line: 2, field: 'key' }]);
  });

  test('says what is wrong with the whole of it', async () => {
    const dataset = await api.newDataset();
    const empty = errorsOf(await upload(dataset, '\n\n'));
    expect(empty).toMatchObject({ status: 400, code: 'empty_upload' });
    expect(errorsOf(await upload(dataset, '[]', 'application/json')).code).toBe('empty_upload');
    expect(errorsOf(await upload(dataset, '{}', 'application/json')).code).toBe('invalid_json');
    const csv = errorsOf(await upload(dataset, 'input,answer\na,b\n', 'text/csv'));
    expect(csv.errors).toMatchObject([{ line: 1, field: 'answer' }]);
    const xml = await upload(dataset, '<a/>', 'application/xml');
    expect(errorsOf(xml)).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    expect(xml.headers.get('accept')).toBe(`${NDJSON}, application/json, text/csv`);
    expect((await upload(dataset, 'a', `${NDJSON}; charset=latin1`)).status).toBe(415);
    const packed = await upload(dataset, 'a', NDJSON, { 'content-encoding': 'br' });
    expect(errorsOf(packed)).toMatchObject({ status: 415, code: 'unsupported_encoding' });
    const broken = gzipSync(ndjson([good])).subarray(0, -9);
    const cut = await upload(dataset, broken, NDJSON, { 'content-encoding': 'gzip' });
    expect(errorsOf(cut)).toMatchObject({ status: 400, code: 'invalid_gzip' });
  });

  test('is answered while a long body is still being sent', async () => {
    const dataset = await api.newDataset();
    const lines = Buffer.from(ndjson(Array.from({ length: 500 }, () => ({ input: 'x' }))));
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(sent === 3 ? Buffer.from('{"input":\n') : lines);
        if (sent === 2_000) controller.close();
      },
    });
    expect(errorsOf(await upload(dataset, body)).errors).toMatchObject([{ line: 1001 }]);
    const next = await api.call('GET', `/api/v1/datasets/${dataset}`);
    expect(next.json).toMatchObject({ latestVersion: null, itemCount: 0 });
  });

  test('leaves nothing when the client goes away half-way, and gives its connection back', async () => {
    const dataset = await api.newDataset();
    const request = httpRequest(`${api.url}/api/v1/datasets/${dataset}/versions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': NDJSON },
    });
    request.on('error', () => {});
    request.write(ndjson(Array.from({ length: 6_000 }, (_, index) => ({ input: index }))));
    await delay(300);
    expect(api.database.gauges().idle).toBeLessThan(api.database.gauges().total);
    const closed = new Promise((resolve) => request.once('close', resolve));
    request.destroy();
    await closed;
    for (let waited = 0; waited < 50; waited += 1) {
      const { idle, total } = api.database.gauges();
      if (idle === total) break;
      await delay(100);
    }
    const { idle, total } = api.database.gauges();
    expect(idle).toBe(total);
  });

  test('has left nothing behind, whatever it was refused for', async () => {
    expect(await rowCounts()).toEqual(before);
  });
});

describe('a recording', () => {
  test('holds its outputs, failed ones too', async () => {
    const rows = [
      { key: 'a', output: 'text' },
      { key: 'a', repeat: 1, output: { b: '\u0000' }, latencyMs: 1.5, costUsd: 0.002 },
      { key: 'b', output: null, inputTokens: 3, outputTokens: 4 },
      { key: 'c', error: 'it timed out' },
    ];
    const answer = await record('first & only', ndjson(rows));
    expect(answer.status).toBe(201);
    const made = recording.parse(answer.json);
    expect(made).toMatchObject({ name: 'first & only', outputCount: 4 });
    expect((await api.call('GET', `/api/v1/recordings/${made.id}`)).json).toMatchObject({
      id: made.id,
      outputCount: 4,
    });
    const stored = await api.database.query(sql`
      select key, repeat, output::text, error, latency_ms, cost_usd from recorded_outputs
      where recording_id = ${made.id} order by key, repeat`);
    expect(stored).toMatchObject([
      { key: 'a', repeat: 0, output: '"text"' },
      { key: 'a', repeat: 1, output: '{"b":"\\u0000"}', latency_ms: 1.5, cost_usd: 0.002 },
      { key: 'b', output: 'null', error: null },
      { key: 'c', output: null, error: 'it timed out' },
    ]);
  });

  test.each([
    ['neither output nor error', [{ key: 'a' }], 1, 'output'],
    ['an unknown field', [{ key: 'a', output: 1, cost: 1 }], 1, 'cost'],
    ['no key', [{ output: 1 }], 1, 'key'],
    ['a NUL in an error', [{ key: 'a', error: '\u0000' }], 1, 'error'],
    [
      'the same key twice',
      [
        { key: 'a', output: 1 },
        { key: 'b', output: 1 },
        { key: 'a', output: 2 },
      ],
      3,
      'key',
    ],
  ])('is refused with line and field: %s', async (_what, rows, line, field) => {
    const before = await rowCounts();
    const answer = errorsOf(await record('r', ndjson(rows)));
    expect(answer).toMatchObject({ status: 400, code: 'invalid_line' });
    expect(answer.errors[0]).toMatchObject({ line, field });
    expect(await rowCounts()).toEqual(before);
  });

  test('takes NDJSON only, and a name', async () => {
    expect((await record('r', '[]', 'application/json')).status).toBe(415);
    const nameless = await api.call('POST', '/api/v1/recordings', {
      headers: { 'content-type': NDJSON },
      body: ndjson([{ key: 'a', output: 1 }]),
    });
    expect(errorsOf(nameless)).toMatchObject({ status: 400, errors: [{ field: 'name' }] });
  });

  test('is listed newest first, page by page', async () => {
    for (const name of ['x', 'y', 'z']) await record(name, ndjson([{ key: 'a', output: 1 }]));
    const page = z.object({ items: z.array(recording), nextCursor: z.string().nullable() });
    const first = page.parse((await api.call('GET', '/api/v1/recordings?limit=2')).json);
    const next = page.parse(
      (await api.call('GET', `/api/v1/recordings?limit=2&cursor=${first.nextCursor}`)).json,
    );
    const names = [...first.items, ...next.items].map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['z', 'y', 'x']);
  });
});

test('200,000 lines stream through without being held', async () => {
  const dataset = await api.newDataset();
  const total = 200_000;
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const lines = Array.from({ length: 1_000 }, (_, index) => ({
        key: `item-${sent + index}`,
        input: `Question ${sent + index}, with some words to give it the length of a real one.`,
        expected: String(sent + index),
      }));
      sent += lines.length;
      controller.enqueue(Buffer.from(ndjson(lines)));
      if (sent === total) controller.close();
    },
  });
  const answer = await upload(dataset, body);
  expect(answer.json).toMatchObject({ version: 1, itemCount: total });
  const path = `/api/v1/datasets/${dataset}/versions/1/items?limit=1`;
  const last = Buffer.from(JSON.stringify({ position: total - 2 })).toString('base64url');
  expect((await api.call('GET', `${path}&cursor=${last}`)).json).toMatchObject({
    items: [{ position: total - 1, key: `item-${total - 1}` }],
    nextCursor: null,
  });
}, 120_000);

test('uploads beyond what the pool can take wait their turn; other calls are answered meanwhile', async () => {
  const narrow = await startTestApi({ poolMax: 2 });
  try {
    const dataset = await narrow.newDataset();
    const path = `/api/v1/datasets/${dataset}/versions`;
    const headers = { 'content-type': NDJSON };
    let finish = (): void => {};
    const slow = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from(ndjson([{ input: 'slow' }])));
        finish = () => controller.close();
      },
    });
    const first = narrow.call('POST', path, { headers, body: slow });
    await delay(200);
    const others = Array.from({ length: 3 }, (_, index) =>
      narrow.call('POST', path, { headers, body: ndjson([{ input: index }]) }),
    );
    await delay(200);
    expect((await narrow.call('GET', '/api/v1/datasets')).status).toBe(200);
    finish();
    const statuses = (await Promise.all([first, ...others])).map(({ status }) => status);
    expect(statuses).toEqual([201, 201, 201, 201]);
  } finally {
    await narrow.close();
  }
});
