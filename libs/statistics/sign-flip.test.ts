import { describe, expect, test } from '@jest/globals';
import { mcnemarExact, signFlipTest } from './index.ts';

/** Heights of crossed minus self-fertilized maize, Darwin (1876); in Fisher's book, section 21. */
const darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
const tenths = [0.1, 0.2, 0.3, -0.1, -0.2, 0.6, -0.3, 0.4, 0.5, -0.1];
const roots = (n: number) =>
  Array.from({ length: n }, (_, index) => Math.sqrt(index + 1) * (index % 4 === 1 ? -1 : 1));
const grades = (n: number, modulus: number, every: number) =>
  Array.from(
    { length: n },
    (_, index) => ((index * 7919) % modulus) - 4 + (index % every === 0 ? 1 : 0),
  );
const many = Array.from({ length: 120 }, (_, index) => ((index * 7919) % 11) - 4);
const run = (values: readonly number[], seed = 1) => signFlipTest(Float64Array.from(values), seed);

describe('exact p', () => {
  test.each([
    // scipy 1.10 permutation_test(permutation_type='samples'); Fisher counts 863 of 32,768 on one side.
    ['Darwin’s maize', darwin, 0.05267333984375],
    ['tenths, which are not exact in binary', tenths, 0.220703125],
    ['irrational sizes', roots(18), 0.08100128173828125],
    // All sums counted in whole numbers, in Python.
    ['120 grades', many, 0.0006145131294951154],
    ['60 grades', grades(60, 9, 5), 0.408354734344184],
    ['1,319 grades', grades(1319, 9, 9), 0.0847736314386675],
  ])('of %s', (_, values, expected) => {
    const found = run(values);
    expect(found).toMatchObject({ method: 'exact', permutations: null });
    expect((found?.p ?? Number.NaN) / expected).toBeCloseTo(1, 12);
    for (const factor of [-1, 0.1, 1 / 3, 7e9]) {
      const scaled = run(values.map((value) => value * factor));
      expect(scaled?.method).toBe('exact');
      expect((scaled?.p ?? Number.NaN) / expected).toBeCloseTo(1, 12);
    }
    expect(run(values.toReversed())).toEqual(found);
    expect(run([0, ...values, 0])).toEqual(found);
    expect(run(values, 2)).toEqual(found);
  });

  test.each([
    [152, 209],
    [79, 306],
    [0, 3],
    [8, 8],
    [1, 0],
    [12_000, 12_500],
  ])('of pairs of which %d and %d differ is McNemar’s', (baselineOnly, candidateOnly) => {
    const values = new Float64Array(baselineOnly + candidateOnly + 10);
    values.fill(-1, 0, baselineOnly).fill(1, baselineOnly, baselineOnly + candidateOnly);
    const found = signFlipTest(values, 1);
    const expected = mcnemarExact({ both: 4, baselineOnly, candidateOnly, neither: 6 });
    expect(found?.method).toBe('exact');
    expect((found?.p ?? Number.NaN) / expected).toBeCloseTo(1, 12);
  });

  test('of nothing but zeros is 1', () => {
    expect(run([0, 0])).toEqual({ p: 1, method: 'exact', permutations: null });
    expect(run([])?.p).toBe(1);
  });

  test('of differences in one direction is that of two choices among all', () => {
    const values = Array.from({ length: 40 }, (_, index) => 1 + (index % 5) / 4);
    expect(run(values)?.p).toBe(2 ** -39);
  });
});

describe('p of choices drawn at random', () => {
  // All 2²⁴ choices counted with numpy.
  const exact = 0.015846848487854004;

  test('is near the exact one, and follows from the seed', () => {
    const found = run(roots(24));
    expect(found).toMatchObject({ method: 'monte-carlo', permutations: 10_000 });
    const error = Math.sqrt((exact * (1 - exact)) / 10_000);
    expect(Math.abs((found?.p ?? Number.NaN) - exact)).toBeLessThan(4 * error);
    expect(run(roots(24))).toEqual(found);
    expect(run(roots(24), 2)?.p).not.toBe(found?.p);
  });

  test('knows nothing of order, direction or scale', () => {
    const values = roots(100);
    const found = run(values);
    expect(found?.method).toBe('monte-carlo');
    expect(run(values.toReversed())).toEqual(found);
    expect(run(values.map((value) => -value))).toEqual(found);
    expect(run(values.map((value) => value * 3))).toEqual(found);
    expect(run([...values, 0, 0])).toEqual(found);
  });

  test('is never 0', () => {
    expect(run(roots(64).map(Math.abs))?.p).toBe(1 / 10_001);
  });

  test('is null where too many would have to be drawn', () => {
    const values = new Float64Array(3_200_001).map((_, index) => Math.sqrt(index + 1));
    expect(signFlipTest(values, 1)).toBeNull();
  });
});

test('what it is given stays as it is, and must be finite', () => {
  const values = Float64Array.from([3, -1, 2]);
  signFlipTest(values, 1);
  expect([...values]).toEqual([3, -1, 2]);
  expect(() => run([1, Number.NaN])).toThrow(RangeError);
  expect(() => run([1, Infinity])).toThrow(RangeError);
  expect(() => run(roots(30), -1)).toThrow(RangeError);
});
