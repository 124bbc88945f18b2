import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { versionDifference } from '#libs/contracts';
import { sql } from '#libs/database';
import { refusal, startTestApi, type TestApi } from './api.ts';
import { NDJSON, ndjson, upload } from './uploading.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const exported = (id: string, version: number, query = '') =>
  api.call('GET', `/api/v1/datasets/${id}/versions/${version}/export${query}`);

/** What is stored of a version, byte for byte, in its order. */
const stored = (id: string, version: number) =>
  api.database.query(sql`
    select position, key, input::text, expected::text, metadata::text, tags, split
    from dataset_items i join dataset_versions v on v.id = i.version_id
    where v.dataset_id = ${id} and v.version = ${version} order by position`);

const ugly = [
  { key: '  spaces, "quotes"\nand lines ', input: 'plain', expected: 'text' },
  { key: '=1+1', input: '=HYPERLINK("http://x")', expected: '+1', split: '-1', tags: ['@x'] },
  { key: 'nul', input: 'a\u0000b', expected: '\u0000' },
  { key: 'surrogate', input: 'half \ud800', expected: { '\udfff': ['\ud800'] } },
  { key: 'numbers', input: 42, expected: -0.5e-7 },
  { key: 'digits', input: '42', expected: '4.20' },
  { key: 'words', input: true, expected: false },
  { key: 'words as text', input: 'true', expected: 'null' },
  { key: 'null', input: null, expected: null },
  { key: 'absent', input: '' },
  { key: 'empty', input: '', expected: '', metadata: {}, tags: [] },
  { key: 'looks like an array', input: '[1, 2]', expected: ' {"a": 1}' },
  { key: 'looks broken', input: '[not json', expected: '{' },
  { key: 'is an array', input: [1, [2, { a: null }]], expected: [] },
  { key: 'object', input: { z: 1, a: { b: ['"', '\\', '\n'] } }, expected: {} },
  { key: 'marked', input: 'json:42', expected: 'json:' },
  { key: 'lines', input: 'one\ntwo\r\nthree\rfour', expected: '\r\n' },
  { key: 'edges', input: ' \t padded \u00a0', expected: '\ufeff' },
  { key: 'quotes', input: '"', expected: '""quoted"", "and, more' },
  { key: 'separators', input: 'a,b;c\td|e', expected: '\u2028\u2029' },
  {
    key: 'everything',
    input: { messages: [{ role: 'user', content: 'Grüße 👩‍👩‍👧' }] },
    metadata: { 'a.b': [1, 'x;y'], source: '=cmd', n: 1e300, nested: { ' ': null } },
    tags: ['a;b', 'c,d', '"', '[x]', 'json:1', ' '],
    split: 'train, "a"\n',
  },
];

describe('an export', () => {
  test.each([
    ['ndjson', NDJSON],
    ['csv', 'text/csv'],
  ])('gives equal items when it is imported: %s', async (format, mediaType) => {
    const id = await api.newDataset();
    expect((await upload(api, id, ndjson(ugly))).status).toBe(201);
    const file = await exported(id, 1, `?format=${format}`);
    expect(file.status).toBe(200);
    expect(file.headers.get('content-type')).toBe(`${mediaType}; charset=utf-8`);
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename=questions-v1.${format}`,
    );
    expect(file.headers.get('cache-control')).toBe('no-store');
    const again = await upload(api, id, file.text, mediaType);
    expect([again.status, again.json]).toMatchObject([201, { itemCount: ugly.length }]);
    expect(await stored(id, 2)).toEqual(await stored(id, 1));
    const { json } = await api.call('GET', `/api/v1/datasets/${id}/versions/2/difference`);
    expect(versionDifference.parse(json).counts).toMatchObject({ unchanged: ugly.length });
    expect((await exported(id, 2, `?format=${format}`)).text).toBe(file.text);
  });

  test('leaves out what an item lacks, and keeps texts legible', async () => {
    const id = await api.newDataset();
    const rows = [
      { key: 'a', input: 'What is 6 × 7?', expected: '42', tags: ['x', 'y'], split: 'test' },
      { key: 'b', input: { q: 1 }, metadata: { n: 1 } },
      { key: 'c', input: 42, expected: 'json:1' },
    ];
    await upload(api, id, ndjson(rows));
    expect((await exported(id, 1)).text).toBe(
      '{"key":"a","input":"What is 6 × 7?","expected":"42","tags":["x","y"],"split":"test"}\n' +
        '{"key":"b","input":{"q":1},"metadata":{"n": 1}}\n' +
        '{"key":"c","input":42,"expected":"json:1"}\n',
    );
    expect((await exported(id, 1, '?format=csv')).text).toBe(
      'key,input,expected,metadata,tags,split\n' +
        'a,What is 6 × 7?,42,,"[""x"",""y""]",test\n' +
        'b,"{""q"":1}",,"{""n"": 1}",,\n' +
        'c,json:42,"json:""json:1""",,,\n',
    );
  });

  test('goes over many pages, by number and by size, without losing an item', async () => {
    const id = await api.newDataset();
    const rows = Array.from({ length: 2_500 }, (_, index) => ({
      key: `k${index}`,
      // Texts that cannot be packed make pages of fewer items than a page may have.
      input: index % 500 === 0 ? noise(700_000, index) : index,
    }));
    expect((await upload(api, id, ndjson(rows))).status).toBe(201);
    expect((await exported(id, 1)).text).toBe(ndjson(rows));
  });

  test('is refused for what is not there, and for others', async () => {
    const id = await api.newDataset();
    await upload(api, id, ndjson([{ input: 1 }]));
    expect(refusal(await exported(id, 2))).toMatchObject({
      status: 404,
      code: 'dataset_version_not_found',
    });
    expect(refusal(await exported(id, 1, '?format=xlsx'))).toMatchObject({
      status: 400,
      errors: [{ field: 'format' }],
    });
    const { key } = await api.newKey('admin');
    const path = `/api/v1/datasets/${id}/versions/1/export`;
    expect(refusal(await api.call('GET', path, { key })).code).toBe('dataset_not_found');
    const viewer = await api.newKey('viewer', await projectOf(id));
    expect((await api.call('GET', path, { key: viewer.key })).status).toBe(200);
  });
});

async function projectOf(id: string): Promise<string> {
  const row = await api.database.queryOne<{ project_id: string }>(
    sql`select project_id from datasets where id = ${id}`,
  );
  return row?.project_id ?? '';
}

/** Text without a pattern, the same for a seed (xorshift). */
function noise(length: number, seed: number): string {
  let state = seed + 1;
  return Array.from({ length: length / 7 }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0).toString(36).padStart(7, '0');
  }).join('');
}
