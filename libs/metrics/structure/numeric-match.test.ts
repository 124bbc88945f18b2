import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { scoreCase, verdictOf } from '#test/scoring';

type Config = NonNullable<MetricSpec['config']>;

const within = (absoluteTolerance: number): Config => ({ absoluteTolerance, expressions: true });

describe('numeric_match with expressions', () => {
  const verdict = async (output: Json, expected: Json, config: Config = {}) =>
    verdictOf('numeric_match', { expressions: true, ...config }, { output, expected });

  test.each<[string, Json]>([
    ['1/2', 0.5],
    ['-1/2', '-0.5'],
    [' 9 / 9 ', 1],
    ['1 1/2', 1.5],
    ['-1 1/2', -1.5],
    ['1½', 1.5],
    ['⅔', '2/3'],
    ['1⁄3', '\\frac{2}{6}'],
    ['\\frac{1}{2}', 0.5],
    ['\\dfrac12', 0.5],
    ['$\\frac{1}{2}$', 0.5],
    ['\\(\\tfrac{1}{2}\\)', 0.5],
    ['-\\frac{1}{2}', -0.5],
    ['2\\frac{1}{2}', 2.5],
    ['\\frac{\\frac{1}{2}}{3}', '1/6'],
    ['3*10^4', 30_000],
    ['3 × 10^4', 30_000],
    ['3 x 10^4', 30_000],
    ['3 \\cdot 10^{4}', 30_000],
    ['3\\times10^{-2}', 0.03],
    ['6 ÷ 4', 1.5],
    ['1,000 + 234', 1234],
    ['2*(3+4)', 14],
    ['\\left(2+3\\right)^2', 25],
    ['2^3^2', 512],
    ['-2^2', -4],
    ['(-2)^2', 4],
    ['2^-2', 0.25],
    ['2^-1^2', 0.5],
    ['3 - -4', 7],
    ['10 - 4 - 3', 3],
    ['0^0', 1],
    ['(-1)^1000001', -1],
    ['1e3/1E2', 10],
    ['1/2.', 0.5],
    ['.5 + .25', '3/4'],
    ['$1,234.50', 1234.5],
    ['60%', 60],
  ])('%s is %j', async (output, expected) => {
    expect(await verdict(output, expected)).toBe(1);
    expect(await verdict(expected, output)).toBe(1);
  });

  test.each([
    '1/3 or so',
    '1 2',
    '25 or 26',
    '1/0',
    '0^-1',
    '1/(1-1)',
    '4^(1/2)',
    '2(3)',
    '(1',
    '1)',
    '(1}',
    '\\frac{1}',
    '\\sqrt{4}',
    '1 1/2 1/3',
    '1.5 1/2',
    '0x10',
    '1,5 + 1',
    '1.2.3',
    '1e',
    'e',
    'e5',
    '[1]',
    '1;1',
    'x',
    'constructor',
    'group(1)',
    'frac(1,2)',
    '',
    '+',
    '$',
    '()',
    '{}',
    '5!',
    '50%*2',
  ])('%j is no number', async (text) => {
    expect(await verdict(text, 1)).toBe(0);
    expect(await verdict(1, text)).toBe('not_applicable');
  });

  test('are compared exactly, on the border of a tolerance too', async () => {
    expect(await verdict('0.333333333333333333', '1/3')).toBe(0);
    expect(await verdict('1/3', '1/2', within(1 / 6))).toBe(0);
    expect(await verdict('2/5', '1/2', within(0.1))).toBe(1);
    expect(await verdict('0.39999999999999999999', '1/2', within(0.1))).toBe(0);
    expect(await verdict('11/30', '1/3', { relativeTolerance: 0.1 })).toBe(1);
    expect(await verdict('1e-400', 0)).toBe(0);
  });

  test('are not read where that is turned off', async () => {
    const item = { output: '1/2', expected: '0.5' };
    expect(await verdictOf('numeric_match', { expressions: false }, item)).toBe(0);
    expect(await verdictOf('numeric_match', {}, item)).toBe(1);
  });

  test.each(['9^9^9', '10^100000', '1e999*1e999', '1e1000', '2e-1000', '7^(10^9)', '3^-99999'])(
    '%s is an error and holds up nobody',
    async (output) => {
      const spec = { metric: 'numeric_match', config: { expressions: true } };
      expect(await scoreCase(spec, { output, expected: 1 })).toMatchObject({
        outcome: 'error',
        reason: 'a number in the expression is too large to compute',
      });
    },
  );

  test.each([
    '('.repeat(199) + '1' + ')'.repeat(199),
    `${'1/'.repeat(199)}1`,
    `${'-'.repeat(399)}1`,
    Array.from({ length: 40 }, (_, place) => `1/${place * 7919 + 1000003}`).join('+'),
  ])('%.20s… is computed', async (output) => {
    const spec = { metric: 'numeric_match', config: { expressions: true } };
    expect((await scoreCase(spec, { output, expected: 1 })).outcome).toBe('scored');
  });
});

describe('numeric_match with percent', () => {
  test.each<[Json, Json, Config, number]>([
    ['60%', 60, {}, 1],
    ['60%', 0.6, { percent: 'divide' }, 1],
    ['60', 0.6, { percent: 'divide' }, 0],
    ['0.1 %', '0.001', { percent: 'divide' }, 1],
    ['50%', '1/2', { percent: 'divide', expressions: true }, 1],
  ])('%j against %j with %j is %d', async (output, expected, config, value) => {
    expect(await verdictOf('numeric_match', config, { output, expected })).toBe(value);
  });
});
