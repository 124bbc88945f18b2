import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasetItem, datasetVersion } from '#libs/contracts';
import { sql } from '#libs/database';
import { z } from 'zod';
import { refusal, startTestApi, type TestApi } from './api.ts';
import { NDJSON, ndjson, upload } from './uploading.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const itemPage = z.object({ items: z.array(datasetItem), nextCursor: z.string().nullable() });

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
      await upload(api, dataset, ndjson(rows)),
      await upload(api, dataset, JSON.stringify(rows), 'application/json'),
      await upload(
        api,
        dataset,
        JSON.stringify({ items: rows }),
        'application/json; charset=utf-8',
      ),
      await upload(api, dataset, csv, 'text/csv; charset="UTF-8"'),
      await upload(api, dataset, gzipSync(ndjson(rows)), NDJSON, { 'content-encoding': 'gzip' }),
    ];
    for (const [index, answer] of answers.entries()) {
      expect(answer.status).toBe(201);
      const version = index + 1;
      expect(datasetVersion.parse(answer.json)).toMatchObject({ version, itemCount: 3 });
      expect(await itemsOf(dataset, version)).toEqual([
        { position: 0, split: null, ...rows[0] },
        { position: 1, metadata: {}, tags: [], split: null, ...rows[1] },
        { position: 2, expected: null, metadata: {}, tags: [], split: null, ...rows[2] },
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
    expect((await upload(api, dataset, line)).status).toBe(201);
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
    await upload(api, dataset, ndjson(rows));
    await upload(api, dataset, ndjson(rows));
    const keys = (await itemsOf(dataset, 1)).map(({ key }) => key);
    const [hash = ''] = keys;
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(keys).toEqual([hash, keys[1], `${hash}-2`, keys[3], `${hash}-3`]);
    expect(new Set(keys).size).toBe(5);
    expect((await itemsOf(dataset, 2)).map(({ key }) => key)).toEqual(keys);
  });

  test('a made key steps aside for a given one; a given one never does', async () => {
    const dataset = await api.newDataset();
    await upload(api, dataset, ndjson([{ input: 1 }]));
    const [{ key: hash } = { key: '' }] = await itemsOf(dataset);
    const given = [{ key: hash, input: 1 }, { key: `${hash}-2`, input: 'q' }, { input: 1 }];
    expect((await upload(api, dataset, ndjson([...given, { input: 1 }]))).status).toBe(201);
    const keys = (await itemsOf(dataset, 2)).map(({ key }) => key);
    expect(keys.slice(0, 2)).toEqual([hash, `${hash}-2`]);
    expect(keys.toSorted()).toEqual([hash, `${hash}-2`, `${hash}-3`, `${hash}-4`]);
    const late = await upload(api, dataset, ndjson([{ input: 1 }, { key: hash, input: 2 }]));
    expect(refusal(late)).toMatchObject({
      status: 400,
      errors: [{ line: 2, field: 'key', message: expect.stringContaining('on line 1 already') }],
    });
  });

  test('numbers equal rows across the chunks in which they are stored', async () => {
    const dataset = await api.newDataset();
    const answer = await upload(api, dataset, '{"input":"same"}\n'.repeat(4_500));
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
      Array.from({ length: 8 }, (_, index) => upload(api, dataset, ndjson([{ input: index }]))),
    );
    const numbers = answers.map(({ json }) => datasetVersion.parse(json).version);
    expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const { json } = await api.call('GET', `/api/v1/datasets/${dataset}/versions?limit=5`);
    expect(json).toMatchObject({ items: [{ version: 8 }, {}, {}, {}, { version: 4 }] });
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
  const answer = await upload(api, dataset, body);
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
