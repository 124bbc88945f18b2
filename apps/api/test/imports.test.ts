import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '#libs/config';
import { importProgress, recording } from '#libs/contracts';
import { sql } from '#libs/database';
import { SandboxError } from '#libs/evaluation';
import { reconcile } from '#libs/runs';
import { noTools } from '#test/scoring';
import { waitFor } from '#test/wait';
import { writeXlsx } from 'hucre/xlsx';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { z } from 'zod';
import { ADMIN_KEY, refusal, startTestApi, withId, type TestApi } from './api.ts';
import { NDJSON, ndjson, rowCounts, upload } from './uploading.ts';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const PARQUET = 'application/vnd.apache.parquet';
const TSV = 'text/tab-separated-values';

const temporary = process.env['TMPDIR'];
let folder: string;
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  folder = await mkdtemp(join(tmpdir(), 'llm-eval-test-'));
  process.env['TMPDIR'] = folder;
});
afterAll(async () => {
  if (temporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporary;
  await rm(folder, { recursive: true });
  await api.close();
});

const send = (
  dataset: string,
  body: unknown,
  contentType: string,
  query: Record<string, string> = {},
) =>
  api.call(
    'POST',
    `/api/v1/datasets/${dataset}/versions?${new URLSearchParams(query).toString()}`,
    {
      headers: { 'content-type': contentType },
      body,
    },
  );

const items = async (dataset: string, version: number): Promise<unknown[]> => {
  const { json } = await api.call('GET', `/api/v1/datasets/${dataset}/versions/${version}/items`);
  return z.object({ items: z.array(z.unknown()) }).parse(json).items;
};

const importOf = async (id: string) =>
  importProgress.parse((await api.call('GET', `/api/v1/imports/${id}`)).json);

const workbook = async (rows: (string | null)[][]) =>
  new Uint8Array(await writeXlsx({ sheets: [{ name: 'Sheet', rows }] }));

const table = [
  ['id', 'question', 'answer', 'topic', 'fold'],
  ['a', 'What?', '{"text":"That"}', 'x;y', 'train'],
  ['b', 'Why?', '', '', ''],
];
const mapping = JSON.stringify({
  key: 'id',
  input: { q: 'question' },
  expected: 'answer.text',
  tags: 'topic',
  split: 'fold',
});
const objects = [
  { id: 'a', question: 'What?', answer: { text: 'That' }, topic: ['x', 'y'], fold: 'train' },
  { id: 'b', question: 'Why?' },
];
const parquetTable = () =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'id', data: ['a', 'b'], type: 'STRING' },
        { name: 'question', data: ['What?', 'Why?'], type: 'STRING' },
        { name: 'answer', data: [{ text: 'That' }, null], type: 'JSON' },
        { name: 'topic', data: ['x;y', null], type: 'STRING' },
        { name: 'fold', data: ['train', null], type: 'STRING' },
      ],
    }),
  );

test('every format gives equal items, by the same mapping', async () => {
  const dataset = await api.newDataset();
  const quoted = table.map((row) =>
    row.map((cell) => (cell.includes('"') ? `"${cell.replaceAll('"', '""')}"` : cell)),
  );
  const delimited = (delimiter: string) => quoted.map((row) => `${row.join(delimiter)}\n`).join('');
  const answers = [
    await send(dataset, ndjson(objects), NDJSON, { mapping }),
    await send(dataset, JSON.stringify(objects), 'application/json', { mapping }),
    await send(dataset, delimited(','), 'text/csv', { mapping }),
    await send(dataset, delimited('|'), 'text/csv', { mapping, delimiter: '|' }),
    await send(dataset, delimited('\t'), 'text/csv', { mapping, delimiter: 'tab' }),
    await send(dataset, delimited('\t'), TSV, { mapping }),
    await send(dataset, await workbook(table), XLSX, { mapping, sheet: 'Sheet' }),
    await send(dataset, parquetTable(), PARQUET, { mapping }),
  ];
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  for (const version of answers.keys()) {
    expect(await items(dataset, version + 1)).toEqual([
      {
        position: 0,
        key: 'a',
        input: { q: 'What?' },
        expected: 'That',
        metadata: {},
        tags: ['x', 'y'],
        split: 'train',
      },
      {
        position: 1,
        key: 'b',
        input: { q: 'Why?' },
        expected: null,
        metadata: {},
        tags: [],
        split: null,
      },
    ]);
  }
  expect(await readdir(folder)).toEqual([]);
});

describe('a query that does not fit', () => {
  test.each([
    [{ mapping: '{' }, 'text/csv', 'mapping'],
    [{ mapping: '{"inputs":"a"}' }, 'text/csv', 'mapping.inputs'],
    [{ mapping: '{"input":[]}' }, 'text/csv', 'mapping.input'],
    [{ mapping: '{"key":["a"]}' }, 'text/csv', 'mapping.key'],
    [{ delimiter: 'x' }, 'text/csv', 'delimiter'],
    [{ delimiter: ';' }, TSV, 'delimiter'],
    [{ sheet: 'a' }, 'text/csv', 'sheet'],
    [{ importId: 'mine' }, 'text/csv', 'importId'],
  ])('is refused: %j for %s', async (query, type, field) => {
    const { status, code, errors } = refusal(
      await send(await api.newDataset(), 'input\na\n', type, query),
    );
    expect({ status, code, field: errors?.[0]?.field }).toEqual({
      status: 400,
      code: 'invalid_request',
      field,
    });
  });
});

describe('schemas of a dataset', () => {
  const newDataset = async (schemas: object): Promise<string> =>
    withId.parse(
      (await api.call('POST', '/api/v1/datasets', { body: { name: 'd', ...schemas } })).json,
    ).id;
  const inputSchema = {
    type: 'object',
    properties: { q: { type: 'string', pattern: '^[A-Z]' } },
    required: ['q'],
  };

  test('are held against every item, and what does not fit is named', async () => {
    const dataset = await newDataset({ inputSchema, expectedSchema: { type: ['string', 'null'] } });
    const good = { input: { q: 'What?' }, expected: 'a' };
    const rows = Array.from({ length: 5_000 }, (_, at) => ({ ...good, key: `k${at}` }));
    const fits = [...rows, { input: { q: 'None' } }, { input: { q: 'Null' }, expected: null }];
    expect((await upload(api, dataset, ndjson(fits))).status).toBe(201);
    const wrong = [
      ...rows,
      { input: { q: 'what?' }, expected: 1 },
      good,
      { input: {}, expected: 'a' },
      { nothing: true },
    ];
    const { detail, errors } = refusal(await upload(api, dataset, ndjson(wrong)));
    expect(errors?.map(({ line, field }) => [line, field])).toEqual([
      [5001, 'input.q'],
      [5001, 'expected'],
      [5003, 'input'],
      [5004, 'input'],
      [5004, 'nothing'],
    ]);
    expect(errors?.[0]?.message).toContain('does not meet the schema of the dataset');
    expect(detail).toContain('line 5001: input.q: ');
    expect(detail).toContain('3 lines are wrong');
  });

  test('that cannot be held against an item refuse the upload', async () => {
    const failing = await startTestApi({
      deps: {
        sandbox: {
          ...noTools.sandbox,
          checkSchema: async () => undefined,
          validateJson: async () => {
            throw new SandboxError('timeout', 'it took longer than it may');
          },
        },
      },
    });
    try {
      const own = withId.parse(
        (await failing.call('POST', '/api/v1/datasets', { body: { name: 'd', inputSchema } })).json,
      ).id;
      const answer = refusal(await upload(failing, own, ndjson([{ input: { q: 'A' } }])));
      expect(answer).toMatchObject({ status: 422, code: 'schema_check_failed' });
      expect(answer.detail).toContain('it took longer than it may');
    } finally {
      await failing.close();
    }
  });
});

describe('what is wrong with an upload', () => {
  const wrongCsv = (count: number) => `input,metadata\n${'a,text\n'.repeat(count)}`;

  test.each([
    ['NDJSON', NDJSON, '{"input":1,"extra":2}\n'.repeat(50_000), 1],
    ['CSV', 'text/csv', wrongCsv(50_000), 2],
  ])(
    'is listed for the first 100 of 50,000 lines, and counted for all: %s',
    async (_name, type, body, first) => {
      const dataset = await api.newDataset();
      const before = await rowCounts(api);
      const { code, detail, errors } = refusal(await upload(api, dataset, body, type));
      expect(code).toBe('invalid_line');
      expect(errors?.map(({ line }) => line)).toEqual(
        Array.from({ length: 100 }, (_, at) => first + at),
      );
      expect(detail).toContain(`line ${first}: `);
      expect(detail).toContain('50,000 lines are wrong; the first 100 are listed.');
      expect(detail).toContain('Nothing was stored');
      expect(await rowCounts(api)).toEqual(before);
    },
  );

  test('is told together: lines, keys given twice far apart, and where reading ended', async () => {
    const dataset = await api.newDataset();
    const rows = Array.from({ length: 6_000 }, (_, at) => ({ key: `k${at}`, input: at }));
    const body = Buffer.concat([
      Buffer.from('{"key":"first"}\n'),
      Buffer.from(ndjson(rows)),
      Buffer.from('no JSON\n'),
      Buffer.from(
        ndjson([
          { key: 'k10', input: 1 },
          { key: 'k5999', input: 1 },
        ]),
      ),
      Buffer.from([0xff, 0x0a]),
      Buffer.from('no JSON\n'),
    ]);
    const { detail, errors } = refusal(await upload(api, dataset, body));
    expect(errors).toMatchObject([
      { line: 1, field: 'input' },
      { line: 6002, message: expect.stringContaining('is not JSON') },
      { line: 6003, message: 'key "k10" was given on line 12 already' },
      { line: 6004, message: 'key "k5999" was given on line 6001 already' },
      { line: 6005, message: 'is not UTF-8 text' },
    ]);
    expect(detail).toContain('5 lines are wrong; each is listed. The rest could not be read.');
  });

  test('always holds what ended the reading', async () => {
    const dataset = await api.newDataset();
    const body = `${'{"input":1,"extra":2}\n'.repeat(300)}"${'a'.repeat(10_100_000)}`;
    const { detail, errors } = refusal(await upload(api, dataset, body));
    expect(errors).toHaveLength(100);
    expect(errors?.at(-1)).toMatchObject({
      line: 301,
      message: expect.stringContaining('is longer than'),
    });
    expect(detail).toContain('301 lines are wrong; the first 100 are listed. The rest could not');
  });

  test('counts keys that were given twice, however many', async () => {
    const dataset = await api.newDataset();
    const rows = Array.from({ length: 3_000 }, (_, at) => ({ key: `k${at % 1_000}`, input: at }));
    const { detail, errors } = refusal(await upload(api, dataset, ndjson(rows)));
    expect(errors).toHaveLength(100);
    expect(errors?.[0]).toMatchObject({
      line: 1001,
      field: 'key',
      message: 'key "k0" was given on line 1 already',
    });
    expect(detail).toContain('2,000 lines are wrong; the first 100 are listed.');
  });
});

describe('a broken file', () => {
  const long = Array.from({ length: 3_000 }, (_, at) => [`k${at}`, `text ${at * 7919}`]);
  const broken = async (): Promise<[string, string, Uint8Array | string, string, RegExp][]> => {
    const xlsx = await workbook([['key', 'input'], ...long]);
    const parquet = new Uint8Array(
      parquetWriteBuffer({
        columnData: [{ name: 'input', data: long.map(([, text]) => text), type: 'STRING' }],
        rowGroupSize: 500,
      }),
    );
    const damaged = Uint8Array.from(parquet);
    damaged.fill(0xff, Math.floor(parquet.length / 2), Math.floor(parquet.length / 2) + 500);
    return [
      ['NDJSON', NDJSON, '{"input":1}\n{"input":', 'invalid_line', /line 2: is not JSON/],
      ['JSON', 'application/json', '[{"input":1},{"input":2}', 'invalid_line', /ends before/],
      ['CSV', 'text/csv', 'input\na\n"b\n', 'invalid_line', /line 3: a quote/],
      ['TSV', TSV, 'input\tkey\na\n', 'invalid_line', /line 2: has 1 cells/],
      ['cut XLSX', XLSX, xlsx.subarray(0, -200), 'invalid_xlsx', /not an XLSX workbook/],
      ['no XLSX', XLSX, 'input\na\n', 'invalid_xlsx', /not an XLSX workbook/],
      ['cut Parquet', PARQUET, parquet.subarray(0, -20), 'invalid_parquet', /not a Parquet file/],
      ['damaged Parquet', PARQUET, damaged, 'invalid_parquet', /damaged/],
    ];
  };

  test('gives a clear error, and leaves nothing behind but a failed import', async () => {
    const dataset = await api.newDataset();
    const before = await rowCounts(api);
    for (const [name, type, body, code, detail] of await broken()) {
      const importId = randomUUID();
      const answer = refusal(await send(dataset, body, type, { importId }));
      expect({ name, ...answer }).toMatchObject({ status: 400, code });
      expect(answer.detail).toMatch(detail);
      expect(await importOf(importId)).toMatchObject({ state: 'failed', detail: answer.detail });
    }
    expect(await rowCounts(api)).toEqual(before);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('the progress of an upload', () => {
  test('can be asked for while it goes on, and is complete at its end', async () => {
    const dataset = await api.newDataset();
    const importId = randomUUID();
    let finish = (): void => {};
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from('{"input":1}\n{"input":2}\n'));
        finish = () => {
          controller.enqueue(Buffer.from('{"input":3}\n'));
          controller.close();
        };
      },
    });
    const uploading = send(dataset, body, NDJSON, { importId: importId.toUpperCase() });
    await waitFor(async () => {
      const answer = await api.call('GET', `/api/v1/imports/${importId}`);
      if (answer.status !== 200) return undefined;
      return importProgress.parse(answer.json).lines === 2 ? true : undefined;
    });
    const running = await importOf(importId);
    expect(running).toMatchObject({ id: importId, state: 'running', bytes: 24, detail: null });
    finish();
    expect((await uploading).status).toBe(201);
    const done = await importOf(importId);
    expect(done).toMatchObject({ state: 'completed', lines: 3, bytes: 36, detail: null });
    expect(done.updatedAt >= running.updatedAt && running.updatedAt >= running.createdAt).toBe(
      true,
    );
  });

  test('is of its project, and its id is used once', async () => {
    const importId = randomUUID();
    const dataset = await api.newDataset();
    expect((await send(dataset, '{"input":1}\n', NDJSON, { importId })).status).toBe(201);
    const again = refusal(await send(dataset, '{"input":1}\n', NDJSON, { importId }));
    expect(again).toMatchObject({ status: 409, code: 'import_id_taken' });
    expect(await importOf(importId)).toMatchObject({ state: 'completed', lines: 1 });
    const { json } = await api.call('GET', `/api/v1/datasets/${dataset}`);
    expect(json).toMatchObject({ latestVersion: 1 });
    const { key } = await api.newKey('viewer');
    const elsewhere = await api.call('GET', `/api/v1/imports/${importId}`, { key });
    expect(refusal(elsewhere)).toMatchObject({ status: 404, code: 'import_not_found' });
    const listed = (by?: string) =>
      api.call('GET', `/api/v1/imports?id=${importId}&id=${randomUUID()}`, by ? { key: by } : {});
    expect((await listed()).json).toMatchObject({ items: [{ id: importId, state: 'completed' }] });
    expect((await listed(key)).json).toEqual({ items: [] });
  });

  test('of one that nobody was heard of for long is failed', async () => {
    const importId = randomUUID();
    await send(await api.newDataset(), '{"input":1}\n', NDJSON, { importId });
    await api.database.query(sql`
      update imports set state = 'running', updated_at = now() - interval '3 minutes'
      where id = ${importId}`);
    expect(await importOf(importId)).toMatchObject({
      state: 'failed',
      detail: 'The upload broke off.',
    });
  });

  test('of one whose client goes away says so', async () => {
    const importId = randomUUID();
    const dataset = await api.newDataset();
    const request = httpRequest(
      `${api.url}/api/v1/datasets/${dataset}/versions?importId=${importId}`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': PARQUET },
      },
    );
    request.on('error', () => {});
    request.write('PAR1');
    const stateOf = async (state: string) => {
      const { status, json } = await api.call('GET', `/api/v1/imports/${importId}`);
      const found = status === 200 ? importProgress.parse(json) : undefined;
      return found?.state === state && (state === 'failed' || found.bytes > 0) ? found : undefined;
    };
    await waitFor(() => stateOf('running'));
    request.destroy();
    const failed = await waitFor(() => stateOf('failed'));
    expect(failed.detail).toBe('The connection ended before the body did.');
    expect(await readdir(folder)).toEqual([]);
  });

  test('is forgotten after a week', async () => {
    const [old, young] = [randomUUID(), randomUUID()];
    const dataset = await api.newDataset();
    for (const importId of [old, young]) await send(dataset, '{"input":1}\n', NDJSON, { importId });
    await api.database.query(
      sql`update imports set updated_at = now() - interval '7 days 1 minute' where id = ${old}`,
    );
    const { database, queues } = api;
    const context = { database, queues, logger: createLogger('test', 'silent') };
    while (!(await reconcile(context, 60_000)));
    expect(
      await api.database.query(sql`select id from imports where id in (${old}, ${young})`),
    ).toEqual([{ id: young }]);
  });

  test('never fails the upload', async () => {
    const own = await startTestApi();
    try {
      await own.database.query(sql`
        create function refuse() returns trigger language plpgsql as
          $$ begin raise exception 'no'; end $$`);
      await own.database.query(
        sql`create trigger refuse before update on imports for each row execute function refuse()`,
      );
      const dataset = await own.newDataset();
      const answer = await own.call(
        'POST',
        `/api/v1/datasets/${dataset}/versions?importId=${randomUUID()}`,
        { headers: { 'content-type': NDJSON }, body: '{"input":1}\n' },
      );
      expect(answer.status).toBe(201);
    } finally {
      await own.close();
    }
  });
});

test('a recording keeps why outputs ended and which tools were called, and can be watched', async () => {
  const importId = randomUUID();
  const toolCalls = [{ id: '1', name: 'search', arguments: { q: '\u0000' } }, { name: 'stop' }];
  const answer = await api.call('POST', `/api/v1/recordings?name=r&importId=${importId}`, {
    headers: { 'content-type': NDJSON },
    body: ndjson([
      { key: 'a', output: 'x', finishReason: 'tool_calls', toolCalls },
      { key: 'b', output: 'y' },
    ]),
  });
  const { id } = recording.parse(answer.json);
  expect(
    await api.database.query(sql`
      select key, finish_reason, tool_calls from recorded_outputs
      where recording_id = ${id} order by key`),
  ).toEqual([
    {
      key: 'a',
      finish_reason: 'tool_calls',
      tool_calls: [toolCalls[0], { name: 'stop', arguments: {} }],
    },
    { key: 'b', finish_reason: null, tool_calls: null },
  ]);
  expect(await importOf(importId)).toMatchObject({ state: 'completed', lines: 2 });
  const wrong = await api.call('POST', '/api/v1/recordings?name=r', {
    headers: { 'content-type': NDJSON },
    body: ndjson([{ key: 'a', output: 'x', toolCalls: [{ arguments: 1 }] }, { key: 'b' }]),
  });
  expect(refusal(wrong).errors?.map(({ line, field }) => [line, field])).toEqual([
    [1, 'toolCalls.0.name'],
    [2, 'output'],
  ]);
});

test('the OpenAPI document describes the formats and what the query says of them', async () => {
  const document = (await api.call('GET', '/openapi.json')).json;
  const described = z
    .object({
      paths: z.object({
        '/api/v1/datasets/{id}/versions': z.object({
          post: z.object({
            parameters: z.array(z.looseObject({ name: z.string() })),
            requestBody: z.object({ content: z.record(z.string(), z.unknown()) }),
          }),
        }),
      }),
      components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
    })
    .parse(document);
  const { parameters, requestBody } = described.paths['/api/v1/datasets/{id}/versions'].post;
  expect(parameters.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['mapping', 'delimiter', 'sheet', 'importId']),
  );
  expect(JSON.stringify(parameters.find(({ name }) => name === 'mapping'))).toContain(
    'ColumnMapping',
  );
  expect(Object.keys(described.components.schemas)).toEqual(
    expect.arrayContaining(['ColumnMapping', 'Import']),
  );
  expect(requestBody.content).toMatchObject({
    [TSV]: { schema: { type: 'string' } },
    [XLSX]: { schema: { description: expect.stringContaining('sheet') } },
    [PARQUET]: { schema: { description: expect.stringContaining('row group') } },
  });
});
