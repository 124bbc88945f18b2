import { describe, expect, test } from '@jest/globals';
import {
  bcaInterval,
  bootstrapClusterInterval,
  bootstrapInterval,
  jackknifeAcceleration,
  resamplesFor,
  type ClusterTotals,
} from './index.ts';

const options = { confidence: 0.95, seed: 1 };
const darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
const five = [0.1, 0.3, -0.2, 1.7, 0.6];
const skewed = Array.from({ length: 30 }, (_, index) => (((index + 1) * 37) % 101) ** 2 / 1000 - 2);
const binary = (baselineOnly: number, candidateOnly: number, same: number) => [
  ...Array.from({ length: baselineOnly }, () => -1),
  ...Array.from({ length: candidateOnly }, () => 1),
  ...Array.from({ length: same }, () => 0),
];
const clusters = (sums: readonly number[], counts: readonly number[]): ClusterTotals => ({
  sums: Float64Array.from(sums),
  counts: Uint32Array.from(counts),
});
const unequal = clusters(
  [3.1, 0.7, -1.2, 0, 2.45, 4.3, -2.6, 0.9, 5.05, 0.55],
  [4, 2, 2, 1, 3, 4, 3, 1, 5, 2],
);
/** 1,200 clusters of four kinds. */
const alike = clusters(
  Array.from({ length: 1200 }, (_, index) => [2, -1, 0, 1][index % 7] ?? 0),
  Array.from({ length: 1200 }, (_, index) => [4, 4, 3, 2][index % 7] ?? 4),
);
const ones = (values: readonly number[]) =>
  clusters(
    values,
    values.map(() => 1),
  );
const run = (values: readonly number[], given = options) =>
  bootstrapInterval(Float64Array.from(values), given);

/** The means of all 3,125 samples of five out of five. */
const everyMean = five
  .flatMap((a) => five.flatMap((b) => five.map((c) => a + b + c)))
  .flatMap((sum) => five.flatMap((d) => five.map((e) => (sum + d + e) / 5)));

describe('bcaInterval', () => {
  // scipy 1.10: `_bca_interval` of these means, rounded so that equal ones are equal, then numpy's percentiles.
  test.each([
    [0.95, 0.08, 1.26],
    [0.8, 0.18, 0.985259817492688],
    [0.5, 0.34, 0.76],
  ])('at %d of all samples as in scipy', (confidence, low, high) => {
    const found = bcaInterval(Float64Array.from(everyMean), 0.5, 0.06995575608336502, confidence);
    expect(found?.low).toBeCloseTo(low, 9);
    expect(found?.high).toBeCloseTo(high, 9);
    const mirrored = bcaInterval(
      Float64Array.from(everyMean, (mean) => -mean),
      -0.5,
      -0.06995575608336502,
      confidence,
    );
    expect(mirrored?.low).toBeCloseTo(-high, 9);
    expect(mirrored?.high).toBeCloseTo(-low, 9);
  });

  test('without bias and acceleration is that of the percentiles', () => {
    const values = Float64Array.from({ length: 1001 }, (_, index) => index);
    const found = bcaInterval(values, 500, 0, 0.9);
    expect(found?.low).toBeCloseTo(50, 9);
    expect(found?.high).toBeCloseTo(950, 9);
  });

  test('ends at the last resample where the acceleration has no bounds', () => {
    const values = Float64Array.from({ length: 1001 }, (_, index) => index);
    expect(bcaInterval(values, 500, 0.6, 0.95)?.high).toBe(1000);
    expect(bcaInterval(values, 500, -0.6, 0.95)?.low).toBe(0);
  });

  test('is null where all resamples lie on one side, or there are none', () => {
    expect(bcaInterval(Float64Array.from([1, 2, 3]), 0, 0, 0.95)).toBeNull();
    expect(bcaInterval(new Float64Array(0), 0, 0, 0.95)).toBeNull();
  });
});

describe('jackknifeAcceleration', () => {
  test.each([
    // scipy 1.10, the last value of `_bca_interval`.
    ['Darwin’s maize', ones(darwin), -0.0426928815376705],
    ['five values', ones(five), 0.06995575608336502],
    ['clusters', unequal, -0.030611719652752868],
  ])('of %s as in scipy', (_, given, expected) => {
    expect(jackknifeAcceleration(given)).toBeCloseTo(expected, 12);
  });
});

describe('bootstrapInterval', () => {
  // Means of five intervals of scipy 1.10 bootstrap(method='BCa'), each of 50,000 to 200,000 resamples.
  test.each([
    ['Darwin’s maize', darwin, -1.633, 36.333, 0.8],
    ['skewed differences', skewed, 0.4968, 2.7209, 0.06],
    ['the first two systems of GSM8K', binary(152, 209, 958), 0.015163, 0.071266, 0.0009],
    ['few differences of 400', binary(3, 25, 372), 0.0325, 0.0825, 0.0026],
  ])('of %s is near scipy’s', (_, values, low, high, noise) => {
    const found = run(values);
    expect(found?.resamples).toBe(10_000);
    expect(Math.abs((found?.interval.low ?? Number.NaN) - low)).toBeLessThan(noise);
    expect(Math.abs((found?.interval.high ?? Number.NaN) - high)).toBeLessThan(noise);
  });

  test('of five values is near that of all their samples', () => {
    const { interval } = run(five, { confidence: 0.8, seed: 3 }) ?? {};
    expect(Math.abs((interval?.low ?? Number.NaN) - 0.18)).toBeLessThan(0.021);
    expect(Math.abs((interval?.high ?? Number.NaN) - 0.98526)).toBeLessThan(0.021);
  });

  test('of many differences is near that of the t test', () => {
    const values = Array.from({ length: 1319 }, (_, index) => ((index * 7919) % 1319) / 1319);
    const { interval } = run(values) ?? {};
    // Uniform on [0, 1): the mean is 659/1319, its standard error √(1/12) / √1319.
    const error = Math.sqrt(1 / 12 / 1319);
    expect(Math.abs((interval?.low ?? 0) - (659 / 1319 - 1.96 * error))).toBeLessThan(error / 10);
    expect(Math.abs((interval?.high ?? 0) - (659 / 1319 + 1.96 * error))).toBeLessThan(error / 10);
  });

  test.each([
    ['graded', skewed],
    ['binary, by counts', binary(90, 130, 180)],
    ['binary, by places', binary(3, 9, 18)],
    ['the same in both directions', [...skewed, ...skewed.map((value) => -value)]],
    ['as many losses as wins', binary(100, 100, 200)],
  ])('of %s differences is mirrored by their negatives and grows with them', (_, values) => {
    const there = run(values);
    const back = run(values.map((value) => -value));
    expect(back?.interval.low).toBe(-(there?.interval.high ?? Number.NaN));
    expect(back?.interval.high).toBe(-(there?.interval.low ?? Number.NaN));
    const larger = run(values.map((value) => value * 3));
    expect(larger?.interval.low).toBeCloseTo(3 * (there?.interval.low ?? Number.NaN), 12);
    expect(larger?.interval.high).toBeCloseTo(3 * (there?.interval.high ?? Number.NaN), 12);
  });

  test.each([
    ['graded', skewed],
    ['binary', binary(90, 130, 180)],
  ])('of %s differences knows nothing of their order', (_, values) => {
    const found = run(values);
    expect(run(values.toReversed())).toEqual(found);
    expect(run(values)).toEqual(found);
  });

  test('follows from the seed', () => {
    expect(run(skewed, { ...options, seed: 2 })).not.toEqual(run(skewed));
  });

  test('moves with the differences', () => {
    const { interval } = run(skewed) ?? {};
    const moved = run(skewed.map((value) => value + 100))?.interval;
    expect(moved?.low).toBeCloseTo(100 + (interval?.low ?? Number.NaN), 9);
    expect(moved?.high).toBeCloseTo(100 + (interval?.high ?? Number.NaN), 9);
  });

  test('is wider with more confidence', () => {
    const wide = run(skewed, { ...options, confidence: 0.99 })?.interval;
    const narrow = run(skewed, { ...options, confidence: 0.8 })?.interval;
    expect(wide?.low).toBeLessThan(narrow?.low ?? Number.NaN);
    expect(wide?.high).toBeGreaterThan(narrow?.high ?? Number.NaN);
  });

  test('of 100,000 binary pairs is made of all resamples', () => {
    const found = run(binary(10_000, 10_500, 79_500));
    expect(found?.resamples).toBe(10_000);
    // The normal interval, which nothing distinguishes from it here: 0.005 ± 1.96 · 0.0014317.
    expect(Math.abs((found?.interval.low ?? 0) - 0.002194)).toBeLessThan(0.00015);
    expect(Math.abs((found?.interval.high ?? 0) - 0.007806)).toBeLessThan(0.00015);
  });

  test('is null where nothing can be said', () => {
    expect(run([])).toBeNull();
    expect(run([1])).toBeNull();
    expect(run([0, 0, 0])).toBeNull();
    expect(run([0.1, 0.1, 0.1])).toBeNull();
    expect(run(Array.from({ length: 100_001 }, (_, index) => index))).toBeNull();
  });

  test('refuses what it cannot use', () => {
    expect(() => run([1, Number.NaN])).toThrow(RangeError);
    expect(() => run(five, { ...options, confidence: 95 })).toThrow(RangeError);
    expect(() => run(five, { ...options, seed: 0.5 })).toThrow(RangeError);
  });
});

describe('bootstrapClusterInterval', () => {
  test('is near scipy’s', () => {
    // As above, of the ratio with paired=True.
    const found = bootstrapClusterInterval(unequal, options);
    expect(found?.resamples).toBe(10_000);
    expect(Math.abs((found?.interval.low ?? Number.NaN) + 0.0934)).toBeLessThan(0.025);
    expect(Math.abs((found?.interval.high ?? Number.NaN) - 0.8221)).toBeLessThan(0.025);
  });

  test('of clusters of one value, or of any one size, is that of the values', () => {
    expect(bootstrapClusterInterval(ones(skewed), options)).toEqual(run(skewed));
    const doubled = clusters(
      skewed.map((value) => 2 * value),
      skewed.map(() => 2),
    );
    expect(bootstrapClusterInterval(doubled, options)).toEqual(run(skewed));
  });

  test('of few kinds of clusters is near the linearized one', () => {
    const { interval } = bootstrapClusterInterval(alike, options) ?? {};
    const n = alike.counts.reduce((sum, count) => sum + count, 0);
    const mean = alike.sums.reduce((sum, value) => sum + value, 0) / n;
    const squares = alike.sums.reduce(
      (sum, value, place) => sum + (value - (alike.counts[place] ?? 0) * mean) ** 2,
      0,
    );
    const error = Math.sqrt(squares) / n;
    expect(Math.abs((interval?.low ?? 0) - (mean - 1.96 * error))).toBeLessThan(error / 8);
    expect(Math.abs((interval?.high ?? 0) - (mean + 1.96 * error))).toBeLessThan(error / 8);
  });

  test.each([
    ['unequal', unequal],
    ['alike', alike],
    ['whose sums alone are symmetric', clusters([-1, -1, 0, 1, 1, 1, -1], [1, 2, 5, 2, 3, 4, 4])],
  ])('of clusters %s is mirrored by their negatives and knows no order', (_, given) => {
    const there = bootstrapClusterInterval(given, options);
    const back = bootstrapClusterInterval(
      { ...given, sums: given.sums.map((sum) => -sum) },
      options,
    );
    expect(there).not.toBeNull();
    expect(back?.interval.low).toBe(-(there?.interval.high ?? Number.NaN));
    expect(back?.interval.high).toBe(-(there?.interval.low ?? Number.NaN));
    const turned = { sums: given.sums.toReversed(), counts: given.counts.toReversed() };
    expect(bootstrapClusterInterval(turned, options)).toEqual(there);
  });

  test('is null for one cluster, and for clusters of one mean', () => {
    expect(bootstrapClusterInterval(clusters([3], [4]), options)).toBeNull();
    expect(bootstrapClusterInterval(clusters([0.1, 0.3, 0.7], [1, 3, 7]), options)).toBeNull();
    expect(bootstrapClusterInterval(clusters([], []), options)).toBeNull();
  });

  test('refuses clusters without values, and sums without counts', () => {
    expect(() => bootstrapClusterInterval(clusters([1, 2], [1, 0]), options)).toThrow(RangeError);
    expect(() => bootstrapClusterInterval(clusters([1, 2], [1]), options)).toThrow(RangeError);
  });
});

test.each([
  [1, 10_000],
  [10_000, 10_000],
  [10_001, 9_999],
  [100_000, 1_000],
  [100_001, null],
])('%d draws each leave %s resamples', (draws, expected) => {
  expect(resamplesFor(draws)).toBe(expected);
});
