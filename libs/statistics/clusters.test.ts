import { describe, expect, test } from '@jest/globals';
import {
  clusteredMean,
  clusteredStandardError,
  equivalenceOfMeanP,
  equivalenceP,
  pairedT,
  varianceComponents,
} from './index.ts';

const values = Float64Array.from([0, 1, 1, -1, 2, 2, 3, -2, 0, 4, 1.5, -0.5, 1, 0.25]);
const uneven = Int32Array.from([7, 7, 7, -3, -3, 12, 12, 12, 12, 12, 5, 9, 9, 40]);
const twelve = values.slice(0, 12);
const threes = Int32Array.from([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);

const mean = (of: Float64Array, ids: Int32Array, confidence = 0.95) => {
  const found = clusteredMean(of, ids, confidence);
  if (found === null) throw new Error('there is nothing to compute it from');
  return found;
};

/** n, mean and standard deviation of values. */
const summarise = (of: Float64Array) => {
  const n = of.length;
  const mean = of.reduce((sum, value) => sum + value, 0) / n;
  const squares = of.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, standardDeviation: Math.sqrt(squares / (n - 1)) };
};

describe('clusteredMean', () => {
  test('of clusters of one size is statsmodels’ cluster-robust mean', () => {
    // statsmodels 0.13.5 OLS(values, ones).fit(cov_type='cluster', use_correction, use_t=True).
    const found = mean(twelve, threes);
    expect(found).toMatchObject({ n: 12, clusters: 4 });
    expect(found.mean).toBeCloseTo(0.9166666666666666, 12);
    expect(found.standardError).toBeCloseTo(0.28463752127665554, 12);
    expect(found.degreesOfFreedom).toBeCloseTo(3, 12);
    expect(found.t).toBeCloseTo(3.2204702407301586, 12);
    expect(found.p).toBeCloseTo(0.04856685655980105, 12);
    expect(found.interval.low).toBeCloseTo(0.010823038734503299, 10);
    expect(found.interval.high).toBeCloseTo(1.8225102945988305, 10);
  });

  test('of clusters of other sizes is CR2 with the degrees of freedom of Bell and McCaffrey', () => {
    // By the matrices of the paper, inverse square roots and all, in numpy; p and interval of scipy's t.
    const found = mean(values, uneven);
    expect(found.mean).toBeCloseTo(0.875, 12);
    expect(found.standardError).toBeCloseTo(0.27233328462642603, 12);
    expect(found.degreesOfFreedom).toBeCloseTo(3.571057593113016, 11);
    expect(found.t).toBeCloseTo(3.212974870847255, 11);
    expect(found.p).toBeCloseTo(0.038192736750909534, 11);
    expect(found.interval.low).toBeCloseTo(0.08168028929654803, 9);
    expect(found.interval.high).toBeCloseTo(1.668319710703452, 9);
    expect(found.designEffect).toBeCloseTo(0.4109794423781106, 12);
    expect(equivalenceOfMeanP(found, 2)).toBeCloseTo(0.009122399707244362, 11);
  });

  test('of one value in each cluster is the paired t test, and its equivalence the same', () => {
    const ids = Int32Array.from(values.keys());
    const found = mean(values, ids);
    const plain = pairedT(summarise(values), 0.95);
    expect(found.standardError).toBeCloseTo(plain?.standardError ?? Number.NaN, 13);
    expect(found.degreesOfFreedom).toBeCloseTo(13, 11);
    expect(found.p).toBeCloseTo(plain?.p ?? Number.NaN, 12);
    expect(found.interval.low).toBeCloseTo(plain?.interval.low ?? Number.NaN, 11);
    expect(found.designEffect).toBeCloseTo(1, 12);
    expect(equivalenceOfMeanP(found, 1.5)).toBeCloseTo(
      equivalenceP(summarise(values), 1.5) ?? Number.NaN,
      12,
    );
  });

  test('of repeats that all agree is that of the items, as from sums', () => {
    const items = [1, 0, 1, 1, 0];
    const repeated = Float64Array.from(items.flatMap((value) => [value, value, value]));
    const ids = Int32Array.from(items.flatMap((_, item) => [item, item, item]));
    const found = mean(repeated, ids);
    const fromSums = clusteredStandardError({
      clusters: 5,
      n: 15,
      sum: 9,
      squaredSums: 27,
      squaredCounts: 45,
      products: 27,
    });
    expect(found.standardError).toBeCloseTo(fromSums ?? Number.NaN, 13);
    expect(found.standardError).toBeCloseTo(Math.sqrt(0.3 / 5), 13);
    // Three repeats say as much as one: (s² of 15 values) 9 · 6 / 15 / 14.
    expect(found.designEffect).toBeCloseTo((0.3 / 5) * ((15 * 15 * 14) / (9 * 6)), 12);
  });

  test('exchanged runs turn every sign and change no digit', () => {
    const found = mean(values, uneven);
    const turned = mean(
      values.map((value) => -value),
      uneven,
    );
    expect(turned).toEqual({
      ...found,
      mean: -found.mean,
      t: -found.t,
      interval: { low: -found.interval.high, high: -found.interval.low },
    });
  });

  test('moves with a shift, grows with a scale, and knows nothing of order or names of clusters', () => {
    const found = mean(values, uneven);
    const shifted = mean(
      values.map((value) => value + 1e6),
      uneven,
    );
    expect(shifted.mean - 1e6).toBeCloseTo(found.mean, 9);
    expect(shifted.standardError).toBeCloseTo(found.standardError, 9);
    const scaled = mean(
      values.map((value) => value * 8),
      uneven,
    );
    expect(scaled.standardError).toBe(8 * found.standardError);
    expect(scaled.p).toBe(found.p);
    const back = mean(values.toReversed(), uneven.map((id) => 1000 - id).toReversed());
    expect(back.standardError).toBeCloseTo(found.standardError, 13);
    expect(back.degreesOfFreedom).toBeCloseTo(found.degreesOfFreedom, 12);
    expect(back.p).toBeCloseTo(found.p, 12);
  });

  test('of values that are all the same says what the paired t test says', () => {
    const same = mean(new Float64Array(6).fill(0.1), threes.slice(0, 6));
    expect(same).toMatchObject({ mean: 0.1, standardError: 0, p: 0, designEffect: null });
    expect(same.t).toBe(Number.POSITIVE_INFINITY);
    expect(equivalenceOfMeanP(same, 0.2)).toBe(0);
    expect(equivalenceOfMeanP(same, 0.1)).toBe(1);
    const zero = mean(new Float64Array(6), threes.slice(0, 6));
    expect(zero).toMatchObject({ mean: 0, t: 0, p: 1, interval: { low: 0, high: 0 } });
  });

  test('says nothing of one cluster, and refuses what does not fit', () => {
    expect(clusteredMean(twelve, new Int32Array(12), 0.95)).toBeNull();
    expect(clusteredMean(new Float64Array(), new Int32Array(), 0.95)).toBeNull();
    expect(() => clusteredMean(twelve, uneven, 0.95)).toThrow(RangeError);
    expect(() => clusteredMean(twelve, threes, 95)).toThrow(RangeError);
    expect(() => equivalenceOfMeanP(mean(twelve, threes), 0)).toThrow(RangeError);
  });
});

describe('varianceComponents', () => {
  test('of Shrout and Fleiss’ six targets', () => {
    // Table 2 of Shrout and Fleiss (1979); BMS 11.24, WMS 6.26 and ICC(1) 0.17 in tables 3 and 4.
    const judged = [
      [9, 2, 5, 8],
      [6, 1, 3, 2],
      [8, 4, 6, 8],
      [7, 1, 2, 6],
      [10, 5, 6, 9],
      [6, 2, 4, 7],
    ];
    const found = varianceComponents(
      Float64Array.from(judged.flat()),
      Int32Array.from(judged.flatMap((row, target) => row.map(() => target))),
    );
    expect(found).toMatchObject({ items: 6, n: 24 });
    expect(found.within).toBeCloseTo(6.263888888888889, 12);
    expect(found.between).toBeCloseTo(1.2444444444444447, 12);
    expect(found.intraclassCorrelation).toBeCloseTo(0.1657417684054757, 12);
  });

  test('of items repeated unequally often, once among them', () => {
    // Mean squares of statsmodels 0.13.5 anova_lm; n₀ of Searle.
    const found = varianceComponents(
      Float64Array.from([1, 2, 1.5, 4, 5, 4.5, 4.75, 9, 2, 2.5, 7, 6]),
      Int32Array.from([1, 1, 1, 2, 2, 2, 2, 3, 4, 4, 5, 5]),
    );
    expect(found.within).toBeCloseTo(0.23883928571428573, 12);
    expect(found.between).toBeCloseTo(6.824188311688311, 12);
    expect(found.intraclassCorrelation).toBeCloseTo(0.9661845741899525, 12);
  });

  test('is cut at 0 where items differ less than their repeats', () => {
    const found = varianceComponents(values, uneven);
    expect(found.within).toBeCloseTo(3.686458333333334, 12);
    expect(found).toMatchObject({ between: 0, intraclassCorrelation: 0 });
  });

  test('has no variance within items that agree with themselves, however uneven the values', () => {
    const ids = Int32Array.from([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    const repeated = Float64Array.from([0.1, 0.1, 0.1, 0.7, 0.7, 0.7, 0.3, 0.3, 0.3]);
    expect(varianceComponents(repeated, ids)).toMatchObject({
      within: 0,
      intraclassCorrelation: 1,
    });
  });

  test('says what it can where there is little', () => {
    const none = { within: null, between: null, intraclassCorrelation: null };
    expect(varianceComponents(new Float64Array(), new Int32Array())).toMatchObject(none);
    expect(varianceComponents(Float64Array.from([1, 2]), Int32Array.from([0, 1]))).toMatchObject(
      none,
    );
    expect(varianceComponents(Float64Array.from([1, 3]), Int32Array.from([4, 4]))).toMatchObject({
      within: 2,
      between: null,
    });
    expect(varianceComponents(new Float64Array(4), Int32Array.from([0, 0, 1, 1]))).toMatchObject({
      within: 0,
      between: 0,
      intraclassCorrelation: null,
    });
  });

  test('grows with the square of a scale and knows nothing of shift or order', () => {
    const items = Int32Array.from([1, 1, 1, 2, 2, 2, 2, 3, 4, 4, 5, 5]);
    const of = Float64Array.from([1, 2, 1.5, 4, 5, 4.5, 4.75, 9, 2, 2.5, 7, 6]);
    const found = varianceComponents(of, items);
    const changed = varianceComponents(
      of.map((value) => 100 - 3 * value).toReversed(),
      items.toReversed(),
    );
    expect(changed.within).toBeCloseTo(9 * (found.within ?? Number.NaN), 10);
    expect(changed.between).toBeCloseTo(9 * (found.between ?? Number.NaN), 10);
    expect(changed.intraclassCorrelation).toBeCloseTo(
      found.intraclassCorrelation ?? Number.NaN,
      12,
    );
  });
});
