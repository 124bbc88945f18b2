import { afterAll, describe, expect, test } from '@jest/globals';
import type { Json } from '#libs/contracts';
import {
  codeLanguages,
  SandboxError,
  sqlDialects,
  type CodeLanguage,
  type SqlDialect,
} from '#libs/evaluation';
import { createSandbox } from './index.ts';

const sandbox = createSandbox();
const patient = createSandbox({ parseMs: 60_000 });
/** For texts that take parsers as long as one lets them. */
const hurried = createSandbox({ parseMs: 500 });
afterAll(async () => Promise.all([sandbox.close(), patient.close(), hurried.close()]));

const hostile = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\ufeff',
  '(',
  '{',
  '[',
  '"',
  "'",
  '`',
  '<',
  '/*',
  '😀',
  '\\',
  '$',
  '--',
];

const settled = [
  () => 'parsed',
  (error: unknown) => (error instanceof SandboxError ? error.code : String(error)),
] as const;

describe('SQL', () => {
  test.each(sqlDialects)('in %s parses', async (dialect) => {
    const good = [
      'SELECT a, count(*) FROM t WHERE b = 1 GROUP BY a ORDER BY 2 DESC LIMIT 10',
      "INSERT INTO t (a, b) VALUES (1, 'é😀');\nUPDATE t SET a = 2 WHERE b IN (SELECT 1);",
      'WITH x AS (SELECT 1 AS a) SELECT * FROM x JOIN y ON x.a = y.a -- done',
    ];
    for (const text of good) expect(await sandbox.parseSql(dialect, text)).toBeUndefined();
  });

  test.each<[SqlDialect, string, number, number]>([
    ['postgresql', 'select 1\nfrom from t', 2, 6],
    ['postgresql', "select '😀é' frm x y", 1, 18],
    ['postgresql', "select 'abc", 1, 8],
    ['postgresql', 'select 1 \u0000 garbage', 1, 10],
    ['mysql', 'select 1\nfrom from t', 2, 6],
    ['mariadb', 'select 1\nfrom from t', 2, 6],
    ['sqlite', 'selec 1', 1, 1],
    ['bigquery', 'select 1\nfrom from t', 2, 6],
  ])('in %s that does not parse has a place: %s', async (dialect, text, line, column) => {
    expect(await sandbox.parseSql(dialect, text)).toMatchObject({ line, column });
  });

  test('is of its dialect', async () => {
    expect(await sandbox.parseSql('postgresql', 'SELECT a::int FROM t')).toBeUndefined();
    expect(await sandbox.parseSql('mysql', 'SELECT a::int FROM t')).toBeDefined();
    expect(await sandbox.parseSql('mysql', 'SELECT `a b` FROM `t`')).toBeUndefined();
    expect(await sandbox.parseSql('postgresql', 'SELECT `a b` FROM `t`')).toBeDefined();
  });

  test.each(sqlDialects)('without a statement is none, in %s', async (dialect) => {
    for (const text of ['', ' \n', '-- nothing', ';']) {
      expect(await sandbox.parseSql(dialect, text)).toMatchObject({
        message: expect.stringMatching(/no statement/),
      });
    }
  });

  test.each(sqlDialects)('of any form gets an answer or an error, in %s', async (dialect) => {
    const isLinear = dialect === 'postgresql';
    for (const part of [...hostile, 'select ', 'a+', 'not ']) {
      for (const text of [part, `select ${part}`, part.repeat(2_000)]) {
        const answer = (isLinear ? sandbox : hurried).parseSql(dialect, text).then(...settled);
        // Only PostgreSQL's own parser takes linear time: the others try brackets in many ways.
        expect(await answer).toMatch(
          isLinear ? /^(parsed|too_large)$/ : /^(parsed|too_large|timeout)$/,
        );
      }
    }
    expect(await sandbox.parseSql(dialect, 'select 1')).toBeUndefined();
  });
});

const programs: Record<CodeLanguage, [good: string, bad: string]> = {
  bash: ['for f in *; do echo "$f"; done', 'for f in *; do echo "$f"'],
  c_sharp: ['class A { int F() => 1; }', 'class A { int F( => 1; }'],
  cpp: ['int main() { return 0; }', 'int main( { return 0; '],
  css: ['a { color: red; }', 'a { color: red; '],
  go: ['package main\nfunc main() {}', 'package main\nfunc main( {}'],
  java: ['class A { int f() { return 1; } }', 'class A { int f( { return 1; } }'],
  javascript: ['const f = async (x) => ({ ...x });', 'const f = async (x => ({ ...x });'],
  php: ['<?php function f($x) { return $x; }', '<?php function f($x { return $x; }'],
  powershell: [
    'function F { param($x); Write-Output $x }',
    'function F { param($x Write-Output $x }',
  ],
  python: ['def f(x):\n    return x + 1\n', 'def f(x:\n    return x + 1\n'],
  ruby: ['def f(x)\n  x + 1\nend', 'def f(x\n  x + 1\nend end'],
  rust: ['fn main() { let x: Vec<u8> = vec![]; }', 'fn main( { let x: Vec<u8 = vec![]; }'],
  tsx: [
    'const a = <p className="b">{c as string}</p>;',
    'const a = <p className="b">{c as string}</q',
  ],
  typescript: ['const f = <T,>(x: T): T => x;', 'const f = <T,>(x: T: T => x;'],
};

describe('code', () => {
  test.each(codeLanguages)('in %s', async (language) => {
    const [good, bad] = programs[language];
    expect(await sandbox.parseCode(language, good)).toBeUndefined();
    expect(await sandbox.parseCode(language, '')).toBeUndefined();
    const fault = await sandbox.parseCode(language, bad);
    expect(fault).toMatchObject({ message: expect.any(String), line: expect.any(Number) });
  });

  test('has the place of its first error, counted in UTF-16 units from 1', async () => {
    const missing = await sandbox.parseCode('javascript', 'const a = "😀";\nf(1;\n');
    expect(missing).toEqual({ message: '")" is missing', line: 2, column: 4 });
    const fault = await sandbox.parseCode('python', 'x = 1\ny = "😀" $ 2\nz = 3\n');
    expect(fault).toEqual({ message: 'unexpected "\\"😀\\" $"', line: 2, column: 5 });
  });

  test('that is long: its error is found where it is, and no further', async () => {
    const line = 'const value = [1, 2, 3].map((x) => x + 1);\n';
    expect(await sandbox.parseCode('javascript', line.repeat(5_000))).toBeUndefined();
    const text = `${line.repeat(1_000)}const = = (;\n${line.repeat(4_000)}`;
    const fault = await sandbox.parseCode('javascript', text);
    expect(fault?.line).toBeGreaterThanOrEqual(1_000);
    expect(fault?.line).toBeLessThan(1_020);
  });

  test('that takes more memory than there is, is an error', async () => {
    const text = 'x = 1\n'.repeat(330_000);
    await expect(patient.parseCode('powershell', text)).rejects.toMatchObject({ code: 'memory' });
    expect(await patient.parseCode('powershell', 'x = 1')).toBeUndefined();
  }, 60_000);

  test('with U+0000 does not end there', async () => {
    expect(await sandbox.parseCode('python', 'x = 1\u0000)((')).toBeDefined();
  });

  test.each(codeLanguages)('of any form gets an answer or an error, in %s', async (language) => {
    for (const part of [...hostile, 'a b ( " < $x = 1 ']) {
      for (const text of [part, part.repeat(2_000)]) {
        const answer = hurried.parseCode(language, text).then(...settled);
        expect(await answer).toMatch(/^(parsed|timeout|memory)$/);
      }
    }
    expect(await sandbox.parseCode(language, programs[language][0])).toBeUndefined();
  });
});

const laughs = `<!DOCTYPE l [<!ENTITY a "lol">${Array.from(
  { length: 9 },
  (_, place) => `<!ENTITY ${'bcdefghij'[place]} "${`&${'abcdefghi'[place]};`.repeat(10)}">`,
).join('')}]>`;

describe('XML', () => {
  test.each([
    '<a/>',
    '<?xml version="1.0"?>\n<!-- c --><a b="c"><![CDATA[<]]>&amp;&#169;</a>\n',
    '<?xml version="1.0" encoding="UTF-16"?><a>é</a>',
    '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>',
    '<a xmlns:b="urn:b"><b:c/></a>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
  ])('that is well-formed: %s', async (text) => {
    expect(await sandbox.parseXml(text)).toBeUndefined();
  });

  test.each<[string, object]>([
    ['', {}],
    ['text', { line: 1, column: 1 }],
    ['<a>\n<b></a>', { line: 2, column: 8 }],
    ['<a>', { line: 1, column: 4 }],
    ['<a/><b/>', { line: 1, column: 5 }],
    ['<a b=c/>', { line: 1, column: 6 }],
    ['<a>\u0000</a>', { line: 1, column: 4 }],
    ['<a>&b;</a>', { line: 1, column: 7 }],
    ['<b:a/>', { line: 1, column: 5 }],
    ['<!DOCTYPE a [<!ENTITY b "<c>">]><a>&b;</a>', {}],
  ])('that is not: %j', async (text, place) => {
    expect(await sandbox.parseXml(text)).toMatchObject(place);
  });

  test.each([
    ['in text', `${laughs}<l>&j;</l>`],
    ['in an attribute', `${laughs}<l a="&j;"/>`],
    [
      'one long one',
      `<!DOCTYPE l [<!ENTITY a "${'x'.repeat(100_000)}">]><l>${'&a;'.repeat(100_000)}</l>`,
    ],
  ])('with entities that grow beyond measure, %s', async (_, text) => {
    expect(await sandbox.parseXml(text)).toMatchObject({
      message: expect.stringMatching(/grow beyond measure/),
    });
  });

  test('of any form gets an answer or an error', async () => {
    for (const part of [...hostile, '<a>', '<a b="', '&a;', '<!DOCTYPE a [', '<![CDATA[']) {
      for (const text of [part, `<a>${part}`, part.repeat(2_000)]) {
        const answer = sandbox.parseXml(text).then(...settled);
        expect(await answer).toMatch(/^(parsed|too_large)$/);
      }
    }
  });
});

const faults = async (schema: Json, value: Json, most = 10) =>
  (await sandbox.validateJson(schema, [value], most))[0];

describe('JSON Schema', () => {
  test('finds what is wrong, by JSON Pointer', async () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'integer' } }, 'b/c': { const: 1 } },
      required: ['a', 'd'],
      additionalProperties: false,
    };
    expect(await faults(schema, { a: [1], 'b/c': 1, d: 1 })).toEqual([
      { path: '', message: 'must NOT have additional properties: "d"' },
    ]);
    expect(await faults(schema, { a: [1, 'x'], 'b/c': 2 })).toEqual([
      { path: '', message: "must have required property 'd'" },
      { path: '/a/1', message: 'must be integer' },
      { path: '/b~1c', message: 'must be equal to constant' },
    ]);
    expect(await faults(schema, { a: [1, 'x'], 'b/c': 2 }, 1)).toHaveLength(1);
    expect(await faults(schema, { a: ['x', 'x', 'x', 'x'], d: 1 }, 2)).toHaveLength(2);
  });

  test('is draft 2020-12', async () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      prefixItems: [{ type: 'string' }, { $ref: '#/$defs/n' }],
      items: false,
      unevaluatedProperties: false,
      $defs: { n: { type: 'number', multipleOf: 0.01 } },
    };
    expect(await faults(schema, ['a', 1.13])).toEqual([]);
    expect(await faults(schema, ['a', 1.131])).toHaveLength(1);
    expect(await faults(schema, ['a', 1, 2])).toHaveLength(1);
    expect(await faults(true, 1)).toEqual([]);
    expect(await faults(false, 1)).toHaveLength(1);
    expect(await faults({ format: 'date' }, '2026-02-30')).toHaveLength(1);
    expect(await faults({ format: 'nobody-knows', whatever: 1 }, 'x')).toEqual([]);
  });

  test.each<[string, Json, RegExp]>([
    ['a wrong type', { type: 'strin' }, /type.*must be equal to one of the allowed values/],
    ['no object', [], /an object, or true or false/],
    ['null', null, /an object, or true or false/],
    ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }, /only 2020-12/],
    ['a remote reference', { $ref: 'https://example.org/a.json' }, /nothing is fetched.*\$defs/],
    ['a missing reference', { $ref: '#/$defs/a' }, /which is not in it/],
    ['an asynchronous schema', { $async: true }, /\$async/],
    ['a look-ahead', { pattern: '(?=a)b' }, /not a valid RE2 pattern/],
    ['a back-reference', { pattern: '(a)\\1' }, /not a valid RE2 pattern/],
    ['half a pattern', { patternProperties: { '(': true } }, /pattern/],
  ])('that cannot be used: %s', async (_, schema, message) => {
    expect(await sandbox.checkSchema(schema)).toMatch(message);
    await expect(sandbox.validateJson(schema, [1], 1)).rejects.toMatchObject({ code: 'syntax' });
  });

  test('stands for itself, though two have one $id', async () => {
    const id = 'https://example.org/same';
    for (const type of ['string', 'number', 'string']) {
      expect(await sandbox.checkSchema({ $id: id, type })).toBeUndefined();
      expect(await faults({ $id: id, type }, 'x')).toHaveLength(type === 'string' ? 0 : 1);
    }
  });

  test('has patterns that take linear time', async () => {
    expect(await faults({ pattern: '^(a+)+$' }, `${'a'.repeat(50_000)}b`)).toHaveLength(1);
    expect(await faults({ pattern: 'b/c\\d' }, 'ab/c1')).toEqual([]);
  });

  test('validates many values, and forgets old schemas', async () => {
    for (let count = 0; count < 60; count += 1) {
      expect(await sandbox.validateJson({ const: count }, [count, -1], 1)).toEqual([
        [],
        [{ path: '', message: 'must be equal to constant' }],
      ]);
    }
  });

  test('keeps names as they are', async () => {
    const value: Json = JSON.parse('{"__proto__": 1, "constructor": 2, "": 3}');
    expect(
      await faults({ type: 'object', additionalProperties: { type: 'number' } }, value),
    ).toEqual([]);
    expect(await faults({ required: ['toString'] }, {})).toHaveLength(1);
  });

  test('of values that nest too deep is an error', async () => {
    let deep: Json = 1;
    for (let depth = 0; depth < 200_000; depth += 1) deep = [deep];
    const tree = { type: 'array', items: { $ref: '#' } };
    await expect(sandbox.validateJson(tree, [deep], 1)).rejects.toMatchObject({
      code: 'too_large',
    });
    expect(await faults(tree, [[]])).toEqual([]);
  });

  test('that takes exponential time ends, and the sandbox goes on', async () => {
    const impatient = createSandbox({ parseMs: 2_000 });
    const twice = { type: 'array', items: { $ref: '#' }, maxItems: 1, minItems: 1 };
    const schema = {
      anyOf: [twice, { ...twice, minItems: 0, items: { $ref: '#' } }],
      allOf: [{ anyOf: [twice, twice] }],
    };
    let deep: Json = 1;
    for (let depth = 0; depth < 60; depth += 1) deep = [deep];
    await impatient.validateJson(schema, [[]], 1);
    const calls = await Promise.allSettled([
      impatient.validateJson(schema, [deep], 1),
      impatient.validateJson({ type: 'string' }, ['a'], 1),
      impatient.parseXml('<a/>'),
    ]);
    expect(calls).toMatchObject([
      { status: 'rejected', reason: { name: 'SandboxError', code: 'timeout' } },
      { status: 'fulfilled', value: [[]] },
      { status: 'fulfilled', value: undefined },
    ]);
    await impatient.close();
  });
});

test('work that takes all memory takes nothing else with it', async () => {
  const numbers = Array.from({ length: 500_000 }, () => 1);
  const allOf = Array.from({ length: 50 }, () => ({ type: 'string' }));
  const calls = await Promise.allSettled([
    patient.validateJson({ items: { allOf } }, [numbers], 2),
    patient.validateJson({ type: 'string' }, ['a'], 1),
  ]);
  expect(calls).toMatchObject([
    { status: 'rejected', reason: { name: 'SandboxError', code: 'memory' } },
    { status: 'fulfilled', value: [[]] },
  ]);
}, 60_000);

test('a text beyond all measure is refused before it is parsed', async () => {
  await expect(sandbox.parseXml('x'.repeat(2_000_001))).rejects.toMatchObject({
    code: 'too_large',
  });
});
