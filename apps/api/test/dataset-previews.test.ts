import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { uploadPreview, type UploadPreview } from '#libs/contracts';
import { writeXlsx } from 'hucre/xlsx';
import { refusal, startTestApi, withId, type TestApi } from './api.ts';
import { NDJSON, ndjson, rowCounts, upload } from './uploading.ts';

let api: TestApi;
let dataset: string;
beforeAll(async () => {
  api = await startTestApi();
  dataset = await api.newDataset();
});
afterAll(() => api.close());

const CSV = 'text/csv';
const send = (
  body: unknown,
  contentType: string,
  query: Record<string, unknown> = {},
  of = dataset,
) => {
  const { mapping, ...rest } = query;
  const texts = Object.entries(rest).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  if (mapping !== undefined) texts.push(['mapping', JSON.stringify(mapping)]);
  const path = `/api/v1/datasets/${of}/versions/preview?${new URLSearchParams(texts).toString()}`;
  return api.call('POST', path, { headers: { 'content-type': contentType }, body });
};
const preview = async (...given: Parameters<typeof send>): Promise<UploadPreview> => {
  const answer = await send(...given);
  expect(answer.text).toContain('"columns"');
  expect(answer.status).toBe(200);
  return uploadPreview.parse(answer.json);
};

const quiz = [
  'id,question,hint,answer,topic',
  'q1,Who wrote Faust?,Weimar,Goethe,books;old',
  'q2,6 times 7?,,42',
  'q1,Capital of Peru?,,Lima,geo',
  'q4,Capital of Chad?,,"N\'Djamena",geo',
].join('\n');
const mapping = { key: 'id', input: ['question', 'hint'], expected: 'answer', tags: 'topic' };

describe('a preview of an upload', () => {
  test('says what the file holds, what would become of it and what is wrong, and keeps nothing', async () => {
    const before = await rowCounts(api);
    const shown = await preview(quiz, CSV, { mapping });
    expect(shown).toMatchObject({ lines: 4, wrongLines: 2, whole: true, sheets: [] });
    expect(shown.columns).toEqual(['id', 'question', 'hint', 'answer', 'topic']);
    // A row of too few cells has no place for them, and so is no row of the table.
    expect(shown.rows.map(({ line, cells }) => [line, cells[0]])).toEqual([
      [2, 'q1'],
      [4, 'q1'],
      [5, 'q4'],
    ]);
    expect(shown.items[0]).toEqual({
      line: 2,
      key: 'q1',
      input: { question: 'Who wrote Faust?', hint: 'Weimar' },
      expected: 'Goethe',
      tags: ['books', 'old'],
      split: null,
    });
    const wrong = [
      { line: 3, message: 'has 4 cells where the header has 5' },
      { line: 4, field: 'key', message: 'key "q1" was given on line 2 already' },
    ];
    expect(shown.errors).toEqual(wrong);
    expect(await rowCounts(api)).toEqual(before);
    // The upload itself is refused for the same.
    const query = `versions?mapping=${encodeURIComponent(JSON.stringify(mapping))}`;
    const refused = await api.call('POST', `/api/v1/datasets/${dataset}/${query}`, {
      headers: { 'content-type': CSV },
      body: quiz,
    });
    expect(refusal(refused).errors).toEqual(wrong);
  });

  test('shows columns and rows also where no mapping fits them', async () => {
    const shown = await preview(quiz, CSV);
    expect(shown.columns).toHaveLength(5);
    expect(shown.rows[0]?.cells).toEqual([
      'q1',
      'Who wrote Faust?',
      'Weimar',
      'Goethe',
      'books;old',
    ]);
    expect(shown).toMatchObject({ items: [], whole: false });
    expect(shown.errors[0]).toMatchObject({ line: 1, field: 'id' });
    const elsewhere = await preview(quiz, CSV, { mapping: { input: 'nowhere' } });
    expect(elsewhere.errors).toEqual([
      { line: 1, field: 'nowhere', message: expect.stringContaining('is not a column') },
    ]);
    expect(elsewhere.rows).toHaveLength(3);
    const objects = await preview(
      ndjson([
        { q: 'a', more: { deep: 1 } },
        { q: 'b', x: 2 },
      ]),
      NDJSON,
    );
    expect(objects.columns).toEqual(['q', 'more', 'x']);
    expect(objects.rows).toEqual([
      { line: 1, cells: ['a', { deep: 1 }, null] },
      { line: 2, cells: ['b', null, 2] },
    ]);
    expect(objects.wrongLines).toBe(2);
  });

  test('holds the items against the schemas of the dataset', async () => {
    const { json } = await api.call('POST', '/api/v1/datasets', {
      body: { name: 'strict', inputSchema: { type: 'string', maxLength: 3 } },
    });
    const { id } = withId.parse(json);
    const shown = await preview(ndjson([{ input: 'abc' }, { input: 'abcd' }]), NDJSON, {}, id);
    expect(shown.errors).toMatchObject([{ line: 2, field: 'input' }]);
    expect([shown.lines, shown.wrongLines]).toEqual([2, 1]);
  });

  test('reads only so many lines where that is asked for, whatever comes after them', async () => {
    const many = ndjson(
      Array.from({ length: 30 }, (_, i) => ({ key: `k${i}`, input: 'x'.repeat(400) })),
    );
    const shown = await preview(`${many}{"input":`, NDJSON, { lines: 25 });
    expect(shown).toMatchObject({ lines: 25, wrongLines: 0, whole: false });
    expect([shown.rows.length, shown.items.length]).toEqual([20, 20]);
    expect(shown.items[0]?.input).toBe(`${'x'.repeat(300)}…`);
    // Far more than is read before the answer: it comes all the same.
    const large = ndjson(Array.from({ length: 60_000 }, () => ({ input: 'y'.repeat(100) })));
    expect((await preview(large, NDJSON, { lines: 3 })).items).toHaveLength(3);
  });

  test('names the sheets of a workbook, and refuses what is none', async () => {
    const data = await writeXlsx({
      sheets: [
        { name: 'Notes', rows: [['x'], ['y']] },
        {
          name: 'Items',
          rows: [
            ['input', 'expected'],
            ['2+2', 4],
          ],
        },
      ],
    });
    const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
    const shown = await preview(new Uint8Array(data), xlsx, { sheet: 'Items' });
    expect(shown.sheets).toEqual(['Notes', 'Items']);
    expect(shown.items).toMatchObject([{ input: '2+2', expected: 4 }]);
    expect(refusal(await send('no workbook', xlsx)).code).toBe('invalid_xlsx');
  });

  test('is for editors, of datasets that are there', async () => {
    const viewer = await api.newKey('viewer');
    const path = `/api/v1/datasets/${dataset}/versions/preview`;
    const headers = { 'content-type': CSV };
    const denied = await api.call('POST', path, { key: viewer.key, headers, body: quiz });
    expect(refusal(denied).status).toBe(403);
    await api.call('DELETE', `/api/v1/datasets/${dataset}`);
    expect(refusal(await send(quiz, CSV)).code).toBe('dataset_deleted');
    expect(refusal(await upload(api, dataset, quiz, CSV)).code).toBe('dataset_deleted');
  });
});
