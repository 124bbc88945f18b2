import { describe, expect, test } from '@jest/globals';
import {
  clusteredStandardError,
  countMixed,
  passAll,
  passAt,
  reducePassed,
  type RepeatGroup,
} from './repeats.ts';

const one = (judged: number, passed: number): RepeatGroup => ({ items: 1, judged, passed });

describe('pass@k', () => {
  // The estimator as the paper prints it in figure 3, in exact fractions: 1 − C(n − c, k) / C(n, k).
  test.each([
    [5, 1, 1, 1 / 5],
    [5, 1, 3, 3 / 5],
    [5, 2, 2, 1 - 3 / 10],
    [10, 3, 5, 1 - 21 / 252],
    [10, 0, 5, 0],
    [10, 10, 5, 1],
    [10, 6, 5, 1],
    [200, 1, 100, 0.5],
    [200, 20, 10, 0.660225623763],
  ])('of n = %d with c = %d at k = %d is %d', (n, c, k, value) => {
    expect(passAt([one(n, c)], k)?.value).toBeCloseTo(value, 6);
  });

  test('at 1 is the share that passed, and never falls with k', () => {
    for (let c = 0; c <= 12; c += 1) {
      const values = Array.from(
        { length: 12 },
        (_, k) => passAt([one(12, c)], k + 1)?.value ?? NaN,
      );
      expect(values[0]).toBeCloseTo(c / 12, 12);
      expect(values.toSorted((a, b) => a - b)).toEqual(values);
    }
  });

  test('is a mean over the items that have k repeats', () => {
    const groups = [{ items: 3, judged: 2, passed: 1 }, one(2, 2), one(1, 1)];
    expect(passAt(groups, 2)).toEqual({ k: 2, value: 1, n: 4 });
    expect(passAt(groups, 1)).toEqual({ k: 1, value: (3 * 0.5 + 1 + 1) / 5, n: 5 });
    expect(passAt(groups, 3)).toBeUndefined();
  });

  test('refuses a k that is none', () => {
    expect(() => passAt([one(2, 1)], 0)).toThrow(RangeError);
  });
});

describe('pass^k', () => {
  test.each([
    [4, 2, 1, 1 / 2],
    [4, 2, 2, 1 / 6],
    [4, 2, 3, 0],
    [8, 7, 4, 35 / 70],
    [8, 8, 8, 1],
  ])('of n = %d with c = %d at k = %d is %d', (n, c, k, value) => {
    expect(passAll([one(n, c)], k)?.value).toBeCloseTo(value, 12);
  });

  test('is what all of k drawn repeats would give, counted by hand', () => {
    // Of five repeats three pass: of the ten pairs, three pass as a whole, nine in part.
    expect(passAll([one(5, 3)], 2)?.value).toBeCloseTo(0.3, 12);
    expect(passAt([one(5, 3)], 2)?.value).toBeCloseTo(0.9, 12);
  });
});

test('any, all and majority reduce the repeats of an item to one verdict', () => {
  const groups = [
    { items: 2, judged: 4, passed: 2 },
    { items: 3, judged: 3, passed: 2 },
    { items: 5, judged: 2, passed: 2 },
    { items: 7, judged: 2, passed: 0 },
    { items: 11, judged: 0, passed: 0 },
  ];
  expect(reducePassed(groups, 'any')).toEqual({ n: 17, passed: 10 });
  expect(reducePassed(groups, 'all')).toEqual({ n: 17, passed: 5 });
  expect(reducePassed(groups, 'majority')).toEqual({ n: 17, passed: 8 });
  expect(countMixed(groups)).toBe(5);
});

describe('the standard error of a mean over clusters', () => {
  const sumsOf = (clusters: number[][]) => {
    const sums = clusters.map((values) => values.reduce((a, b) => a + b, 0));
    const add = (values: number[]) => values.reduce((a, b) => a + b, 0);
    return {
      clusters: clusters.length,
      n: clusters.flat().length,
      sum: add(sums),
      squaredSums: add(sums.map((s) => s * s)),
      squaredCounts: add(clusters.map(({ length }) => length ** 2)),
      products: add(sums.map((s, i) => s * (clusters[i]?.length ?? 0))),
    };
  };

  test('with one value in each is the ordinary one', () => {
    const values = [1, 4, 2, 8, 5];
    const sd = Math.sqrt(7.5);
    expect(clusteredStandardError(sumsOf(values.map((x) => [x])))).toBeCloseTo(
      sd / Math.sqrt(5),
      12,
    );
  });

  test('with repeats that all agree is that of the items, and not smaller', () => {
    const items = [1, 0, 1, 1];
    const repeated = items.map((x) => Array.from({ length: 10 }, () => x));
    expect(clusteredStandardError(sumsOf(repeated))).toBeCloseTo(0.25, 12);
  });

  test('of clusters of different sizes is the sandwich, term by term', () => {
    // Mean 0.5 of six; sᵢ − nᵢ x̄ is 1, −1 and 0: √(3/2 · 2) / 6.
    const clusters = [
      [1, 1],
      [0, 0],
      [1, 0],
    ];
    expect(clusteredStandardError(sumsOf(clusters))).toBeCloseTo(Math.sqrt(3) / 6, 12);
    const uneven = [[1, 1, 1], [0], [1, 0]];
    const mean = 4 / 6;
    const spread = (3 - 3 * mean) ** 2 + (0 - mean) ** 2 + (1 - 2 * mean) ** 2;
    expect(clusteredStandardError(sumsOf(uneven))).toBeCloseTo(Math.sqrt(1.5 * spread) / 6, 12);
  });

  test('keeps its digits where the values are large and differ little', () => {
    const far = [1, 4, 2, 8, 5].map((x) => [1e9 + x, 1e9 + x]);
    const sums = sumsOf(far);
    const exact = {
      ...sums,
      squaredSums: String(far.reduce((sum, [x = 0]) => sum + (2n * BigInt(x)) ** 2n, 0n)),
      products: String(far.reduce((sum, [x = 0]) => sum + 4n * BigInt(x), 0n)),
    };
    expect(clusteredStandardError(exact)).toBeCloseTo(Math.sqrt(7.5 / 5), 12);
  });

  test('says nothing about one cluster', () => {
    expect(clusteredStandardError(sumsOf([[1, 0]]))).toBeNull();
  });
});
