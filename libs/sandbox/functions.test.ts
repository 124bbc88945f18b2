import { afterAll, describe, expect, test } from '@jest/globals';
import type { Json } from '#libs/contracts';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createSandbox } from './index.ts';

const sandbox = createSandbox();
afterAll(async () => sandbox.close());

const call = async (code: string, argument: Json = null, limits = {}) =>
  sandbox.callFunction({ code, argument, timeMs: 100, memoryBytes: 16 * 2 ** 20, ...limits });

/** The sandbox still works, and nothing that the last call did is left. */
const expectSound = async () => {
  const code =
    '(x) => [x, typeof globalThis.left, {}.left, [].left, Array.prototype.push.length, JSON.stringify({ a: 1 })]';
  expect(await call(code, 1)).toEqual(
    [1, 'undefined', undefined, undefined, 1, '{"a":1}'].map((v) => v ?? null),
  );
};

describe('a function', () => {
  test.each<[string, string, Json, Json]>([
    [
      'an expression',
      '({ output, expected }) => output === expected',
      { output: 1, expected: 1 },
      true,
    ],
    ['with a semicolon and comments', '// why\n(x) => x + 1; // because\n', 1, 2],
    ['a declaration', 'function score(x) { return x * 2 }', 2, 4],
    ['async', 'async (x) => (await Promise.resolve(x)) + 1', 1, 2],
    ['a module', 'const two = 2;\nexport default function score(x) { return x * two; }', 2, 4],
    ['a module with an arrow', 'export default (x) => x', 'a', 'a'],
    [
      'a module that waits',
      'const one = await Promise.resolve(1);\nexport default (x) => x + one',
      1,
      2,
    ],
    ['a promise in a promise', '() => new Promise((done) => done(Promise.resolve(7)))', null, 7],
    ['returning nothing', '() => {}', null, null],
  ])('%s', async (_, code, argument, result) => {
    expect(await call(code, argument)).toEqual(result);
  });

  test('gets any JSON, and gives it back as it was', async () => {
    const values: Json[] = [
      'a\u0000b',
      '\ud800',
      '😀',
      '\u2028',
      1e308,
      { __proto__x: 1, constructor: null, '': [] },
      [[], {}, null, true],
      'x'.repeat(100_000),
    ];
    for (const value of values) expect(await call('(x) => x', value)).toEqual(value);
    const named: Json = JSON.parse('{"__proto__": {"left": 1}}');
    expect(JSON.stringify(await call('(x) => x', named))).toBe('{"__proto__":{"left":1}}');
  });

  test('sees no other call', async () => {
    await call(
      '() => { globalThis.left = 1; Object.prototype.left = 1; Array.prototype.left = 1; Array.prototype.push = null; JSON.stringify = () => "no"; JSON.parse = null; }',
    );
    await expectSound();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('what a function can reach', () => {
  test('is nothing beyond the language', async () => {
    const names =
      'process require fetch console print std os WebAssembly setTimeout setInterval setImmediate Buffer global module Worker XMLHttpRequest WebSocket navigator Deno Bun scriptArgs load Atomics'.split(
        ' ',
      );
    const found = await call('(names) => names.filter((name) => name in globalThis)', names);
    expect(found).toEqual([]);
  });

  test.each([
    ['process by a constructor', '() => (() => {}).constructor.constructor("return process")()'],
    ['process by eval', '() => (0, eval)("process.env")'],
    ['process by the argument', '(x) => x.constructor.constructor("return process.env")()'],
    ['a module', '() => import("node:fs")'],
    ['a module by a URL', '() => import("data:text/javascript,export default 1")'],
    ['require', '() => require("fs")'],
    ['fetch', 'async () => await fetch("http://169.254.169.254/")'],
    [
      'an import of a module',
      'import fs from "node:fs";\nexport default () => fs.readFileSync("/etc/passwd")',
    ],
    [
      'its caller',
      'function f() { "use strict"; return f.caller.constructor("return process")() }',
    ],
  ])('%s: refused', async (_, code) => {
    await expect(call(code, {})).rejects.toMatchObject({ name: 'SandboxError', code: 'thrown' });
    await expectSound();
  });
});

describe('a function that takes too much', () => {
  test.each([
    ['time: a loop', '() => { for (;;); }', 'timeout'],
    [
      'time: a loop that catches',
      '() => { for (;;) try { for (;;); } catch {} finally { continue } }',
      'timeout',
    ],
    ['time: while it is compiled', '(() => { for (;;); })()', 'timeout'],
    ['time: a pattern', '() => /^(a+)+$/.test("a".repeat(50) + "b")', 'timeout'],
    [
      'time: promises',
      '() => { const f = () => Promise.resolve().then(f, f); return f() }',
      'timeout',
    ],
    ['time: a promise and a loop', 'async () => { await null; for (;;); }', 'timeout'],
    [
      'time: a generator',
      '() => [...(function* () { for (;;) yield })().filter(() => false)]',
      'timeout',
    ],
    ['time: a getter of its result', '() => ({ get a() { for (;;); } })', 'timeout'],
    ['time: a getter of its error', '() => { throw { get message() { for (;;); } } }', 'timeout'],
    ['time: the top of a module', 'for (;;);\nexport default () => 1', 'timeout'],
    ['memory: a list', '() => { const a = []; for (;;) a.push(a.length); }', 'memory'],
    [
      'memory: strings',
      '() => { const a = []; for (;;) a.push("x".repeat(1e5) + a.length); }',
      'memory',
    ],
    ['memory: a buffer', '() => new ArrayBuffer(1e9)', 'memory'],
    ['memory: buffers', '() => { const a = []; for (;;) a.push(new Uint8Array(1e6)); }', 'memory'],
    ['memory: one string', '() => "x".repeat(5e8)', 'memory'],
    [
      'memory: a map',
      '() => { const m = new Map(); for (let i = 0; ; i++) m.set(i, {}); }',
      'memory',
    ],
  ])('%s', async (_, code, reason) => {
    await expect(
      call(code, null, { timeMs: reason === 'timeout' ? 100 : 5_000 }),
    ).rejects.toMatchObject({
      name: 'SandboxError',
      code: reason,
    });
    await expectSound();
  });

  test.each([
    ['a string that doubles', '() => { let s = "xy"; for (;;) s += s; }'],
    ['a number that squares', '() => { let n = 3n; for (;;) n *= n; }'],
    ['a huge power', '() => (3n ** 40000000n) % 7n'],
    [
      'a huge pattern',
      '() => new RegExp("(a{1000}){1000}".repeat(10) + "(".repeat(1e6)).test("a".repeat(1e6))',
    ],
    ['recursion', '() => { const f = () => f() + 1; return f(); }'],
    [
      'recursion of a proxy',
      '() => { let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); return p.x; }',
    ],
    [
      'JSON that nests',
      '() => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return JSON.stringify(a).length; }',
    ],
    ['text that nests', '() => JSON.parse("[".repeat(1e6))'],
    ['code that nests', `() => ${'('.repeat(9_000)}1${')'.repeat(9_000)}`],
    ['a pattern that nests', '() => new RegExp("(?:".repeat(1e5) + ")".repeat(1e5))'],
    ['a sort', '() => Array.from({ length: 1e7 }, (_, i) => -i).sort()'],
    ['a big buffer over and over', '() => { const b = new Uint8Array(8e6); for (;;) b.fill(1); }'],
  ])('%s: ends in an error', async (_, code) => {
    await expect(call(code)).rejects.toMatchObject({ name: 'SandboxError' });
    await expectSound();
  });

  test('may recurse as long as it comes back', async () => {
    const code = '() => { const f = () => { try { f() } catch { } }; f(); return 1; }';
    expect(await call(code)).toBe(1);
  });
});

describe('what a function gives', () => {
  test.each([
    ['a cycle', '() => { const a = {}; a.a = a; return a; }'],
    ['a function', '() => () => 1'],
    ['a function within', '() => ({ value: 1, f() {} })'],
    ['a symbol', '() => Symbol("x")'],
    ['NaN', '() => NaN'],
    ['Infinity within', '() => [1, Infinity]'],
    ['a BigInt', '() => 1n'],
    ['what does not want to be written', '() => ({ toJSON() { throw new Error("no") } })'],
    ['a promise that never settles', '() => new Promise(() => {})'],
    ['too much', '() => "x".repeat(1e6)'],
    ['too deep', '() => { let a = 1; for (let i = 0; i < 200; i++) a = [a]; return a; }'],
  ])('%s is no result', async (_, code) => {
    await expect(call(code)).rejects.toMatchObject({ name: 'SandboxError', code: 'result' });
    await expectSound();
  });

  test.each([
    ['new Error("what I say")', 'the function threw Error: what I say'],
    ['new TypeError("x".repeat(10000))', /^the function threw TypeError: x{200,}…$/],
    ['"text"', 'the function threw text'],
    ['undefined', 'the function threw undefined'],
    ['Symbol("s")', 'the function threw a symbol'],
    ['12n', 'the function threw 12'],
    ['{ a: 1 }', 'the function threw an object'],
    ['Object.create(null)', 'the function threw an object'],
    ['new Proxy({}, { get() { throw 1 } })', 'the function threw an object'],
    ['{ get message() { throw this } }', 'the function threw an object'],
    ['() => 1', 'the function threw a function'],
  ])('throwing %s is told', async (thrown, message) => {
    const expected = { code: 'thrown', message: expect.stringMatching(message) };
    await expect(call(`() => { throw (${thrown}) }`)).rejects.toMatchObject(expected);
    await expect(call(`async () => { throw (${thrown}) }`)).rejects.toMatchObject(expected);
    await expectSound();
  });

  test.each([
    ['no code', ''],
    ['no function', '1 + 1'],
    ['half a function', '(x) => {'],
    ['statements', 'const a = 1; a + 1'],
    ['a module without a default', 'export const a = 1'],
    ['a module that does not parse', 'export default function ('],
    ['a trick with brackets', '1); (2'],
  ])('code that is %s is told', async (_, code) => {
    await expect(call(code)).rejects.toMatchObject({ name: 'SandboxError', code: 'syntax' });
    await expectSound();
  });
});

test('calls behind a culprit get their results, and their own time', async () => {
  const culprits = ['() => { for (;;); }', '() => (3n ** 40000000n) % 7n', '() => { throw 1 }'];
  const results = await Promise.allSettled(
    [...culprits, ...culprits].flatMap((code) => [call(code), call('(x) => x', 5)]),
  );
  const given = results.filter(({ status }) => status === 'fulfilled');
  expect(given).toEqual(Array.from({ length: 6 }, () => ({ status: 'fulfilled', value: 5 })));
});

test('a closed sandbox answers nobody, and leaves nobody waiting', async () => {
  const closing = createSandbox();
  const endless = {
    code: '() => { for (;;); }',
    argument: null,
    timeMs: 60_000,
    memoryBytes: 2 ** 24,
  };
  const calls = Promise.allSettled([closing.callFunction(endless), closing.callFunction(endless)]);
  await closing.close();
  expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(closing.callFunction(endless)).rejects.toMatchObject({ name: 'SandboxError' });
});

test('the process of a sandbox ends with the one that it works for, also out of an endless loop', async () => {
  const child = fork(new URL('./process.ts', import.meta.url), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const endless = { kind: 'callFunction', code: '() => { for (;;); }', argument: 'null' };
  const loaded = once(child, 'message');
  child.send({ id: 1, task: { ...endless, timeMs: 600_000, memoryBytes: 2 ** 24 } });
  await loaded;
  child.disconnect();
  const [, signal]: unknown[] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
});
