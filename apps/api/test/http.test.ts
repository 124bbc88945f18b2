import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '#libs/config';
import { uuid } from '#libs/database';
import { z } from 'zod';
import { describeError } from '#libs/config';
import { listen } from '../http/listen.ts';
import { toHttpProblem } from '../http/problem.ts';
import { refusal, startTestApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

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
    const allOfIt = await api.call('POST', `/api/v1/runs/${uuid()}/retry`);
    expect(refusal(allOfIt)).toMatchObject({ status: 404, code: 'run_not_found' });
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
    expect(await missing(`/datasets/${dataset}/versions/1/items`)).toBe(
      'dataset_version_not_found',
    );
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
