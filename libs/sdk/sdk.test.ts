import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  ApiError,
  ConnectionError,
  createClient,
  paginate,
  UnexpectedResponseError,
} from './index.ts';

const id = '0199a7a4-3c1e-7bb2-9f0e-5a3a2f1f7c11';
const dataset = {
  id,
  name: 'capitals',
  description: null,
  tags: [],
  inputSchema: null,
  expectedSchema: null,
  latestVersion: 1,
  itemCount: 3,
  runCount: 2,
  changedAt: '2026-11-01T10:00:00.000Z',
  createdAt: '2026-11-01T10:00:00.000Z',
  deletedAt: null,
};

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: Server;
let baseUrl: string;
let seen: Seen[];
let answer: (response: ServerResponse, request: Seen) => void;

const json = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req-1' });
  response.end(JSON.stringify(value));
};

beforeEach(async () => {
  seen = [];
  answer = (response) => json(response, 200, {});
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const one = { method: request.method, url: request.url, headers: request.headers, body };
      seen.push(one);
      answer(response, one);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  baseUrl = `http://127.0.0.1:${address.port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a call carries path parameters, the query, the key and the project', async () => {
  answer = (response) => json(response, 200, { items: [], nextCursor: null });
  const client = createClient({ baseUrl: `${baseUrl}/`, key: 'secret', project: id });
  await client.listDatasetItems({
    params: { id: 'a/b c', version: 2 },
    query: { limit: 10, cursor: undefined },
  });
  expect(seen[0]?.method).toBe('GET');
  expect(seen[0]?.url).toBe('/api/v1/datasets/a%2Fb%20c/versions/2/items?limit=10');
  expect(seen[0]?.headers.authorization).toBe('Bearer secret');
  expect(seen[0]?.headers['x-project']).toBe(id);
});

test('a call whose parts are all optional may be made with nothing', async () => {
  answer = (response) => json(response, 200, { items: [dataset], nextCursor: null });
  const page = await createClient({ baseUrl }).listDatasets();
  expect(page.items[0]?.name).toBe('capitals');
  expect(seen[0]?.url).toBe('/api/v1/datasets');
  expect(seen[0]?.headers.authorization).toBeUndefined();
});

test('a JSON body and declared headers are sent', async () => {
  answer = (response) => json(response, 422, { oops: true });
  const call = createClient({ baseUrl }).submitRun({
    headers: { 'idempotency-key': 'once' },
    body: {
      name: 'baseline',
      datasetId: id,
      target: { kind: 'recorded', recordingId: id },
      metrics: [{ metric: 'exact_match' }],
    },
  });
  await expect(call).rejects.toBeInstanceOf(ApiError);
  expect(seen[0]?.headers['idempotency-key']).toBe('once');
  expect(seen[0]?.headers['content-type']).toBe('application/json');
  expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ name: 'baseline' });
});

const version = {
  datasetId: id,
  version: 1,
  itemCount: 2,
  origin: { kind: 'upload' },
  createdAt: dataset.createdAt,
  createdBy: null,
};
const upload = {
  params: { id },
  contentType: 'application/x-ndjson',
} as const;

test.each([
  ['text', (): string => 'one\ntwo\n'],
  ['a Blob', (): Blob => new Blob(['one\n', 'two\n'])],
  ['a ReadableStream', (): ReadableStream<Uint8Array> => new Blob(['one\ntwo\n']).stream()],
  [
    'an async iterable',
    async function* (): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('one\n');
      yield new TextEncoder().encode('two\n');
    },
  ],
])('a body streams from %s', async (_, body) => {
  answer = (response) => json(response, 201, version);
  const created = await createClient({ baseUrl }).createDatasetVersion({ ...upload, body: body() });
  expect(created).toEqual(version);
  expect(seen[0]?.headers['content-type']).toBe('application/x-ndjson');
  expect(seen[0]?.body).toBe('one\ntwo\n');
});

async function* broken(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('one\n');
  throw new Error('disk gone');
}

test('a source that breaks while it streams breaks the call', async () => {
  const call = createClient({ baseUrl }).createDatasetVersion({ ...upload, body: broken() });
  await expect(call).rejects.toBeInstanceOf(ConnectionError);
});

describe('a download', () => {
  const download = { params: { id, version: 1 }, query: { format: 'csv' } } as const;

  test('comes as it arrives, and asks for what it takes', async () => {
    const lines = ['key,input\n', 'a,b\n'];
    let finish = (): void => {};
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' });
      response.write(lines[0]);
      finish = () => response.end(lines[1]);
    };
    const stream = await createClient({ baseUrl }).exportDatasetVersion(download);
    const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader.read()).toEqual({ done: false, value: lines[0] });
    finish();
    expect(await reader.read()).toEqual({ done: false, value: lines[1] });
    expect((await reader.read()).done).toBe(true);
    expect(seen[0]?.url).toBe(`/api/v1/datasets/${id}/versions/1/export?format=csv`);
    expect(seen[0]?.headers.accept).toBe(
      'application/x-ndjson, text/csv, application/problem+json',
    );
  });

  test('that breaks off fails its reader', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/csv' });
      response.write('key,input\n', () => response.destroy());
    };
    const stream = await createClient({ baseUrl }).exportDatasetVersion(download);
    await expect(new Response(stream).text()).rejects.toThrow('terminated');
  });

  test('that is refused is an ApiError, and one of nothing is empty', async () => {
    const client = createClient({ baseUrl });
    answer = (response) => json(response, 404, { oops: true });
    await expect(client.exportDatasetVersion(download)).rejects.toMatchObject({ status: 404 });
    answer = (response) => {
      response.writeHead(200).end();
    };
    expect(await new Response(await client.exportDatasetVersion(download)).text()).toBe('');
  });
});

test('204 answers undefined', async () => {
  answer = (response) => {
    response.writeHead(204).end();
  };
  expect(await createClient({ baseUrl }).signOut()).toBeUndefined();
  expect(seen[0]?.method).toBe('DELETE');
});

test('a problem becomes an ApiError with its code, its fields and its request id', async () => {
  answer = (response) =>
    json(response, 400, {
      type: 'about:blank',
      title: 'Bad request',
      status: 400,
      code: 'invalid_request',
      detail: 'The request is not valid',
      errors: [{ field: 'name', message: 'must not be empty' }],
    });
  const error: unknown = await createClient({ baseUrl })
    .createDataset({ body: { name: '' } })
    .catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    status: 400,
    code: 'invalid_request',
    detail: 'The request is not valid',
    errors: [{ field: 'name', message: 'must not be empty' }],
    requestId: 'req-1',
  });
});

test('an error without a problem document is still an ApiError', async () => {
  answer = (response) => {
    response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
  };
  const call = createClient({ baseUrl }).getRun({ params: { id } });
  await expect(call).rejects.toMatchObject({ status: 502, code: 'http_error', errors: [] });
});

test('an answer outside the contract is refused at the border', async () => {
  answer = (response) => json(response, 200, { ...dataset, itemCount: 'three' });
  const call = createClient({ baseUrl }).getDataset({ params: { id } });
  await expect(call).rejects.toBeInstanceOf(UnexpectedResponseError);
  await expect(call).rejects.toMatchObject({ requestId: 'req-1' });
});

test('a field that this client does not know is no error', async () => {
  answer = (response) => json(response, 200, { ...dataset, addedLater: true });
  expect(await createClient({ baseUrl }).getDataset({ params: { id } })).toEqual(dataset);
});

test('no server gives a ConnectionError', async () => {
  const call = createClient({ baseUrl: 'http://127.0.0.1:1' }).getSession();
  await expect(call).rejects.toBeInstanceOf(ConnectionError);
});

test('an abort passes as it is', async () => {
  const controller = new AbortController();
  answer = () => controller.abort(new Error('changed my mind'));
  const call = createClient({ baseUrl }).getSession({ signal: controller.signal });
  await expect(call).rejects.toThrow('changed my mind');
});

test('paginate walks all pages, keeps the query, and asks only when it must', async () => {
  const names = ['a', 'b', 'c'];
  answer = (response, request) => {
    const cursor = new URL(request.url ?? '', baseUrl).searchParams.get('cursor');
    const at = cursor === null ? 0 : Number(cursor);
    const items = [{ ...dataset, name: names[at] }];
    json(response, 200, { items, nextCursor: at + 1 < names.length ? String(at + 1) : null });
  };
  const client = createClient({ baseUrl });
  const found: string[] = [];
  const askedBefore: number[] = [];
  for await (const one of paginate(client.listDatasets, { query: { limit: 1 } })) {
    found.push(one.name);
    askedBefore.push(seen.length);
  }
  expect(found).toEqual(names);
  expect(askedBefore).toEqual([1, 2, 3]);
  expect(seen.map((one) => one.url)).toEqual([
    '/api/v1/datasets?limit=1',
    '/api/v1/datasets?limit=1&cursor=1',
    '/api/v1/datasets?limit=1&cursor=2',
  ]);
});
