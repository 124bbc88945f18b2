import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '#libs/config';
import { operations, problem } from '#libs/contracts';
import { z } from 'zod';
import { describeError } from '../http/error-handler.ts';
import { listen } from '../http/listen.ts';
import { toHttpProblem } from '../http/problem.ts';
import { ADMIN_KEY, startTestApi, type Answer, type TestApi } from './api.ts';

let api: TestApi;
let webRoot: string;
beforeAll(async () => {
  webRoot = await mkdtemp(join(tmpdir(), 'llm-eval-web-'));
  await mkdir(join(webRoot, 'assets'));
  await writeFile(join(webRoot, 'index.html'), '<title>the UI</title>');
  await writeFile(join(webRoot, 'assets', 'index-abc123.js'), 'export {};');
  api = await startTestApi({ deps: { webRoot } });
});
afterAll(async () => {
  await api.close();
  await rm(webRoot, { recursive: true });
});

const refusal = (answer: Answer) => {
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  const parsed = problem.parse(answer.json);
  expect(parsed.status).toBe(answer.status);
  expect(parsed.requestId).toBe(answer.headers.get('x-request-id'));
  return { status: parsed.status, code: parsed.code, errors: parsed.errors };
};
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('refusals', () => {
  test('are problem documents with a stable code and the id of the request', async () => {
    const headers = { 'x-request-id': 'from-the-proxy.1' };
    const answer = await api.call('GET', '/api/v1/nothing', { headers });
    expect(refusal(answer)).toMatchObject({ status: 404, code: 'route_not_found' });
    expect(answer.headers.get('x-request-id')).toBe('from-the-proxy.1');
    const odd = await api.call('GET', '/api/v1/nothing', { headers: { 'x-request-id': 'a b"' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('name what a path can do', async () => {
    const answer = await api.call('DELETE', '/api/v1/datasets');
    expect(refusal(answer)).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(answer.headers.get('allow')).toBe('POST, GET, HEAD');
    const head = await api.call('HEAD', '/api/v1/datasets');
    expect([head.status, head.text]).toEqual([200, '']);
  });

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    api.call('POST', '/api/v1/datasets', { body, headers });

  test('name each field of a body that is wrong', async () => {
    const answer = await post({ name: '', descripton: 'x' });
    expect(refusal(answer)).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [
        { field: 'name', message: 'must not be empty' },
        { field: 'descripton', message: expect.stringContaining('not a field') },
      ],
    });
    expect(refusal(await post({ name: 'a\u0000' }))).toMatchObject({ errors: [{ field: 'name' }] });
    expect(refusal(await post({ name: 'a\ud800' }))).toMatchObject({ errors: [{ field: 'name' }] });
    const key = { name: 'x', role: 'owner', projectId: 'nope' };
    expect(
      refusal(await api.call('POST', '/api/v1/keys', { body: key })).errors?.map((e) => e.field),
    ).toEqual(['role', 'projectId']);
  });

  test('of a body that is not what it should be', async () => {
    expect(refusal(await post('{"name": '))).toMatchObject({ status: 400, code: 'invalid_json' });
    expect(refusal(await post('5'))).toMatchObject({ status: 400, code: 'invalid_request' });
    const deep = `{"name":"x","description":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(refusal(await post(deep))).toMatchObject({ status: 400, code: 'invalid_request' });
    const large = JSON.stringify({ name: 'x'.repeat(6_000_000) });
    expect(refusal(await post(large))).toMatchObject({ status: 413, code: 'body_too_large' });
    const text = await post('name=x', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(refusal(text)).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    const none = await api.call('POST', '/api/v1/datasets');
    expect(none.status).toBe(415);
    const charset = { 'content-type': 'application/json; charset=koi8-r' };
    expect(refusal(await post('{}', charset)).status).toBe(415);
  });

  test('of parameters, queries and cursors', async () => {
    const refused = async (path: string) =>
      refusal(await api.call('GET', `/api/v1${path}`)).errors?.[0]?.field;
    expect(await refused('/datasets/not-an-id')).toBe('id');
    expect(await refused('/datasets?limit=0')).toBe('limit');
    expect(await refused('/datasets?limit=1&limit=2')).toBe('limit');
    expect((await api.call('GET', '/api/v1/datasets/%zz')).status).toBe(400);

    const dataset = await api.newDataset();
    const forged = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');
    const id = crypto.randomUUID();
    for (const cursor of [
      'nonsense',
      '%00',
      forged(null),
      forged({ id: 'x' }),
      forged({ at: '0000-01-01T00:00:00Z', id }),
      forged({ at: 'now', id }),
      forged({ position: 1e12 }),
    ]) {
      for (const path of ['/datasets', '/recordings', '/keys', `/datasets/${dataset}/versions`]) {
        const answer = await api.call('GET', `/api/v1${path}?cursor=${cursor}`);
        expect(refusal(answer)).toMatchObject({ status: 400, code: 'invalid_cursor' });
      }
    }
  });

  test('of what is not there', async () => {
    const dataset = await api.newDataset();
    const missing = async (path: string) => refusal(await api.call('GET', `/api/v1${path}`)).code;
    const id = crypto.randomUUID();
    expect(await missing(`/datasets/${id}`)).toBe('dataset_not_found');
    expect(await missing(`/datasets/${dataset}/versions/1/items`)).toBe('version_not_found');
    expect(await missing(`/recordings/${id}`)).toBe('recording_not_found');
    expect(await missing(`/runs/${id}`)).toBe('run_not_found');
  });
});

describe('what an unforeseen error is answered with', () => {
  test('is 503 where the database is away, however deep that is buried', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    for (const error of [refused, new Error('outer', { cause: refused })]) {
      const { status, code, headers } = toHttpProblem(error);
      expect([status, code]).toEqual([503, 'database_unavailable']);
      expect(headers['Retry-After']).toBeDefined();
    }
  });

  test('tells the caller nothing, and the log no values', () => {
    const values = Object.assign(new Error('insert … (a secret prompt)'), {
      severity: 'ERROR',
      code: '22P02',
      detail: 'Token "a secret prompt" is invalid.',
    });
    const error = new Error('insert failed: a secret prompt', { cause: values });
    expect(toHttpProblem(error)).toMatchObject({ status: 500, code: 'internal_error' });
    expect(toHttpProblem(error).message).not.toContain('secret');
    const logged = describeError(error);
    expect(logged).toMatchObject({ error: 'PostgreSQL', postgresCode: '22P02' });
    expect(JSON.stringify(logged)).not.toContain('secret');
  });
});

describe('health', () => {
  test('is told to everyone, at the root and below the API', async () => {
    for (const prefix of ['', '/api/v1']) {
      const live = await api.call('GET', `${prefix}/health/live`, { key: null });
      expect([live.status, live.json]).toEqual([200, { status: 'live' }]);
      const ready = await api.call('GET', `${prefix}/health/ready`, { key: null });
      expect([ready.status, ready.json]).toEqual([
        200,
        { status: 'ready', checks: { database: 'ok', migrations: 'ok', queue: 'ok' } },
      ]);
    }
  });

  test('is 503 while the database is away', async () => {
    const own = await startTestApi();
    try {
      await own.dropDatabase();
      const ready = await own.call('GET', '/health/ready', { key: null });
      expect(ready.status).toBe(503);
      expect(ready.json).toMatchObject({
        status: 'unavailable',
        checks: { database: 'failed', migrations: 'failed' },
      });
      expect((await own.call('GET', '/health/live', { key: null })).status).toBe(200);
    } finally {
      await own.close();
    }
  });

  test('is 503 while the queue does not answer, in bounded time', async () => {
    const ping = () => new Promise<void>(() => {});
    const own = await startTestApi({ deps: { queues: { boards: [], ping } } });
    try {
      const ready = await own.call('GET', '/health/ready', { key: null });
      expect([ready.status, ready.json]).toEqual([
        503,
        {
          status: 'unavailable',
          checks: { database: 'ok', migrations: 'ok', queue: 'failed' },
        },
      ]);
    } finally {
      await own.close();
    }
  });
});

describe('the OpenAPI document', () => {
  const operation = z.looseObject({
    operationId: z.string(),
    responses: z.record(z.string(), z.looseObject({ description: z.string() })),
    requestBody: z.looseObject({ content: z.record(z.string(), z.unknown()) }).optional(),
  });
  const document = z.looseObject({
    openapi: z.string().startsWith('3.1'),
    paths: z.record(z.string(), z.record(z.string(), operation)),
    components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
  });

  const refsIn = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, part]) =>
      key === '$ref' && typeof part === 'string' ? [part] : refsIn(part),
    );
  };

  test('has every operation with its answers, and every reference leads somewhere', async () => {
    const answer = await api.call('GET', '/openapi.json', { key: null });
    expect((await api.call('GET', '/api/v1/openapi.json', { key: null })).text).toBe(answer.text);
    const parsed = document.parse(answer.json);
    for (const { id, method, path, status, ...rest } of Object.values(operations)) {
      const found = parsed.paths[`/api/v1${path}`]?.[method.toLowerCase()];
      expect([id, found?.operationId]).toEqual([id, id]);
      expect(found?.responses[status]).toBeDefined();
      const streamed = 'streams' in rest ? [...rest.streams] : undefined;
      const json = 'body' in rest ? ['application/json'] : undefined;
      const content = found?.requestBody?.content;
      expect(content && Object.keys(content)).toEqual(streamed ?? json);
    }
    const schemas = Object.keys(parsed.components.schemas);
    expect(schemas).toEqual(expect.arrayContaining(['Run', 'Dataset', 'Problem', 'Json']));
    const refs = new Set(refsIn(answer.json));
    expect(refs.size).toBeGreaterThan(10);
    for (const ref of refs) {
      expect(schemas).toContain(ref.replace(/^#\/components\/schemas\//, ''));
    }
  });

  test('has a reference page that loads only from here', async () => {
    for (const path of ['/docs', '/api/v1/docs']) {
      const page = await api.call('GET', path, { key: null });
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
      const loaded = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url);
      expect(loaded).toHaveLength(4);
      for (const url of loaded) {
        expect(url).toMatch(/^\//);
        expect((await api.call('GET', url, { key: null })).status).toBe(200);
      }
      expect(page.text).not.toMatch(/<script>/);
    }
  });
});

describe('the UI', () => {
  test('is one page for every address that a browser navigates to', async () => {
    for (const path of ['/', '/runs', '/sign-in?next=%2Fadmin%2Fqueues']) {
      const page = await api.call('GET', path, { key: null, headers: html });
      expect([page.status, page.text]).toEqual([200, '<title>the UI</title>']);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      expect(page.headers.get('x-frame-options')).toBeTruthy();
    }
    const asset = await api.call('GET', '/assets/index-abc123.js', { key: null });
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  test('never stands in for what is missing', async () => {
    for (const path of ['/assets/gone.js', '/api/none', '/api/v1/none', '/socket.io/x']) {
      const answer = await api.call('GET', path, { key: null, headers: html });
      expect([path, refusal(answer).status]).toEqual([path, 404]);
    }
    expect((await api.call('GET', '/runs', { key: null })).status).toBe(404);
  });
});

test('metrics are there for Prometheus', async () => {
  await api.call('GET', '/api/v1/datasets');
  const { text, headers } = await api.call('GET', '/metrics', { key: null });
  expect(headers.get('content-type')).toContain('text/plain');
  expect(text).toMatch(/llm_eval_database_connections\{state="idle"\} \d/);
  expect(text).toContain('llm_eval_sockets 0');
  expect(text).toContain(
    'llm_eval_http_request_seconds_count{operation="listDatasets",status="200"}',
  );
});

describe('Bull Board', () => {
  const board = '/admin/queues';

  test('opens to an admin key of the instance only, by key or session', async () => {
    expect(refusal(await api.call('GET', board, { key: null })).code).toBe('unauthenticated');
    const admin = await api.newKey('admin');
    expect(refusal(await api.call('GET', board, { key: admin.key }))).toMatchObject({
      status: 403,
      code: 'instance_key_needed',
    });
    const viewer = await api.newKey('viewer');
    expect(refusal(await api.call('GET', board, { key: viewer.key })).status).toBe(403);

    const signedIn = await api.call('POST', '/api/v1/session', {
      key: null,
      body: { key: ADMIN_KEY },
    });
    const cookie = signedIn.headers.get('set-cookie')?.split(';', 1).join('') ?? '';
    const page = await api.call('GET', board, { key: null, headers: { cookie, ...html } });
    expect([page.status, page.text.includes('LLM-Eval queues')]).toEqual([200, true]);
    const queues = await api.call('GET', `${board}/api/queues`);
    expect(queues.json).toMatchObject({ queues: [{ name: 'batches' }, { name: 'runs' }] });
  });

  test('sends a browser without a session to sign in, and back', async () => {
    const expired = { cookie: 'llm_eval_session=gone', ...html };
    for (const headers of [html, expired]) {
      const answer = await api.call('GET', `${board}/queue/batches?status=failed`, {
        key: null,
        headers,
      });
      expect(answer.status).toBe(302);
      expect(answer.headers.get('location')).toBe(
        `/sign-in?next=${encodeURIComponent('/admin/queues/queue/batches?status=failed')}`,
      );
    }
  });

  test('lets failed jobs be retried, and nothing else be changed', async () => {
    const refused: [string, string][] = [
      ['PUT', '/api/queues/pause'],
      ['PUT', '/api/queues/batches/pause'],
      ['PUT', '/api/queues/batches/empty'],
      ['PUT', '/api/queues/batches/obliterate'],
      ['PUT', '/api/queues/batches/clean/failed'],
      ['PUT', '/api/queues/batches/retry/completed'],
      ['PUT', '/api/queues/batches/promote'],
      ['PUT', '/api/queues/batches/1/clean'],
      ['PUT', '/api/queues/batches/1/promote'],
      ['POST', '/api/queues/batches/add'],
      ['PATCH', '/api/queues/batches/1/update-data'],
      ['DELETE', '/api/queues/batches/1'],
    ];
    for (const [method, path] of refused) {
      const answer = await api.call(method, board + path, { body: {} });
      expect([method, path, refusal(answer).code]).toEqual([method, path, 'board_is_read_only']);
    }
    const all = await api.call('PUT', `${board}/api/queues/batches/retry/failed`);
    expect([all.status, all.json]).toEqual([200, { retried: 0, skipped: 0 }]);
    const one = await api.call('PUT', `${board}/api/queues/batches/no-such-job/retry`);
    expect([one.status, one.text]).toEqual([404, expect.stringMatching(/job/i)]);
  });

  test('lets a foreign page change nothing', async () => {
    const signedIn = await api.call('POST', '/api/v1/session', {
      key: null,
      body: { key: ADMIN_KEY },
    });
    const cookie = signedIn.headers.get('set-cookie')?.split(';', 1).join('') ?? '';
    const path = `${board}/api/queues/batches/retry/failed`;
    const status = async (site: string) =>
      (await api.call('PUT', path, { key: null, headers: { cookie, 'sec-fetch-site': site } }))
        .status;
    expect(await status('cross-site')).toBe(403);
    expect(await status('same-origin')).toBe(200);
  });
});

describe('listening', () => {
  test('a port that is taken is one clear sentence', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const address = z.object({ port: z.number() }).parse(blocker.address());
    const trying = listen(() => {}, { port: address.port, host: '127.0.0.1' });
    await expect(trying).rejects.toThrow(ConfigurationError);
    await expect(listen(() => {}, { port: address.port, host: '127.0.0.1' })).rejects.toThrow(
      `Port ${address.port} on 127.0.0.1 is taken`,
    );
    blocker.close();
  });

  test('closing lets a request finish, and cuts one that does not', async () => {
    let finish = (): void => {};
    const http = await listen(
      (request, response) => {
        if (request.url === '/slow') finish = () => response.end('done');
      },
      { port: 0, host: '127.0.0.1' },
    );
    const slow = fetch(`${http.url}/slow`).then((response) => response.text());
    const endless = fetch(`${http.url}/endless`).then(
      () => 'answered',
      () => 'cut',
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closing = http.close(500);
    finish();
    expect(await slow).toBe('done');
    await closing;
    expect(await endless).toBe('cut');
    await expect(fetch(http.url)).rejects.toThrow('fetch failed');
  });
});
