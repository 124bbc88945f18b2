import { request as httpRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMIN_KEY, refusal, startTestApi, type TestApi } from './api.ts';
import { NDJSON, ndjson, rowCounts, upload } from './uploading.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

describe('a refused upload', () => {
  let before: unknown;
  beforeAll(async () => {
    before = await rowCounts(api);
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
    [
      'half a surrogate in metadata',
      [{ input: 1, metadata: { a: ['\udc00'] } }],
      1,
      'metadata.a.0',
    ],
    [
      'a key that schemas drop',
      [JSON.parse('{"input":1,"metadata":{"__proto__":1}}')],
      1,
      'metadata.__proto__',
    ],
    ['a NUL in metadata', [{ input: 1, metadata: { a: '\u0000' } }], 1, 'metadata'],
    ['a NUL in a tag', [{ input: 1, tags: ['\u0000'] }], 1, 'tags.0'],
    ['metadata that is no object', [{ input: 1, metadata: [] }], 1, 'metadata'],
  ])('names the line and the field: %s', async (_what, rows, line, field) => {
    const answer = refusal(await upload(api, await api.newDataset(), ndjson(rows)));
    expect(answer).toMatchObject({ status: 400, code: 'invalid_line' });
    expect(answer.errors?.[0]).toMatchObject({ line, ...(field === undefined ? {} : { field }) });
    expect(answer.detail).toContain(`line ${line}: `);
  });

  test.each([
    ['deep JSON', `{"input":${'['.repeat(300)}${']'.repeat(300)}}`, 1, 'nested'],
    ['a number too large', '{"input":1}\n{"input":[1e999]}', 2, 'too large'],
    ['no JSON', '{"input":1}\n\n{"input":', 3, 'is not JSON'],
  ])('names the line of %s', async (_what, body, line, message) => {
    const { errors } = refusal(await upload(api, await api.newDataset(), body));
    expect(errors?.[0]).toMatchObject({ line, message: expect.stringContaining(message) });
  });

  test('names both lines of a key that was given twice, near or far, blank lines counted', async () => {
    const dataset = await api.newDataset();
    const rows = Array.from({ length: 5_000 }, (_, index) => ({ key: `k${index}`, input: index }));
    const far = `\n\n${ndjson(rows)}\n${ndjson([{ key: 'k4', input: 'again' }])}`;
    expect(refusal(await upload(api, dataset, far))).toMatchObject({
      status: 400,
      code: 'invalid_line',
      detail: expect.stringContaining('line 5004: key: key "k4" was given on line 7 already'),
      errors: [{ line: 5004, field: 'key' }],
    });
    const near = ndjson([...rows.slice(0, 3), { key: 'k1', input: 'again' }]);
    expect(refusal(await upload(api, dataset, near)).errors).toMatchObject([{ line: 4 }]);
  });

  test('names the first wrong line first, even where a later one is noticed earlier', async () => {
    const rows = [good, good, { nonsense: true }];
    const { errors } = refusal(await upload(api, await api.newDataset(), ndjson(rows)));
    expect(errors?.map(({ line, field }) => [line, field])).toEqual([
      [2, 'key'],
      [3, 'input'],
      [3, 'nonsense'],
    ]);
  });

  test('says what is wrong with the whole of it', async () => {
    const dataset = await api.newDataset();
    const empty = refusal(await upload(api, dataset, '\n\n'));
    expect(empty).toMatchObject({ status: 400, code: 'empty_upload' });
    expect(refusal(await upload(api, dataset, '[]', 'application/json')).code).toBe('empty_upload');
    expect(refusal(await upload(api, dataset, '{}', 'application/json')).code).toBe('invalid_json');
    const csv = refusal(await upload(api, dataset, 'input,answer\na,b\n', 'text/csv'));
    expect(csv.errors).toMatchObject([{ line: 1, field: 'answer' }]);
    const xml = await upload(api, dataset, '<a/>', 'application/xml');
    expect(refusal(xml)).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    expect(xml.headers.get('accept')).toMatch(`${NDJSON}, application/json, text/csv, `);
    expect((await upload(api, dataset, 'a', `${NDJSON}; charset=latin1`)).status).toBe(415);
    const packed = await upload(api, dataset, 'a', NDJSON, { 'content-encoding': 'br' });
    expect(refusal(packed)).toMatchObject({ status: 415, code: 'unsupported_encoding' });
    const broken = gzipSync(ndjson([good])).subarray(0, -9);
    const cut = await upload(api, dataset, broken, NDJSON, { 'content-encoding': 'gzip' });
    expect(refusal(cut)).toMatchObject({ status: 400, code: 'invalid_gzip' });
  });

  test('that nothing more can be read of is answered while its long body is still being sent', async () => {
    const dataset = await api.newDataset();
    const lines = Buffer.from(ndjson(Array.from({ length: 500 }, () => ({ input: 'x' }))));
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(sent === 3 ? Buffer.from([0xff, 0x0a]) : lines);
        if (sent === 2_000) controller.close();
      },
    });
    expect(refusal(await upload(api, dataset, body)).errors).toMatchObject([{ line: 1001 }]);
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
    expect(await rowCounts(api)).toEqual(before);
  });
});
