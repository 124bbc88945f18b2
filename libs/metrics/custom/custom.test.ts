import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import type { MetricCase } from '#libs/evaluation';
import { checkMetricSpecs, compileMetric, MetricSpecError } from '#libs/metrics';
import { createOutgoingHttp } from '#libs/outgoing';
import { createSandbox } from '#libs/sandbox';
import { noTools, scoreCase } from '#test/scoring';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';

type Config = NonNullable<MetricSpec['config']>;

const faultsOf = (metric: string, config: Config): string => {
  try {
    checkMetricSpecs([{ metric, config }]);
    return '';
  } catch (error) {
    return error instanceof MetricSpecError ? error.message : String(error);
  }
};

describe('javascript', () => {
  const sandbox = createSandbox();
  afterAll(async () => sandbox.close());

  const score = async (
    code: string,
    config: Config = {},
    item: Partial<MetricCase> = {},
    threshold?: number,
  ) =>
    scoreCase(
      {
        metric: 'javascript',
        config: { code, ...config },
        ...(threshold !== undefined && { threshold }),
      },
      { output: 'Paris', ...item },
      { ...noTools, sandbox },
    );

  test('gets all that the item has, and nothing else', async () => {
    const whole = {
      input: 'q',
      output: ['a'],
      expected: { b: 1 },
      metadata: { c: null },
      usage: { latencyMs: 5, finishReason: 'stop' },
      toolCalls: [{ name: 'f', arguments: { x: 1 } }],
    };
    const echo = '(item) => ({ value: Object.keys(item).length, details: item })';
    expect(await score(echo, {}, whole)).toMatchObject({ value: 6, details: whole });
    expect(await score(echo)).toMatchObject({
      value: 2,
      details: { input: null, output: 'Paris' },
    });
  });

  test.each<[string, Config, object]>([
    ['() => 0.5', {}, { value: 0.5, passed: null }],
    ['async () => 2', { max: 2 }, { value: 2 }],
    ['() => true', { kind: 'boolean' }, { value: 1, passed: true }],
    ['() => true', { kind: 'boolean', direction: 'lower' }, { value: 1, passed: false }],
    ['() => "red"', { kind: 'categorical' }, { value: null, category: 'red' }],
    [
      '() => ({ value: 1, passed: false, reason: "so", details: [1] })',
      {},
      { value: 1, passed: false, reason: 'so', details: [1] },
    ],
    ['() => ({ value: 1, passed: null, reason: undefined })', {}, { value: 1, passed: null }],
    ['() => ({ value: 1, reason: "a\\0b" })', {}, { reason: 'a\ufffdb' }],
  ])('%s with %j is scored', async (code, config, expected) => {
    expect(await score(code, config)).toMatchObject({ outcome: 'scored', ...expected });
  });

  test('has a threshold like any other', async () => {
    const code = '() => ({ value: 0.4, passed: true })';
    expect(await score(code, {}, {}, 0.5)).toMatchObject({ value: 0.4, passed: false });
  });

  test.each([
    ['() => null', 'the function gave no value for it'],
    ['() => {}', 'the function gave no value for it'],
    ['() => ({ value: null, reason: "no idea" })', 'no idea'],
    ['() => ({ notApplicable: "nothing to do" })', 'nothing to do'],
  ])('%s is not applicable', async (code, reason) => {
    expect(await score(code)).toMatchObject({ outcome: 'not_applicable', value: null, reason });
  });

  test.each<[string, Config, RegExp]>([
    ['() => "1"', {}, /gave a string, which is not numeric/],
    ['() => 1', { kind: 'boolean' }, /gave a number, which is not boolean/],
    ['() => true', {}, /gave a boolean, which is not numeric/],
    ['() => 2', { max: 1 }, /outside of its range/],
    ['() => NaN', {}, /NaN has no JSON/],
    ['() => [1]', {}, /something other than \{ "value"/],
    ['() => ({})', {}, /something other than \{ "value"/],
    ['() => ({ value: 1, pass: true })', {}, /something other than \{ "value"/],
    ['() => ({ notApplicable: true })', {}, /something other than \{ "value"/],
    ['() => ({ value: 1, details: "x".repeat(10_001) })', {}, /more than 10000 characters/],
    [
      '() => { let a = 1; for (let i = 0; i < 60; i++) a = [a]; return { value: 1, details: a } }',
      {},
      /deeper than 50/,
    ],
    ['({ output }) => output.no.such', {}, /the function threw TypeError: /],
    ['() => { throw new Error("mine") }', {}, /the function threw Error: mine/],
    ['() => {', {}, /the code does not run: SyntaxError/],
    ['1', {}, /must be a function/],
    ['() => { for (;;); }', { timeMs: 20 }, /longer than it may/],
    [
      '() => { const a = []; for (;;) a.push("x".repeat(1e5) + a.length); }',
      { memoryMb: 1, timeMs: 2000 },
      /more memory/,
    ],
    ['() => process.exit()', {}, /process is not defined/],
    ['() => fetch("http://127.0.0.1/")', {}, /fetch is not defined/],
  ])('%s with %j is an error', async (code, config, reason) => {
    const given = await score(code, config);
    expect(given).toMatchObject({
      outcome: 'error',
      value: null,
      reason: expect.stringMatching(reason),
    });
    expect(await score('() => 1')).toMatchObject({ outcome: 'scored', value: 1 });
  });

  test('bears any item', async () => {
    let deep: Json = 'core';
    for (let depth = 0; depth < 200_000; depth += 1) deep = [deep];
    const reading = '({ output }) => typeof output === "string" ? output.length : -1';
    expect(await score(reading, {}, { output: deep })).toMatchObject({
      outcome: 'error',
      reason: 'the value nests too deep to be worked on',
    });
    for (const output of ['', '\ud800\u0000', 'x'.repeat(1_000_000)]) {
      expect(await score(reading, {}, { output })).toMatchObject({ value: output.length });
    }
  });

  test('is configured soundly', () => {
    expect(faultsOf('javascript', {})).toMatch(/config\.code: is required/);
    expect(faultsOf('javascript', { code: 'x'.repeat(20_001) })).toMatch(/20,000 characters/);
    expect(faultsOf('javascript', { code: '() => 1', timeMs: 5_000 })).toMatch(/timeMs/);
    expect(faultsOf('javascript', { code: '() => 1', memoryMb: 65 })).toMatch(/memoryMb/);
    expect(faultsOf('javascript', { code: '() => 1', min: 1, max: 1 })).toMatch(/greater than min/);
    expect(faultsOf('javascript', { code: '() => 1', kind: 'boolean', min: 0 })).toMatch(
      /only numbers/,
    );
    expect(faultsOf('javascript', { code: '() => 1', min: 0, max: 1 })).toBe('');
  });
});

interface Asked {
  headers: IncomingHttpHeaders;
  body: unknown;
}

describe('http_scorer', () => {
  const http = createOutgoingHttp({ allow: ['127.0.0.1'] });
  const asked: Asked[] = [];
  /** Answers in order; the last one for all that come after. */
  let answers: { status?: number; headers?: Record<string, string>; body?: string }[] = [];
  let server: Server;
  let url = '';

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        asked.push({ headers: request.headers, body: JSON.parse(body) });
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (!answer) request.socket.destroy();
        else response.writeHead(answer.status ?? 200, answer.headers).end(answer.body ?? '');
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const bound = server.address();
    url = `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}/score`;
  });
  afterAll(async () => {
    await http.close();
    server.close().closeAllConnections();
  });
  beforeEach(() => {
    asked.length = 0;
  });

  const score = async (config: Config = {}, item: Partial<MetricCase> = {}) =>
    scoreCase(
      { metric: 'http_scorer', config: { url, ...config } },
      { output: 'Paris', ...item },
      { ...noTools, http },
    );
  const answering = (...given: (Json | (typeof answers)[number])[]) => {
    answers = given.map((each) =>
      typeof each === 'object' && each !== null && !Array.isArray(each) && 'status' in each
        ? { status: Number(each.status), headers: { 'retry-after': '0' } }
        : { body: JSON.stringify(each) },
    );
  };

  test('sends the case, and takes the answer', async () => {
    answering({ value: 0.5, passed: true, reason: 'well', details: { a: 1 } });
    const item = { input: 'q', output: 'é', expected: ['x'], metadata: { m: 1 } };
    const given = await score({ headers: { 'X-Key': 'k' }, min: 0, max: 1 }, item);
    expect(given).toMatchObject({
      outcome: 'scored',
      value: 0.5,
      passed: true,
      reason: 'well',
      details: { a: 1 },
    });
    expect(asked).toMatchObject([
      { body: item, headers: { 'content-type': 'application/json', 'x-key': 'k' } },
    ]);
  });

  test.each<[Json, Config, object]>([
    [{ value: true }, { kind: 'boolean' }, { outcome: 'scored', value: 1, passed: true }],
    [{ value: 'red' }, { kind: 'categorical' }, { outcome: 'scored', category: 'red' }],
    [{ notApplicable: 'no' }, {}, { outcome: 'not_applicable', reason: 'no' }],
    [{ value: null }, {}, { outcome: 'not_applicable' }],
    [{ value: 2 }, { max: 1 }, { outcome: 'error' }],
    [{ value: 'red' }, {}, { outcome: 'error' }],
    [1, {}, { outcome: 'error' }],
    [null, {}, { outcome: 'error' }],
    [[], {}, { outcome: 'error' }],
    [{ score: 1 }, {}, { outcome: 'error' }],
  ])('the answer %j with %j', async (answer, config, expected) => {
    answering(answer);
    expect(await score(config)).toMatchObject(expected);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['no JSON', 'secret {', /something that is not JSON/],
    ['what nests too deep', '['.repeat(40_000) + ']'.repeat(40_000), /nests deeper/],
    ['too much', 'x'.repeat(100_001), /more than 100000 bytes/],
  ])('an answer of %s is an error', async (_, body, reason) => {
    answers = [{ body }];
    const given = await score();
    expect(given).toMatchObject({ outcome: 'error', reason: expect.stringMatching(reason) });
    expect(given.reason).not.toContain('secret');
  });

  test.each([400, 401, 404, 422])(
    'status %i is an error at once, without the body',
    async (status) => {
      answers = [{ status, body: 'secret' }];
      const given = await score();
      expect(given.outcome).toBe('error');
      expect(given.reason).toMatch(
        new RegExp(`^the scorer at 127.0.0.1:\\d+ answered with status ${status}$`),
      );
      expect(asked).toHaveLength(1);
    },
  );

  test('what may pass is tried again, twice at most', async () => {
    answering({ status: 503 }, { status: 429 }, { value: 1 });
    expect(await score()).toMatchObject({ outcome: 'scored', value: 1 });
    expect(asked).toHaveLength(3);
    answering({ status: 500 });
    expect(await score()).toMatchObject({
      outcome: 'error',
      reason: expect.stringMatching(/status 500$/),
    });
    expect(asked).toHaveLength(6);
    answers = [];
    expect(await score()).toMatchObject({
      outcome: 'error',
      reason: expect.stringMatching(/closed the connection/),
    });
    expect(asked).toHaveLength(9);
  });

  test('a pause that is longer than there is time for is not made', async () => {
    for (const after of ['3600', new Date(Date.now() + 3_600_000).toUTCString()]) {
      answers = [{ status: 429, headers: { 'retry-after': after } }];
      expect(await score()).toMatchObject({
        outcome: 'error',
        reason: expect.stringMatching(/status 429$/),
      });
    }
    answers = [{ status: 503, headers: { 'retry-after': '4' } }];
    expect(await score({ timeoutMs: 1_000 })).toMatchObject({
      reason: expect.stringMatching(/status 503$/),
    });
    expect(asked).toHaveLength(3);
  });

  test('what is not to be called is an error', async () => {
    const refused = await score({ url: 'http://169.254.169.254/' });
    expect(refused).toMatchObject({
      outcome: 'error',
      reason: expect.stringMatching(/OUTGOING_ALLOW/),
    });
  });

  test('an item that nests too deep is an error', async () => {
    let deep: Json = 1;
    for (let depth = 0; depth < 200_000; depth += 1) deep = [deep];
    expect(await score({}, { output: deep })).toMatchObject({
      outcome: 'error',
      reason: expect.stringMatching(/too deep/),
    });
  });

  test('ends when the result is not wanted any more', async () => {
    answering({ status: 503 });
    const controller = new AbortController();
    const scorer = compileMetric({ metric: 'http_scorer', config: { url } }, 0, {
      ...noTools,
      http,
    });
    expect(scorer.work).toBe('network');
    controller.abort(new Error('canceled'));
    const item = { input: null, output: 'x', expected: undefined };
    await expect(scorer.score(item, controller.signal)).rejects.toThrow('canceled');
  });

  test('is configured soundly', () => {
    expect(faultsOf('http_scorer', {})).toMatch(/config\.url: is required/);
    expect(faultsOf('http_scorer', { url: 'scorer' })).toMatch(/must be an address/);
    expect(faultsOf('http_scorer', { url: 'ftp://a/' })).toMatch(/must be an address/);
    expect(faultsOf('http_scorer', { url: 'http://user:pass@a/' })).toMatch(/use a header/);
    expect(faultsOf('http_scorer', { url: 'http://a/', headers: { 'a b': 'c' } })).toMatch(
      /headers/,
    );
    expect(faultsOf('http_scorer', { url: 'http://a/', headers: { a: 'b\nc' } })).toMatch(
      /one line/,
    );
    expect(faultsOf('http_scorer', { url: 'http://a/', timeoutMs: 1 })).toMatch(/timeoutMs/);
    expect(faultsOf('http_scorer', { url: 'http://a/', kind: 'categorical', max: 1 })).toMatch(
      /only numbers/,
    );
  });
});
