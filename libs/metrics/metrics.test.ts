import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import type { ItemScore } from '#libs/evaluation';
import { scoreCase } from '#test/scoring';

const scoreOf = (
  metric: string,
  config: NonNullable<MetricSpec['config']>,
  output: Json,
  expected?: Json,
): Promise<ItemScore> => scoreCase({ metric, config }, { output, expected });

const verdict = async (...args: Parameters<typeof scoreOf>) => {
  const { outcome, value } = await scoreOf(...args);
  return outcome === 'scored' ? value : outcome;
};

const absolute = (absoluteTolerance: number) => ({ absoluteTolerance });
const relative = (relativeTolerance: number) => ({ relativeTolerance });

describe('exact_match', () => {
  const nested = { b: [1, { c: 'X' }], a: null };
  test.each<[Json, Json, MetricSpec['config'], number]>([
    ['Paris', 'Paris', {}, 1],
    ['paris', 'Paris', {}, 0],
    ['paris', 'Paris', { ignoreCase: true }, 1],
    ['STRASSE', 'Straße', { ignoreCase: true }, 1],
    ['ΟΔΟΣ', 'οδοσ', { ignoreCase: true }, 1],
    ['Paris\n', 'Paris', {}, 0],
    [' Paris\n', 'Paris ', { trim: true }, 1],
    ['', '', {}, 1],
    ['', 'x', {}, 0],
    ['e\u0301', '\u00e9', {}, 0],
    ['1.0', '1', {}, 0],
    [1, 1, {}, 1],
    ['42', 42, {}, 1],
    ['42.0', 42, {}, 1],
    [42, '42', {}, 1],
    ['42 apples', 42, {}, 0],
    ['true', true, {}, 1],
    [0, false, {}, 0],
    [{ a: null, b: [1, { c: 'X' }] }, nested, {}, 1],
    ['{"a": null, "b": [1, {"c": "X"}]}', nested, {}, 1],
    [{ a: null, b: [1, { c: 'x' }] }, nested, {}, 0],
    [{ a: null, b: [1, { c: 'x' }] }, nested, { ignoreCase: true }, 1],
    [{ b: [1, { c: 'X' }] }, nested, {}, 0],
    [{ b: [{ c: 'X' }, 1], a: null }, nested, {}, 0],
    [{ a: 1 }, { a: 1, b: 2 }, {}, 0],
    [{ toString: 1 }, { valueOf: 1 }, {}, 0],
    [[1, 2], [1, 2, 3], {}, 0],
    [['a'], 'a', {}, 0],
    ['a', ['a', 'b'], {}, 0],
    ['b', ['a', 'b'], { anyOf: true }, 1],
    ['c', ['a', 'b'], { anyOf: true }, 0],
    ['c', [], { anyOf: true }, 0],
  ])('%j against %j with %j is %d', async (output, expected, config, value) => {
    expect(await verdict('exact_match', config ?? {}, output, expected)).toBe(value);
  });

  test('says what differs, also where only white space does', async () => {
    const { reason } = await scoreOf('exact_match', {}, '4\n', '4');
    expect(reason).toBe('got "4\n", expected "4"; only white space at the ends differs (see trim)');
  });

  test('anyOf needs a list', async () => {
    expect(await verdict('exact_match', { anyOf: true }, 'a', 'a')).toBe('not_applicable');
  });
});

describe('contains', () => {
  test.each<[Json, Json | undefined, MetricSpec['config'], number | string]>([
    ['The capital is Paris.', 'Paris', {}, 1],
    ['The capital is Paris.', 'paris', {}, 0],
    ['The capital is Paris.', 'PARIS', { ignoreCase: true }, 1],
    ['ΟΔΟΣΑ', 'οδος', { ignoreCase: true }, 1],
    ['142', 42, {}, 1],
    ['a b', undefined, { values: ['a', 'b'] }, 1],
    ['a', undefined, { values: ['a', 'b'] }, 0],
    ['a', undefined, { values: ['a', 'b'], mode: 'any' }, 1],
    ['c', undefined, { values: ['a', 'b'], mode: 'any' }, 0],
    ['c', 'c', { values: ['a'] }, 0],
    ['a b', ['a', 'b'], {}, 1],
    ['a', ['a', 'b'], {}, 0],
    ['a', ['a', 'b'], { mode: 'any' }, 1],
    [{ answer: 'Paris' }, '"answer":"Paris"', {}, 1],
    ['a', undefined, {}, 'not_applicable'],
    ['a', null, {}, 'not_applicable'],
    ['a', '', {}, 'not_applicable'],
    ['a', [], {}, 'not_applicable'],
    ['a', ['a', ''], {}, 'not_applicable'],
    ['a', { a: 1 }, {}, 'not_applicable'],
    ['a', [['a']], {}, 'not_applicable'],
  ])('%j with %j and %j is %s', async (output, expected, config, value) => {
    expect(await verdict('contains', config ?? {}, output, expected)).toBe(value);
  });

  test('names what is missing', async () => {
    const values = ['a', 'b', 'c', 'd', 'e'];
    const { reason } = await scoreOf('contains', { values }, 'x');
    expect(reason).toBe('does not contain "a", "b", "c" and 2 more');
  });
});

describe('regex_match', () => {
  test.each<[Json, MetricSpec['config'], number]>([
    ['on 2024-05-06', { pattern: '\\d{4}-\\d{2}-\\d{2}' }, 1],
    ['on 2024-05-06', { pattern: '\\d{4}-\\d{2}-\\d{2}', fullMatch: true }, 0],
    ['2024-05-06', { pattern: '\\d{4}-\\d{2}-\\d{2}', fullMatch: true }, 1],
    ['a\n', { pattern: 'a', fullMatch: true }, 0],
    ['ab', { pattern: 'a|ab', fullMatch: true }, 1],
    ['YES', { pattern: '^yes$' }, 0],
    ['YES', { pattern: '^yes$', ignoreCase: true }, 1],
    ['a\nb', { pattern: 'a.b' }, 0],
    ['a\nb', { pattern: 'a.b', dotAll: true }, 1],
    ['a\nb', { pattern: '^b' }, 0],
    ['a\nb', { pattern: '^b', multiline: true }, 1],
    ['', { pattern: '^$' }, 1],
    ['日本語', { pattern: '^\\p{Han}{3}$' }, 1],
    ['😀', { pattern: '^.$' }, 1],
    [{ a: [1, 2] }, { pattern: '"a":\\[1,2\\]' }, 1],
    [null, { pattern: '^null$' }, 1],
  ])('%j with %j is %d', async (output, config, value) => {
    expect(await verdict('regex_match', config ?? {}, output)).toBe(value);
  });
});

describe('numeric_match', () => {
  test.each<[Json, Json, MetricSpec['config'], number | string]>([
    ['18', '18', {}, 1],
    [' 18\n', 18, {}, 1],
    [18, '18.0', {}, 1],
    ['18.', '18', {}, 1],
    ['$18.00', '18', {}, 1],
    ['18 €', '18', {}, 1],
    ['-$5', -5, {}, 1],
    ['$-5', -5, {}, 1],
    ['−5', -5, {}, 1],
    ['+5', 5, {}, 1],
    ['-0', 0, {}, 1],
    ['.5', 0.5, {}, 1],
    ['60%', '60', {}, 1],
    ['60%', '0.6', {}, 0],
    ['1,234,567', 1_234_567, {}, 1],
    ['12,34,567.50', '1234567.5', {}, 1],
    ['1.5e3', 1500, {}, 1],
    ['1E-2', 0.01, {}, 1],
    [1e21, '1000000000000000000000', {}, 1],
    ['123456', '123457', {}, 0],
    ['9007199254740993', '9007199254740992', {}, 0],
    ['1,5', '15', {}, 0],
    ['1,2345', '12345', {}, 0],
    ['18 dollars', 18, {}, 0],
    ['25 or 26', 25, {}, 0],
    ['9/9', 1, {}, 1],
    ['9/9', 1, { expressions: false }, 0],
    ['1.2.3', 1, {}, 0],
    ['-$-5', 5, {}, 0],
    ['NaN', 0, {}, 0],
    ['Infinity', 0, {}, 0],
    ['0x10', 16, {}, 0],
    ['', 0, {}, 0],
    [true, 1, {}, 0],
    [null, 0, {}, 0],
    [[18], 18, {}, 0],
    [`1${'0'.repeat(500)}`, 1, {}, 0],
    // In doubles 0.3 − 0.1 is more than 0.2, and 1.1 − 1 more than 0.1: the borders would be missed.
    ['0.3', '0.1', absolute(0.2), 1],
    ['1.1', '1', absolute(0.1), 1],
    ['1.1000000000000000000000001', '1', absolute(0.1), 0],
    ['0.9', 1, absolute(0.1), 1],
    ['110', '100', relative(0.1), 1],
    ['110.01', '100', relative(0.1), 0],
    ['-90', '-100', relative(0.1), 1],
    ['0.1', '0', relative(0.5), 0],
    ['101', '100', { absoluteTolerance: 0.5, relativeTolerance: 0.01 }, 1],
    ['18', 'eighteen', {}, 'not_applicable'],
    ['18', ['18'], {}, 'not_applicable'],
    ['18', null, {}, 'not_applicable'],
  ])('%j against %j with %j is %s', async (output, expected, config, value) => {
    expect(await verdict('numeric_match', config ?? {}, output, expected)).toBe(value);
  });

  test('says what it got', async () => {
    expect((await scoreOf('numeric_match', {}, '26', '18')).reason).toBe('got "26", expected "18"');
    expect((await scoreOf('numeric_match', {}, 'no idea', 18)).reason).toBe(
      '"no idea" is not one number',
    );
  });
});

describe('levenshtein_similarity', () => {
  test.each<[Json, Json, MetricSpec['config'], number]>([
    ['kitten', 'sitting', {}, 1 - 3 / 7],
    ['saturday', 'sunday', {}, 1 - 3 / 8],
    ['', '', {}, 1],
    ['', 'abc', {}, 0],
    ['abc', 'xyz', {}, 0],
    ['ABC', 'abc', {}, 0],
    ['ABC', 'abc', { ignoreCase: true }, 1],
    ['😀', '😁', {}, 0],
    ['a😀b', 'a😁b', {}, 1 - 1 / 3],
    ['👍', '', {}, 0],
    [12, '12', {}, 1],
    [[1, 2], '[1,3]', {}, 1 - 1 / 5],
  ])('%j against %j with %j is %d', async (output, expected, config, value) => {
    expect(await verdict('levenshtein_similarity', config ?? {}, output, expected)).toBeCloseTo(
      value,
      15,
    );
  });

  test('compares long texts that differ little, and refuses to hold a worker for hours', async () => {
    const long = 'abcdefghij'.repeat(100_000);
    const value = await verdict('levenshtein_similarity', {}, `${long}x${long}`, `${long}y${long}`);
    expect(value).toBeCloseTo(1 - 1 / 2_000_001, 12);
    const score = await scoreOf('levenshtein_similarity', {}, `x${long}x`, `y${'z'.repeat(1e6)}y`);
    expect(score).toMatchObject({ outcome: 'error', value: null });
    expect(score.reason).toBe(
      'the texts are too long to compare: 1000002 and 1000002 characters differ',
    );
  });
});
