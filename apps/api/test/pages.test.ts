import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { operations } from '#libs/contracts';
import { z } from 'zod';
import { ADMIN_KEY, refusal, startTestApi, type TestApi } from './api.ts';

let api: TestApi;
let webRoot: string;
let old: string[];
beforeAll(async () => {
  webRoot = await mkdtemp(join(tmpdir(), 'llm-eval-web-'));
  await mkdir(join(webRoot, 'assets'));
  await writeFile(join(webRoot, 'index.html'), '<title>the UI</title>');
  const asset = join(webRoot, 'assets', 'index-abc123.js');
  await writeFile(asset, 'export {};');
  // Each says what it is, so that it can be seen which was sent.
  await writeFile(`${asset}.br`, brotliCompressSync('export { br };'));
  await writeFile(`${asset}.gz`, gzipSync('export { gz };'));
  old = ['old-abc123.js', 'old-abc123.js.br'].map((name) => join(webRoot, 'assets', name));
  await Promise.all(old.map((path) => writeFile(path, '')));
  api = await startTestApi({ deps: { webRoot } });
});
afterAll(async () => {
  await api.close();
  await rm(webRoot, { recursive: true });
});

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

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

  test('has a page that is not sent again while it is the same', async () => {
    const first = await api.call('GET', '/runs', { key: null, headers: html });
    const tag = first.headers.get('etag') ?? '';
    expect(tag).not.toBe('');
    const again = await api.call('GET', '/datasets', {
      key: null,
      headers: { ...html, 'if-none-match': tag, 'cache-control': 'max-age=0' },
    });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test.each([
    ['gzip, deflate, br, zstd', 'br', 'export { br };'],
    ['gzip', 'gzip', 'export { gz };'],
    ['br;q=0, gzip;q=0.5', 'gzip', 'export { gz };'],
    ['identity', null, 'export {};'],
  ])('has assets as the build compressed them, for %j', async (accepted, encoding, text) => {
    const asset = await api.call('GET', '/assets/index-abc123.js', {
      key: null,
      headers: { 'accept-encoding': accepted },
    });
    expect([asset.headers.get('content-encoding'), asset.text]).toEqual([encoding, text]);
    expect(asset.headers.get('vary')).toContain('Accept-Encoding');
    expect(asset.headers.get('content-type')).toContain('text/javascript');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  test('answers for an asset that a newer build has taken away', async () => {
    await Promise.all(old.map((path) => rm(path)));
    const asset = await api.call('GET', '/assets/old-abc123.js', {
      key: null,
      headers: { 'accept-encoding': 'br, gzip' },
    });
    expect(refusal(asset).status).toBe(404);
  });

  test('never stands in for what is missing', async () => {
    for (const path of ['/assets/gone.js', '/api/none', '/api/v1/none', '/socket.io/x']) {
      const answer = await api.call('GET', path, { key: null, headers: html });
      expect([path, refusal(answer).status]).toEqual([path, 404]);
    }
    expect((await api.call('GET', '/runs', { key: null })).status).toBe(404);
  });
});

describe('what is answered', () => {
  const compressed = async (path: string, accepted: string) => {
    const { headers, status, text } = await api.call('GET', path, {
      headers: { 'accept-encoding': accepted },
    });
    const sent = { encoding: headers.get('content-encoding'), vary: headers.get('vary') };
    return { status, text, ...sent };
  };

  test('is compressed from 1 kB on, for who takes it', async () => {
    const plain = await compressed('/api/v1/metrics', 'identity');
    expect(plain).toMatchObject({ status: 200, encoding: null, vary: 'Accept-Encoding' });
    for (const encoding of ['br', 'gzip']) {
      const answer = await compressed('/api/v1/metrics', encoding);
      expect(answer).toEqual({ ...plain, encoding });
    }
    expect(await compressed('/api/v1/session', 'br, gzip')).toMatchObject({
      status: 200,
      encoding: null,
    });
  });

  test('streams as it is where it is a download', async () => {
    const id = await api.newDataset();
    const line = JSON.stringify({ input: 'a question '.repeat(500) });
    const uploaded = await api.call('POST', `/api/v1/datasets/${id}/versions`, {
      headers: { 'content-type': 'application/x-ndjson' },
      body: line,
    });
    expect(uploaded.status).toBe(201);
    const file = await compressed(`/api/v1/datasets/${id}/versions/1/export`, 'br, gzip');
    expect(file).toMatchObject({ status: 200, encoding: null });
    expect(file.text.length).toBeGreaterThan(4_000);
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
    // Who follows a link in a browser is told on a page.
    for (const { key } of [admin, viewer]) {
      const { status, headers } = await api.call('GET', `${board}/`, { key, headers: html });
      expect([status, headers.get('location')]).toEqual([302, '/operations']);
    }

    const signedIn = await api.call('POST', '/api/v1/session', {
      key: null,
      body: { key: ADMIN_KEY },
    });
    const cookie = signedIn.headers.get('set-cookie')?.split(';', 1).join('') ?? '';
    const page = await api.call('GET', board, { key: null, headers: { cookie, ...html } });
    expect([page.status, page.text.includes('LLM-Eval queues')]).toEqual([200, true]);
    const queues = await api.call('GET', `${board}/api/queues`);
    expect(queues.json).toMatchObject({
      queues: [{ name: 'batches' }, { name: 'calls' }, { name: 'runs' }, { name: 'comparisons' }],
    });
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
