import { describe, expect, test } from '@jest/globals';
import { multiply, subtract, toDecimal, toNumber } from './decimal.ts';
import { quantile } from './quantile.ts';
import { summarize, summarizeScores } from './summary.ts';

/** Exact sums of decimals as PostgreSQL's numeric gives them. */
function sumsOf(values: (number | string)[]) {
  const zero = toDecimal(0);
  const minus = toDecimal(-1);
  let sum = zero;
  let sumOfSquares = zero;
  for (const value of values) {
    const decimal = toDecimal(value);
    sum = subtract(sum, multiply(minus, decimal));
    sumOfSquares = subtract(sumOfSquares, multiply(minus, multiply(decimal, decimal)));
  }
  const text = ({ digits, exponent }: typeof zero) => `${digits}e${exponent}`;
  return { n: values.length, sum: text(sum), sumOfSquares: text(sumOfSquares) };
}

describe('summarize', () => {
  // numpy: mean, std(ddof=1), std / sqrt(n).
  test.each([
    [[2.1, 3.4, 1.9, 5.6, 4.4], 3.48, 1.5610893632332519, 0.6981403870282824],
    [[1, 2], 1.5, Math.SQRT1_2, 0.5],
    [[...Array<number>(10).fill(0.1), 0.2], 0.109090909090909, 0.030151134457776365, 0.00909090909],
  ])('of %j as numpy has it', (values, mean, standardDeviation, standardError) => {
    const summary = summarize(sumsOf(values));
    expect(summary.n).toBe(values.length);
    expect(summary.mean).toBeCloseTo(mean, 12);
    expect(summary.standardDeviation).toBeCloseTo(standardDeviation, 14);
    expect(summary.standardError).toBeCloseTo(standardError, 11);
  });

  test('takes numbers as well as text', () => {
    const expected = { n: 2, mean: 1.5, standardDeviation: Math.SQRT1_2, standardError: 0.5 };
    expect(summarize({ n: 2, sum: 3, sumOfSquares: 5 })).toEqual(expected);
    expect(summarize({ n: 2, sum: '3.000', sumOfSquares: '5.0' })).toEqual(expected);
  });

  test('gives null and not NaN where there is too little', () => {
    const none = { standardDeviation: null, standardError: null };
    expect(summarize({ n: 0, sum: 0, sumOfSquares: 0 })).toEqual({ n: 0, mean: null, ...none });
    expect(summarize({ n: 1, sum: '0.25', sumOfSquares: '0.0625' })).toEqual({
      n: 1,
      mean: 0.25,
      ...none,
    });
  });

  test('does not lose the spread of large values that differ little', () => {
    // In doubles, 3 Σx² − (Σx)² of these is 0 or noise.
    const summary = summarize(sumsOf(['1000000000.1', '1000000000.2', '1000000000.3']));
    expect(summary.standardDeviation).toBeCloseTo(0.1, 15);
  });

  test('sees no spread where there is none, also in sums that were rounded', () => {
    expect(summarize(sumsOf(Array(1000).fill(0.1))).standardDeviation).toBe(0);
    expect(summarize({ n: 3, sum: 0.3, sumOfSquares: 0.02999999 }).standardDeviation).toBe(0);
  });

  test('agrees with two passes over the values', () => {
    for (let round = 0; round < 200; round += 1) {
      const values = Array.from({ length: 2 + (round % 50) }, (_, i) => Math.sin(round * 97 + i));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const summary = summarize(sumsOf(values));
      expect(summary.mean).toBeCloseTo(mean, 13);
      expect(summary.standardDeviation).toBeCloseTo(Math.sqrt(squares / (values.length - 1)), 12);
    }
  });

  test.each([-1, 0.5, NaN])('refuses n = %d', (n) => {
    expect(() => summarize({ n, sum: 0, sumOfSquares: 0 })).toThrow(RangeError);
  });

  test('refuses sums that are no numbers', () => {
    expect(() => summarize({ n: 2, sum: 'NaN', sumOfSquares: '1' })).toThrow(RangeError);
    expect(() => summarize({ n: 2, sum: Infinity, sumOfSquares: '1' })).toThrow(RangeError);
  });
});

describe('summarizeScores', () => {
  test('gives booleans the interval of Wilson', () => {
    const summary = summarizeScores('boolean', { n: 1319, sum: '286', sumOfSquares: '286' });
    expect(summary.mean).toBeCloseTo(286 / 1319, 15);
    expect(summary.confidenceLow).toBeCloseTo(0.19543139440558893, 14);
    expect(summary.confidenceHigh).toBeCloseTo(0.2398750854306672, 14);
  });

  test('gives numbers the interval of Student', () => {
    const summary = summarizeScores('numeric', sumsOf([2.1, 3.4, 1.9, 5.6, 4.4]));
    expect(summary.confidenceLow).toBeCloseTo(1.5416515396944317, 10);
    expect(summary.confidenceHigh).toBeCloseTo(5.418348460305568, 10);
  });

  test('gives one boolean an interval, and one number none', () => {
    const one = { n: 1, sum: 1, sumOfSquares: 1 };
    expect(summarizeScores('boolean', one)).toMatchObject({
      confidenceHigh: 1,
      standardError: null,
    });
    expect(summarizeScores('numeric', one)).toMatchObject({ mean: 1, confidenceHigh: null });
  });

  test.each(['boolean', 'numeric', 'categorical'] as const)('gives nulls for no %s', (kind) => {
    expect(summarizeScores(kind, { n: 0, sum: 0, sumOfSquares: 0 })).toEqual({
      n: 0,
      mean: null,
      standardDeviation: null,
      standardError: null,
      confidenceLow: null,
      confidenceHigh: null,
    });
  });

  test('gives categories a count only', () => {
    const summary = summarizeScores('categorical', { n: 5, sum: 0, sumOfSquares: 0 });
    expect(summary).toMatchObject({ n: 5, mean: null, confidenceLow: null });
  });
});

describe('quantile', () => {
  // numpy.quantile([1, 2, 4, 8, 16], p)
  test.each([
    [0, 1],
    [0.1, 1.4],
    [0.25, 2],
    [0.5, 4],
    [0.9, 12.8],
    [0.95, 14.4],
    [1, 16],
  ])('%d as in numpy', (p, expected) => {
    expect(quantile([1, 2, 4, 8, 16], p)).toBeCloseTo(expected, 12);
  });

  test('of one value is the value, of none is null', () => {
    expect(quantile([3], 0.95)).toBe(3);
    expect(quantile([], 0.5)).toBeNull();
    expect(() => quantile([1], 1.1)).toThrow(RangeError);
  });
});

describe('Decimal', () => {
  test.each([0, -0.1, 1e21, 5e-324, 1.7976931348623157e308, 123456.789])('holds %d', (value) => {
    expect(toNumber(toDecimal(value))).toBe(value);
  });

  test.each(['', 'x', '1.', '.5', '1e99999', 'NaN', ' 1', '0x10'])('refuses %j', (text) => {
    expect(() => toDecimal(text)).toThrow(RangeError);
  });
});
