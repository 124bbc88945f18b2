import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createLogger } from '#libs/config';
import express from 'express';
import { download } from '../http/download.ts';
import { problemHandler } from '../http/error-handler.ts';
import { listen, type HttpServer } from '../http/listen.ts';
import { requestId } from '../http/request-id.ts';

let http: HttpServer;
let chunks: () => AsyncGenerator<string, void, undefined>;
let stem = 'file';
let asked = 0;
let ended: Promise<void>;

beforeAll(async () => {
  const app = express();
  app.use(requestId);
  app.get('/', (request, response, next) => {
    const fileName = { stem, ending: '-v1.csv' };
    download(request, response, { chunks: chunks(), mediaType: 'text/csv', fileName }).catch(next);
  });
  app.use(problemHandler(createLogger('test', 'silent')));
  http = await listen(app, { port: 0, host: '127.0.0.1' });
});
afterAll(() => http.close(1_000));

const MANY = 20_000;
const CHUNK = 'x'.repeat(64_000);

beforeEach(() => {
  asked = 0;
  let end = (): void => {};
  ended = new Promise((resolve) => {
    end = resolve;
  });
  chunks = async function* many() {
    try {
      for (; asked < MANY; asked += 1) yield CHUNK;
    } finally {
      end();
    }
  };
});

test('is read at the pace of the client, and no further when the client has gone', async () => {
  const response = await fetch(http.url);
  const reader = response.body?.getReader();
  expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
  await reader?.cancel();
  await ended;
  expect(asked).toBeGreaterThan(0);
  // What the sockets hold in between, and not the gigabyte that there is.
  expect(asked).toBeLessThan(MANY / 10);
});

test('breaks the connection where it fails on the way, and so is never taken for whole', async () => {
  chunks = async function* failing() {
    yield CHUNK;
    yield CHUNK;
    throw new Error('the database went away');
  };
  const response = await fetch(http.url);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow('terminated');
});

test('answers with a problem where it fails before its first chunk', async () => {
  chunks = async function* failing() {
    await Promise.reject(new Error('nothing to see'));
    yield '';
  };
  const response = await fetch(http.url);
  expect(response.status).toBe(500);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(response.headers.get('content-disposition')).toBeNull();
});

test('sends headers only for HEAD, and lets go of what it would read', async () => {
  const response = await fetch(http.url, { method: 'HEAD' });
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  await ended;
  expect(asked).toBe(0);
});

test.each([
  ['plain', 'filename=plain-v1.csv'],
  ['../../etc/pass wd', 'filename=etc-pass-wd-v1.csv'],
  ['a"\r\nSet-Cookie: x', 'filename=a-Set-Cookie-x-v1.csv'],
  ['...', 'filename=file-v1.csv'],
  [
    'Fragen für 日本',
    `filename="Fragen-f?r-??-v1.csv"; filename*=UTF-8''Fragen-f%C3%BCr-%E6%97%A5%E6%9C%AC-v1.csv`,
  ],
  [`${'x'.repeat(79)}😀`, `filename=${'x'.repeat(79)}-v1.csv`],
])('has a safe name: %j', async (name, header) => {
  stem = name;
  const response = await fetch(http.url, { method: 'HEAD' });
  expect(response.headers.get('content-disposition')).toBe(`attachment; ${header}`);
});
