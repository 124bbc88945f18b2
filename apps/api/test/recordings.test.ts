import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recording } from '#libs/contracts';
import { sql } from '#libs/database';
import { z } from 'zod';
import { refusal, startTestApi, type TestApi } from './api.ts';
import { NDJSON, ndjson, record, rowCounts } from './uploading.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

describe('a recording', () => {
  test('holds its outputs, failed ones too', async () => {
    const rows = [
      { key: 'a', output: 'text' },
      { key: 'a', repeat: 1, output: { b: '\u0000' }, latencyMs: 1.5, costUsd: 0.002 },
      { key: 'b', output: null, inputTokens: 3, outputTokens: 4 },
      { key: 'c', error: 'it timed out' },
    ];
    const answer = await record(api, 'first & only', ndjson(rows));
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
    const before = await rowCounts(api);
    const answer = refusal(await record(api, 'r', ndjson(rows)));
    expect(answer).toMatchObject({ status: 400, code: 'invalid_line' });
    expect(answer.errors?.[0]).toMatchObject({ line, field });
    expect(await rowCounts(api)).toEqual(before);
  });

  test('takes NDJSON only, and a name', async () => {
    expect((await record(api, 'r', '[]', 'application/json')).status).toBe(415);
    const nameless = await api.call('POST', '/api/v1/recordings', {
      headers: { 'content-type': NDJSON },
      body: ndjson([{ key: 'a', output: 1 }]),
    });
    expect(refusal(nameless)).toMatchObject({ status: 400, errors: [{ field: 'name' }] });
  });

  test('is listed newest first, page by page', async () => {
    for (const name of ['x', 'y', 'z']) await record(api, name, ndjson([{ key: 'a', output: 1 }]));
    const page = z.object({ items: z.array(recording), nextCursor: z.string().nullable() });
    const first = page.parse((await api.call('GET', '/api/v1/recordings?limit=2')).json);
    const next = page.parse(
      (await api.call('GET', `/api/v1/recordings?limit=2&cursor=${first.nextCursor}`)).json,
    );
    const names = [...first.items, ...next.items].map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['z', 'y', 'x']);
  });
});
