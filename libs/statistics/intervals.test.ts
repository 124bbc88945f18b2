import { describe, expect, test } from '@jest/globals';
import { clusteredWilsonInterval, meanInterval, wilsonInterval } from './intervals.ts';

const half = (n: number, confidence: number): number =>
  meanInterval({ n, mean: 0, standardDeviation: 1 }, confidence)?.high ?? NaN;

describe('wilsonInterval', () => {
  // scipy 1.17 binomtest(k, n).proportion_ci(confidence, method='wilson'), confirmed with mpmath.
  test.each([
    [286, 1319, 0.95, 0.19543139440558893, 0.2398750854306672],
    [515, 1319, 0.95, 0.36447409684415993, 0.41705679026785886],
    [458, 1319, 0.95, 0.3220168538269636, 0.3733359057098653],
    [742, 1319, 0.95, 0.5356326528399583, 0.5890988475978164],
    [3, 7, 0.9, 0.18644319036395599, 0.7105229089864071],
    [50, 100, 0.99, 0.3752796250448398, 0.6247203749551602],
    [1, 1_000_000, 0.95, 1.7652457674537147e-7, 5.664911804311443e-6],
  ])('%d of %d at %d as in scipy', (successes, n, confidence, low, high) => {
    const interval = wilsonInterval(successes, n, confidence);
    expect(interval?.low).toBeCloseTo(low, 14);
    expect(interval?.high).toBeCloseTo(high, 14);
  });

  test('ends exactly at 0 and 1 where nothing or everything succeeded', () => {
    expect(wilsonInterval(0, 10, 0.95)?.low).toBe(0);
    expect(wilsonInterval(0, 10, 0.95)?.high).toBeCloseTo(0.27753279986288926, 14);
    expect(wilsonInterval(10, 10, 0.95)?.low).toBeCloseTo(0.7224672001371107, 14);
    expect(wilsonInterval(10, 10, 0.95)?.high).toBe(1);
  });

  test('says nothing without trials', () => {
    expect(wilsonInterval(0, 0, 0.95)).toBeNull();
  });

  test('lies within 0 and 1, around the share, and mirrors itself', () => {
    for (let n = 1; n <= 60; n += 1) {
      for (let successes = 0; successes <= n; successes += 1) {
        const { low = NaN, high = NaN } = wilsonInterval(successes, n, 0.95) ?? {};
        const mirrored = wilsonInterval(n - successes, n, 0.95);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(successes / n);
        expect(high).toBeGreaterThanOrEqual(successes / n);
        expect(mirrored?.low).toBeCloseTo(1 - high, 14);
      }
    }
  });

  test.each([
    [2, 1, 0.95],
    [-1, 5, 0.95],
    [1.5, 5, 0.95],
    [1, NaN, 0.95],
    [1, 5, 1],
    [1, 5, 0],
    [1, 5, NaN],
  ])('refuses %d of %d at %d', (successes, n, confidence) => {
    expect(() => wilsonInterval(successes, n, confidence)).toThrow(RangeError);
  });
});

describe('meanInterval', () => {
  // t.ppf of scipy 1.17; the printed tables (2.228, 3.169, …) round to the same.
  test.each([
    [1, 12.706204736174694, 63.656741162871526],
    [2, 4.302652729749462, 9.924843200918287],
    [3, 3.1824463052837078, 5.840909309733355],
    [4, 2.7764451051977934, 4.604094871349992],
    [5, 2.5705818356363146, 4.032142983555228],
    [10, 2.228138851986274, 3.16927267261695],
    [30, 2.0422724563012378, 2.7499956535672254],
    [100, 1.9839715185235518, 2.6258905214380173],
    [1318, 1.9617655127673146, 2.579564703968318],
    [99_999, 1.9599877077718442, 2.575878470400052],
  ])('uses the t quantile of %d degrees of freedom', (degrees, t95, t99) => {
    // With sd = √n the half width is the quantile itself.
    const sample = { n: degrees + 1, mean: 0, standardDeviation: Math.sqrt(degrees + 1) };
    expect(meanInterval(sample, 0.95)?.high).toBeCloseTo(t95, 9);
    expect(meanInterval(sample, 0.95)?.low).toBeCloseTo(-t95, 9);
    expect(meanInterval(sample, 0.99)?.high).toBeCloseTo(t99, 9);
  });

  test('is the mean where the values do not differ', () => {
    const sample = { n: 5, mean: 0.5, standardDeviation: 0 };
    expect(meanInterval(sample, 0.95)).toEqual({ low: 0.5, high: 0.5 });
  });

  test.each([0, 1])('says nothing of %d values', (n) => {
    expect(meanInterval({ n, mean: 1, standardDeviation: 0 }, 0.95)).toBeNull();
  });

  test('narrows with more values and widens with more confidence', () => {
    for (let n = 2; n < 200; n += 1) {
      expect(half(n + 1, 0.95)).toBeLessThan(half(n, 0.95));
      expect(half(n, 0.9)).toBeLessThan(half(n, 0.95));
    }
  });
});

describe('clusteredWilsonInterval', () => {
  // Wilson's formula in Python with 42 / 2.5 of 60 / 2.5 and scipy 1.10's t.ppf(0.975, 9.5).
  test('has the counts over the design effect, and t', () => {
    const robust = { designEffect: 2.5, degreesOfFreedom: 9.5 };
    const { low, high } = clusteredWilsonInterval(42, 60, robust, 0.95) ?? {};
    expect(low).toBeCloseTo(0.4713353776668981, 9);
    expect(high).toBeCloseTo(0.8592869336937246, 9);
  });

  test('has a width where all values are the same', () => {
    const robust = { designEffect: null, degreesOfFreedom: 9.5 };
    const { low, high } = clusteredWilsonInterval(60, 60, robust, 0.95) ?? {};
    expect(low).toBeCloseTo(0.922563793862376, 9);
    expect(high).toBe(1);
  });

  test('is Wilson’s of independent values, as their number grows', () => {
    const robust = { designEffect: 1, degreesOfFreedom: 1e12 };
    const found = clusteredWilsonInterval(286, 1319, robust, 0.9);
    const wilson = wilsonInterval(286, 1319, 0.9);
    expect(found?.low).toBeCloseTo(wilson?.low ?? Number.NaN, 9);
    expect(found?.high).toBeCloseTo(wilson?.high ?? Number.NaN, 9);
    expect(clusteredWilsonInterval(0, 0, robust, 0.9)).toBeNull();
    expect(() => clusteredWilsonInterval(2, 1, robust, 0.9)).toThrow(RangeError);
  });
});
