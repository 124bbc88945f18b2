import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createCalls, type Calls } from '#libs/calls';
import { createLogger } from '#libs/config';
import { httpTarget, type HttpTarget, type Json } from '#libs/contracts';
import { openDatabase, sql, uuid, type Database } from '#libs/database';
import {
  CallError,
  type CallPlan,
  type Caller,
  type CallSettings,
  type TargetCase,
  type TargetResult,
} from '#libs/evaluation';
import { createOutgoingHttp } from '#libs/outgoing';
import { createTestDatabase } from '#test/databases';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createHttpTarget } from './http.ts';

interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}
type Answer = (response: ServerResponse, asked: Asked) => void;

let asked: Asked[] = [];
/** What the server answers, one after the other; the last one stays. */
let answers: Answer[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (part: string) => (body += part));
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    const one = { method, url, headers, body };
    asked.push(one);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(response, one);
  });
});
const http = createOutgoingHttp({ allow: ['127.0.0.1'] });
let origin = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});
afterAll(async () => {
  await http.close();
  server.close().closeAllConnections();
});
beforeEach(() => {
  asked = [];
  answers = [];
});

const sends =
  (body: Json, headers: Record<string, string> = {}, status = 200): Answer =>
  (response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));

const projectId = uuid();
const settings: CallSettings = { projectId, timeoutMs: 5000, maxRetries: 2, cache: false };
const values: Record<string, string> = { API_KEY: 's3cret-value', LOGIN: 'ann:pass' };
const secrets = {
  async secret(_project: string, name: string): Promise<string> {
    const value = values[name];
    if (value === undefined) throw new CallError('not_configured', `no secret "${name}"`);
    return value;
  },
};

/** A caller that does what it is told once, and remembers what that was. */
const plans: CallPlan<unknown>[] = [];
const once: Caller = {
  async call(plan) {
    plans.push(plan);
    const answer = await plan.once(plan.signal);
    return { answer, latencyMs: 5, queueMs: 1, tries: [], cached: false };
  },
};

const item: TargetCase = {
  key: 'k 1',
  repeat: 0,
  input: { question: 'Where & when?', count: 3 },
  metadata: { tags: ['a'], up: '..', dot: '.' },
};

const given = (target: Partial<HttpTarget>) =>
  httpTarget.parse({ kind: 'http', url: `${origin}/ask`, ...target });

async function produce(
  target: Partial<HttpTarget>,
  { caller = once, cases = [item], how = settings, signal = new AbortController().signal } = {},
): Promise<TargetResult[]> {
  const made = createHttpTarget(given(target), { caller, http, secrets, settings: how });
  return made.produce(cases, { signal });
}
const produceOne = async (target: Partial<HttpTarget>, options = {}): Promise<TargetResult> => {
  const [result] = await produce(target, options);
  if (!result) throw new Error('no result');
  return result;
};

describe('the request of an http target', () => {
  test('is a POST of the input where nothing else is said', async () => {
    answers = [sends({ any: 'thing' })];
    expect((await produceOne({})).output).toEqual({ any: 'thing' });
    expect(asked).toMatchObject([{ method: 'POST', url: '/ask' }]);
    expect(asked[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ input: item.input });
  });

  test('is made of templates, values of the address encoded, secrets in headers', async () => {
    answers = [sends('"ok"')];
    const result = await produceOne({
      method: 'PUT',
      url: `${origin}/items/{{ key }}?q={{ input.question }}`,
      headers: {
        Authorization: 'Bearer {{ secrets.API_KEY }}',
        'X-Login': 'Basic {{ secrets.LOGIN | base64_encode }}',
        'X-Repeat': '{{ repeat }}',
      },
      body: {
        count: '{{ input.count }}',
        text: 'n={{ input.count }}',
        tags: '{{ metadata.tags }}',
      },
    });
    expect(result.output).toBe('ok');
    const [request] = asked;
    expect(request).toMatchObject({
      method: 'PUT',
      url: '/items/k%201?q=Where%20%26%20when%3F',
      headers: {
        authorization: 'Bearer s3cret-value',
        'x-login': `Basic ${btoa('ann:pass')}`,
        'x-repeat': '0',
      },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({ count: 3, text: 'n=3', tags: ['a'] });
  });

  test('may be a text, and a GET has no body', async () => {
    answers = [sends('1')];
    await produceOne({ body: 'Q: {{ input.question }}' });
    await produceOne({ body: '{"q": {{ input.question | json }} }' });
    await produceOne({ method: 'GET' });
    expect(asked.map(({ body, headers }) => [body, headers['content-type']])).toEqual([
      ['Q: Where & when?', 'text/plain; charset=utf-8'],
      ['{"q": "Where & when?" }', 'application/json'],
      ['', undefined],
    ]);
  });

  test('fails the item, and asks nothing, where it cannot be made', async () => {
    const failing: [Partial<HttpTarget>, TargetResult['error']][] = [
      [
        { body: { q: ['{{ input.hint }}'] } },
        { class: 'template_error', message: 'body.q.0, line 1: input.hint is missing' },
      ],
      [
        { url: `${origin}/{{ metadata.path }}` },
        { class: 'template_error', message: 'url, line 1: metadata.path is missing' },
      ],
      [
        { url: `${origin}/items/{{ metadata.up }}/private` },
        {
          class: 'template_error',
          message: 'url: becomes a path with the segment `.` or `..`, which leads elsewhere',
        },
      ],
      [
        { url: `${origin}/items/%2E{{ metadata.dot }}` },
        {
          class: 'template_error',
          message: 'url: becomes a path with the segment `.` or `..`, which leads elsewhere',
        },
      ],
      [
        { headers: { 'x-a': 'b\n{{ input.count }}' } },
        {
          class: 'template_error',
          message:
            'headers.x-a: has characters that no header may have, such as a line break; `url_encode` or `json` what is put in',
        },
      ],
      [
        { headers: { 'x-a': '{{ secrets.GONE }}' } },
        { class: 'not_configured', message: 'no secret "GONE"' },
      ],
    ];
    for (const [target, error] of failing) {
      expect((await produceOne(target)).error).toEqual(error);
    }
    expect(asked).toEqual([]);
  });

  test('goes by the limits of its origin in the project', async () => {
    answers = [sends('1')];
    await produceOne({ url: `${origin}/a` });
    expect(plans.at(-1)).toMatchObject({
      lane: { key: `http:${projectId}:${origin}` },
      estimatedTokens: 0,
      timeoutMs: 5000,
      maxRetries: 2,
    });
  });
});

describe('the answer to an http target', () => {
  test('shows no secret, also where the endpoint says what it was sent', async () => {
    answers = [
      (response, one) => {
        const { authorization = '', 'x-login': login = '' } = one.headers;
        sends({ saw: [authorization, login] })(response, one);
      },
    ];
    const result = await produceOne({
      headers: {
        authorization: 'Assistant {{ secrets.API_KEY }}',
        'x-login': 'Basic {{ secrets.LOGIN | base64_encode }}',
      },
    });
    expect(result.output).toEqual({ saw: ['Assistant [secret]', 'Basic [secret]'] });
  });

  test('is read at the paths', async () => {
    answers = [
      sends(
        {
          answer: { text: 'Bern' },
          found: [{ text: 'Bern is in Switzerland' }],
          calls: [
            { id: 'c1', type: 'function', function: { name: 'find', arguments: '{"q":"Bern"}' } },
            { name: 'stop' },
          ],
          usage: { in: 5, out: 2, usd: 0.01 },
        },
        { 'X-Trace-Id': 't-1' },
      ),
    ];
    const result = await produceOne({
      outputPath: 'answer.text',
      contextPath: 'found',
      toolCallsPath: 'calls',
      inputTokensPath: 'usage.in',
      outputTokensPath: 'usage.out',
      costUsdPath: 'usage.usd',
      traceIdPath: 'headers.x-trace-id',
    });
    expect(result).toEqual({
      output: 'Bern',
      context: [{ text: 'Bern is in Switzerland' }],
      toolCalls: [
        { id: 'c1', name: 'find', arguments: { q: 'Bern' } },
        { name: 'stop', arguments: {} },
      ],
      inputTokens: 5,
      outputTokens: 2,
      costUsd: 0.01,
      traceId: 't-1',
      latencyMs: 5,
      queueMs: 1,
      tries: [],
      cached: false,
    });
  });

  test('lacks without harm what is not needed', async () => {
    answers = [sends({ text: 'Bern', usage: null })];
    const result = await produceOne({
      outputPath: 'text',
      inputTokensPath: 'usage.in',
      contextPath: 'found',
      traceIdPath: 'trace',
    });
    expect(result).toMatchObject({ output: 'Bern' });
    expect(result).not.toHaveProperty('inputTokens');
    expect(result).not.toHaveProperty('context');
    expect(result).not.toHaveProperty('traceId');
  });

  test.each<[string, string, Json]>([
    ['text/plain', '{"a":1}', '{"a":1}'],
    ['application/json', '{"a":1}', { a: 1 }],
    ['application/problem+json; charset=utf-8', '[1]', [1]],
    ['text/plain', '', ''],
    ['application/json', '', null],
  ])('without paths, of %s, %j is %j', async (contentType, text, output) => {
    answers = [(response) => response.writeHead(200, { 'content-type': contentType }).end(text)];
    expect((await produceOne({})).output).toEqual(output);
  });

  test.each<[string, Partial<HttpTarget>, Json, TargetResult['error']]>([
    [
      'nothing at the output path',
      { outputPath: 'a.b' },
      { a: 'secret answer' },
      { class: 'output_missing', message: 'the answer of HOST has nothing at outputPath' },
    ],
    [
      'no JSON',
      { outputPath: 'a' },
      '{"a": "secret ans',
      { class: 'invalid_response', message: 'HOST answered with something that is not JSON' },
    ],
    [
      'a count that is none',
      { inputTokensPath: 'a' },
      { a: 'secret answer' },
      {
        class: 'invalid_response',
        message: 'HOST answered with something unfit at inputTokensPath',
      },
    ],
  ])('fails the item: %s', async (_what, target, body, error) => {
    answers = [sends(body)];
    const result = await produceOne(target);
    const host = new URL(origin).host;
    expect(result.error).toEqual({ ...error, message: error?.message.replace('HOST', host) });
  });

  test.each([
    [400, 'invalid_request'],
    [401, 'authentication'],
    [402, 'quota_exhausted'],
    [403, 'permission_denied'],
    [404, 'model_not_found'],
    [410, 'model_not_found'],
    [408, 'server_error'],
    [422, 'invalid_request'],
    [429, 'rate_limited'],
    [500, 'server_error'],
    [503, 'server_error'],
    [529, 'server_error'],
  ])('of status %i is %s, without what was sent or answered', async (status, errorClass) => {
    answers = [sends({ error: 'secret answer' }, {}, status)];
    const result = await produceOne({ url: `${origin}/ask?key=secret` });
    expect(result.error).toEqual({
      class: errorClass,
      message: `${new URL(origin).host} answered with status ${status}`,
    });
  });

  test('is waited for as long as the other side asks, in seconds or until a date', async () => {
    const waits: (number | undefined)[] = [];
    const noting: Caller = {
      async call(plan) {
        try {
          return await once.call(plan);
        } catch (error) {
          if (error instanceof CallError) waits.push(error.retryAfterMs);
          throw error;
        }
      },
    };
    answers = [
      sends('', { 'retry-after': '7' }, 429),
      sends('', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }, 503),
      sends('', { 'retry-after': new Date(0).toUTCString() }, 503),
      sends('', { 'retry-after': 'soon' }, 503),
    ];
    for (let call = 0; call < 4; call += 1) await produceOne({}, { caller: noting });
    expect(waits).toEqual([7000, expect.any(Number), 0, undefined]);
    expect(waits[1]).toBeGreaterThan(50_000);
    expect(waits[1]).toBeLessThanOrEqual(60_000);
  });

  test('that never comes is classified by how it fails', async () => {
    const classOf = async (target: Partial<HttpTarget>, how = settings) =>
      (await produceOne(target, { how })).error?.class;
    answers = [(response) => response.destroy()];
    expect(await classOf({})).toBe('unreachable');
    answers = [(response) => response.writeHead(200, { 'content-length': '99' }).write('{')];
    expect(await classOf({}, { ...settings, timeoutMs: 100 })).toBe('timeout');
    answers = [(response) => response.end('x'.repeat(10_000_001))];
    expect(await classOf({})).toBe('response_too_large');
    answers = [(response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('junk')];
    expect(await classOf({})).toBe('invalid_response');
    expect(await classOf({ url: 'http://10.1.2.3/ask' })).toBe('address_refused');
  });

  test('is not waited for once the run is canceled', async () => {
    const canceling = new AbortController();
    answers = [() => canceling.abort(new Error('canceled'))];
    await expect(produceOne({}, { signal: canceling.signal })).rejects.toThrow('canceled');
  });
});

describe('an http target with persistent calls', () => {
  let database: Database;
  let calls: Calls;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const testDatabase = await createTestDatabase();
    drop = () => testDatabase.drop();
    database = await openDatabase({ url: testDatabase.url, poolMax: 4 });
    await database.migrate();
    await database.query(sql`insert into projects (id, name) values (${projectId}, 'test')`);
    calls = createCalls({ database, logger: createLogger('test', 'silent'), random: () => 0 });
  });
  afterAll(async () => {
    await calls.close();
    await database.close();
    await drop();
  });

  test('heals what heals: 429, 500, a cut connection, broken JSON, an answer that trickles', async () => {
    answers = [
      sends('', { 'retry-after': '0' }, 429),
      sends('', {}, 500),
      (response) => response.writeHead(200).write('{', () => response.destroy()),
      sends('{"text": "Be'),
      (response) => response.writeHead(200).write('{"text":'),
      sends({ text: 'Bern' }),
    ];
    const result = await produceOne(
      { outputPath: 'text' },
      { caller: calls, how: { ...settings, maxRetries: 5, timeoutMs: 400 } },
    );
    expect(result.output).toBe('Bern');
    expect(result.tries?.map((one) => one.class)).toEqual([
      'rate_limited',
      'server_error',
      'unreachable',
      'invalid_response',
      'timeout',
    ]);
    expect(asked).toHaveLength(6);
  });

  test('does not try again what cannot heal, and gives up in the end', async () => {
    answers = [sends('', {}, 401)];
    const refused = await produceOne({}, { caller: calls });
    expect(refused).toMatchObject({ error: { class: 'authentication' } });
    expect(refused.tries).toHaveLength(1);
    answers = [sends('', {}, 500)];
    const broken = await produceOne({}, { caller: calls });
    expect(broken.error?.class).toBe('server_error');
    expect(broken.tries).toHaveLength(3);
    expect(asked).toHaveLength(4);
  });

  test('caches answers by all that changes them, and keeps no secret', async () => {
    const how = { ...settings, cache: true };
    const target = {
      headers: { authorization: '{{ secrets.API_KEY }}' },
      outputPath: 'text',
      costUsdPath: 'usd',
    };
    answers = [sends({ other: 1 }), sends({ text: 'Bern', usd: 0.5 })];
    const ask = async (more: Partial<TargetCase> = {}, paths = {}) =>
      produceOne({ ...target, ...paths }, { caller: calls, how, cases: [{ ...item, ...more }] });
    expect((await ask()).error?.class).toBe('output_missing');
    expect(await ask()).toMatchObject({ output: 'Bern', cached: false, costUsd: 0.5 });
    expect(await ask()).toMatchObject({ output: 'Bern', cached: true, costUsd: 0 });
    expect(await ask({}, { outputPath: 'usd' })).toMatchObject({ output: 0.5, cached: true });
    expect(asked).toHaveLength(2);

    expect(await ask({ repeat: 1 })).toMatchObject({ cached: false });
    values['API_KEY'] = 'n3w-value';
    expect(await ask()).toMatchObject({ cached: false });
    expect(asked).toHaveLength(4);
    const kept = await database.query(sql`select * from response_cache`);
    expect(kept.length).toBeGreaterThan(0);
    expect(JSON.stringify(kept)).not.toMatch(/s3cret|n3w/);
  });
});
