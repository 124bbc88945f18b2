import { afterAll, describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { checkMetricSpecs } from '#libs/metrics';
import { createSandbox } from '#libs/sandbox';
import { noTools, scoreCase, verdictOf } from '#test/scoring';

type Config = NonNullable<MetricSpec['config']>;

const sandbox = createSandbox();
afterAll(async () => sandbox.close());
const tools = { ...noTools, sandbox };

const auto = { fence: 'auto' };
const nested = (depth: number, core: Json = 1): Json => {
  let value: Json = core;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

describe('json_validity', () => {
  // Those with "autoevals" are cases of its test of ValidJSON (js/json.test.ts); type any is wider.
  test.each<[Json, Config, number]>([
    ['{ "a": 1, "b": "hello" }', {}, 1], // autoevals
    ['[{ "a": 1 }]', {}, 1], // autoevals
    ['[{ "a": 1 }', {}, 0], // autoevals
    ['{ mapping: { "a": "foo" }, "extra": 4 }', {}, 0], // autoevals
    ['100', { type: 'object' }, 0], // autoevals
    ['100', {}, 1],
    [' \n null\t', {}, 1],
    ['', {}, 0],
    ['NaN', {}, 0],
    ['{"a": 1} trailing', {}, 0],
    ["{'a': 1}", {}, 0],
    ['[1, 2,]', {}, 0],
    ['\u0000', {}, 0],
    ['"\ud800"', {}, 1],
    [{ a: 1 }, {}, 1],
    [{ a: 1 }, { type: 'array' }, 0],
    [[1], { type: 'array' }, 1],
    [null, { type: 'object' }, 0],
    ['[]', { type: 'object' }, 0],
    ['{}', { type: 'object' }, 1],
    ['```json\n{"a": 1}\n```', {}, 0],
    ['```json\n{"a": 1}\n```', auto, 1],
    ['```\n{"a": 1}\n```', auto, 1],
    ['~~~JSON title\n{"a": 1}\n~~~~', auto, 1],
    ['Sure:\r\n```json\r\n{"a": 1}\r\n```\r\nDone', auto, 1],
    ['```json\n{"a": 1}', auto, 1],
    ['```python\nx\n```\n```json\n[1]\n```', auto, 1],
    ['```python\nx\n```', auto, 0],
    ['{"a": "```"}', auto, 1],
    ['```json {"a": 1} ```', auto, 0],
    ['````json\n```\n````', auto, 0],
    ['   ```json\n1\n  ```', auto, 1],
    ['    ```json\n1\n```', auto, 0],
  ])('%j with %j is %d', async (output, config, value) => {
    expect(await verdictOf('json_validity', config, { output })).toBe(value);
  });

  test('says why', async () => {
    const config = { type: 'object' };
    const said = async (output: Json) =>
      (await scoreCase({ metric: 'json_validity', config }, { output })).reason;
    expect(await said('Sorry')).toBe('"Sorry" is not JSON');
    expect(await said('[1]')).toBe('it is a list, not an object');
  });
});

describe('json_schema', () => {
  const named = {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'number' } },
    required: ['a'],
  };
  test.each<[Json, Json, number]>([
    // The next four are cases of the test of ValidJSON of autoevals (js/json.test.ts).
    ['{"a":"1"}', { ...named, properties: { a: { type: 'string' } } }, 1],
    ['{"a": "1", "b": "1"}', { ...named, required: ['a', 'b'] }, 0],
    ['[{"a": "1"}, {"a": "1", "b": 22}]', { type: 'array', items: named, uniqueItems: true }, 1],
    [[{ a: '1' }, { a: '1', b: 22 }], { type: 'array', items: named }, 1],
    ['no JSON', {}, 0],
    ['1', true, 1],
    ['1', false, 0],
    [{ toString: 1 }, { required: ['toString'] }, 1],
    [{}, { required: ['toString'] }, 0],
    ['"abc"', { pattern: '^a' }, 1],
    ['"bc"', { pattern: '^a' }, 0],
    ['{"n": {"n": {}}}', { properties: { n: { $ref: '#' } }, additionalProperties: false }, 1],
    ['{"n": {"m": {}}}', { properties: { n: { $ref: '#' } }, additionalProperties: false }, 0],
    [{ $ref: 1 }, { properties: { $ref: { type: 'number' }, pattern: { const: '(' } } }, 1],
    [
      [1],
      {
        items: { $ref: 'https://example.com/item' },
        $defs: { item: { $id: 'https://example.com/item', type: 'string' } },
      },
      0,
    ],
  ])('%j by %j is %d', async (output, schema, value) => {
    expect(await verdictOf('json_schema', { schema }, { output }, tools)).toBe(value);
  });

  test('says what does not fit, and where', async () => {
    const config = { schema: { properties: { 'a/b': { items: { type: 'integer' } } } } };
    const item = { output: '{"a/b": [1, "x", 2.5]}' };
    const score = await scoreCase({ metric: 'json_schema', config }, item, tools);
    expect(score).toMatchObject({
      value: 0,
      reason: '"/a~1b/1" must be integer',
      details: {
        faults: [
          { path: '/a~1b/1', message: 'must be integer' },
          { path: '/a~1b/2', message: 'must be integer' },
        ],
      },
    });
  });

  test('names at most ten faults', async () => {
    const config = { schema: { items: { type: 'string' } } };
    const output = Array.from({ length: 1000 }, (_, place) => place);
    const { details } = await scoreCase({ metric: 'json_schema', config }, { output }, tools);
    expect(details).toMatchObject({ faults: { length: 10 } });
  });

  test.each<[string, Json, string]>([
    [
      'a pattern without linear time',
      { items: { pattern: '(?=a)' } },
      'schema.items.pattern: uses',
    ],
    ['a name pattern', { patternProperties: { '(': {} } }, 'schema.patternProperties: "(" is not'],
    ['another document', { $ref: 'https://example.com/s' }, 'schema.$ref: refers to another'],
    ['no schema', 'string', 'config.schema: must be a JSON Schema'],
    ['too much', { description: 'x'.repeat(100_001) }, 'it may have at most 100000'],
    ['depths', nested(401), 'schema: nests deeper than 200'],
  ])('refuses a schema with %s', (_, schema, message) => {
    const wrapped = Array.isArray(schema) ? { items: schema } : schema;
    const specs = [{ metric: 'json_schema', config: { schema: wrapped } }];
    expect(() => checkMetricSpecs(specs)).toThrow(message);
  });

  test.each<[string, Json, string]>([
    ['a wrong keyword', { type: 'text' }, 'the schema cannot be used: at /type'],
    [
      'a reference that leads nowhere',
      { $ref: '#/$defs/x' },
      'the schema cannot be used: it refers',
    ],
  ])('gives an error for %s', async (_, schema, reason) => {
    const spec = { metric: 'json_schema', config: { schema } };
    const score = await scoreCase(spec, { output: 1 }, tools);
    expect(score.outcome).toBe('error');
    expect(score.reason).toContain(reason);
  });

  test('gives an error for a value that nests too deep', async () => {
    const spec = { metric: 'json_schema', config: { schema: {} } };
    expect(await scoreCase(spec, { output: nested(100_000) }, tools)).toMatchObject({
      outcome: 'error',
      reason: 'the value nests too deep to be worked on',
    });
  });
});

describe('json_difference', () => {
  const value = async (output: Json, expected: Json, config: Config = {}) =>
    verdictOf('json_difference', config, { output, expected });

  // Cases of the tests of JSONDiff and NumericDiff of autoevals (js/json.test.ts, js/value.test.ts).
  test.each<[Json, Json, number]>([
    ['', '', 1],
    ['', 'a', 0],
    ['a', '', 0],
    ['ab', 'ac', 0.5],
    ['abc', 'axc', 2 / 3],
    ['xabxcdxxefxgx', '1ab2cd34ef5g6', 7 / 13],
    [[], {}, 0],
    [[], [], 1],
    [{}, {}, 1],
    [{ a: 1 }, { a: 1 }, 1],
    [{ a: 1 }, { a: 2 }, 2 / 3],
    [{ a: 1 }, { b: { a: 1 } }, 0],
    [{ a: 1 }, { a: null }, 0],
    [{ mapping: { a: 'foo', b: 'bar' } }, { mapping: { a: 'Foo', b: 'Bar' }, Extra: 5 }, 1 / 3],
    ['{"x": 1, "y": 2}', '{"y": 2, "x": 1}', 1],
    ['{"zs": ["a", "b"], "x": 1, "y": 2}', '{"y": 2, "zs": ["a", "b"], "x": 1}', 1],
    ['{"xs": [{"o1": {"x": 1, "y": [2]}}]}', '{"xs": [{"o1": {"y": [2], "x": 1}}]}', 1],
    ['{"o1": {"x": 2, "y": 2}}', '{"o1": {"y": 2, "x": 1}}', 5 / 6],
    [{ o1: { x: 2, y: 2 } }, '{"o1": {"y": 2, "x": 1}}', 5 / 6],
    ['{"x": 1, "y": 2}', '{"x": 1, "z": 2}', 1 / 3],
    ['[1, 2]', '[1, 2]', 1],
    ['[1, 2]', '[2, 1]', 2 / 3],
    [0, 0, 1],
    [0, 1, 0],
    [1, 2, 2 / 3],
    [-1, 2, 0],
  ])('%j against %j is %d, as in autoevals', async (output, expected, wanted) => {
    expect(await value(output, expected)).toBeCloseTo(wanted, 12);
    expect(await value(expected, output)).toBeCloseTo(wanted, 12);
  });

  test.each<[Json, Json, Config, number]>([
    [{ a: 1 }, ['a', 1], {}, 0],
    ['no JSON', { a: 1 }, {}, 0],
    ['no JSON', '{"a": 1}', {}, 0],
    [{ a: 1 }, 'no JSON', {}, 0],
    ['```json\n{"a": 1}\n```', { a: 1 }, {}, 0],
    ['```json\n{"a": 1}\n```', { a: 1 }, auto, 1],
    ['12', 12, {}, 1],
    [true, false, {}, 0],
    [true, 1, {}, 0],
    [null, false, {}, 0],
    [[1, 2, 3], [1, 2], {}, 2 / 3],
    [1e308, -1e308, {}, 0],
    [1.7e308, 1.6e308, {}, 1 - 0.1 / 3.3],
    [5e-324, 1e-323, {}, 2 / 3],
    [0, -0, {}, 1],
    [{ a: 1, b: 'x' }, { a: 2, b: 'x' }, { numbers: 'exact' }, 0.5],
    [{ a: 'kitten' }, { a: 'sitting' }, {}, 4 / 7],
    [{ a: 'kitten' }, { a: 'sitting' }, { strings: 'exact' }, 0],
    [['a', 'b', 'c'], ['c', 'a', 'b'], {}, 0],
    [['a', 'b', 'c'], ['c', 'a', 'b'], { ignoreOrder: true }, 1],
    [['a', 'b'], ['b'], { ignoreOrder: true }, 0.5],
    [[], ['b'], { ignoreOrder: true }, 0],
    [[[1, 2], [3]], [[3], [2, 1]], { ignoreOrder: true }, 1],
    // Taking each best partner in turn would give 1/2: "ab" takes "ab", and "b" is left with "xyz".
    [['ab', 'b'], ['ab', 'xyz'], { ignoreOrder: true }, 0.5],
    [[{ a: 1, b: 2 }], [{ a: 9 }, { a: 1, b: 3 }], { ignoreOrder: true, numbers: 'exact' }, 0.25],
    [JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 1}'), {}, 1],
    [{}, { constructor: 1 }, {}, 0],
  ])('%j against %j with %j is %d', async (output, expected, config, wanted) => {
    expect(await value(output, expected, config)).toBeCloseTo(wanted, 12);
  });

  test('says where they differ, at most ten places', async () => {
    const output = { 'a/b': [1, 'x'], same: true, only: 1 };
    const expected = { 'a/b': [1, 'y'], same: true, missing: 2 };
    const score = await scoreCase({ metric: 'json_difference' }, { output, expected });
    expect(score).toMatchObject({
      reason: 'differs at /a~1b/1 and elsewhere',
      details: {
        differences: [
          { path: '/a~1b/1', similarity: 0 },
          { path: '/missing', similarity: 0 },
          { path: '/only', similarity: 0 },
        ],
      },
    });
    const long = Array.from({ length: 100 }, () => 'x'.repeat(1000));
    const names = Object.fromEntries(long.map((name, place) => [name + place, place]));
    const { details } = await scoreCase(
      { metric: 'json_difference' },
      { output: names, expected: { a: 1 } },
    );
    expect(details).toMatchObject({ differences: { length: 10 } });
    expect(JSON.stringify(details).length).toBeLessThan(5000);
  });

  test('bears values that nest deep: an error where both do, a verdict where one does', async () => {
    const deep = nested(100_000);
    expect(
      await scoreCase({ metric: 'json_difference' }, { output: deep, expected: deep }),
    ).toMatchObject({ outcome: 'error', reason: 'the values nest deeper than 500 levels' });
    expect(await value(deep, [1])).toBe(0);
    expect(await value(nested(499), nested(499, 2))).toBeCloseTo(2 / 3, 12);
  });

  test('bounds its work', async () => {
    const list = (count: number, part: string) =>
      Array.from({ length: count }, (_, place) => part.repeat(50) + String(place));
    const spec = { metric: 'json_difference', config: { ignoreOrder: true } };
    expect(await scoreCase(spec, { output: list(201, 'a'), expected: list(2, 'b') })).toMatchObject(
      {
        outcome: 'error',
        reason: 'a list of 201 elements is too long to compare in any order; up to 200 can be',
      },
    );
    expect(
      (await scoreCase(spec, { output: list(200, 'a'), expected: list(200, 'b') })).value,
    ).toBe(await value(list(200, 'b'), list(200, 'a'), { ignoreOrder: true }));
    const long = Array.from({ length: 100 }, () => 'x'.repeat(5000));
    const other = long.map((text) => text.replaceAll('x', 'y'));
    expect(
      await scoreCase({ metric: 'json_difference' }, { output: long, expected: other }),
    ).toMatchObject({ outcome: 'error', reason: 'the values are too large to compare' });
    // Long texts that differ little take no work.
    const changed = long.map((text) => `${text}y`);
    expect(await value(long, changed)).toBeCloseTo(5000 / 5001, 12);
  });
});
