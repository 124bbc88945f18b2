import { describe, expect, test } from '@jest/globals';
import { cohenDz, equivalenceP, pairedT, signedRankTest, type DifferenceSummary } from './index.ts';

/**
 * C. Darwin, "The Effects of Cross and Self Fertilisation" (1876): heights of 15 pairs of maize, the
 * cross-fertilised less the self-fertilised, in eighths of an inch; R. A. Fisher, "The Design of
 * Experiments" (1935), chapter III, gives t = 2.148.
 */
const darwin = Float64Array.from([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]);
/** Two hundred, with ties and two zeros. */
const many = Float64Array.from(
  { length: 200 },
  (_, index) => ((((index + 1) * 37) % 101) - 45) / 10,
);

function summarise(values: Float64Array): DifferenceSummary {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, standardDeviation: Math.sqrt(squares / (n - 1)) };
}

describe('pairedT', () => {
  test.each([
    // scipy 1.10 ttest_1samp(differences, 0).
    ['Darwin’s maize', darwin, 2.1479874613311205, 0.0497029440218009],
    ['two hundred', many, 2.513802362416036, 0.012736300431387185],
  ])('of %s as in scipy', (_, values, t, p) => {
    const found = pairedT(summarise(values), 0.95);
    expect(found?.t).toBeCloseTo(t, 12);
    expect(found?.p).toBeCloseTo(p, 12);
  });

  test('has its interval around the mean, and excludes 0 where it rejects', () => {
    const { interval } = pairedT(summarise(darwin), 0.95) ?? {};
    expect(interval?.low).toBeCloseTo(0.03119331840152384, 9);
    expect(interval?.high).toBeCloseTo(41.83547334826514, 9);
  });

  test('turns its sign with the pairs', () => {
    const there = pairedT(summarise(many), 0.9);
    const back = pairedT(summarise(many.map((value) => -value)), 0.9);
    expect(back?.t).toBe(-(there?.t ?? Number.NaN));
    expect(back?.p).toBe(there?.p);
    expect(back?.interval.low).toBe(-(there?.interval.high ?? Number.NaN));
  });

  test('says what it can where nothing varies', () => {
    const same = { n: 5, standardDeviation: 0 };
    expect(pairedT({ ...same, mean: 0 }, 0.95)).toMatchObject({ t: 0, p: 1 });
    expect(pairedT({ ...same, mean: 1 }, 0.95)).toMatchObject({ t: Infinity, p: 0 });
    expect(pairedT({ n: 1, mean: 1, standardDeviation: 0 }, 0.95)).toBeNull();
  });
});

test('d_z is the mean in standard deviations', () => {
  expect(cohenDz(summarise(darwin))).toBeCloseTo(20.933333333333334 / 37.7443783262898, 12);
  expect(cohenDz({ n: 5, mean: 1, standardDeviation: 0 })).toBeNull();
});

describe('equivalenceP', () => {
  test('as in statsmodels', () => {
    // statsmodels 0.13.5 ttost_paired(differences, 0, -margin, margin).
    expect(equivalenceP(summarise(darwin), 30)).toBeCloseTo(0.18398060384127363, 12);
    expect(equivalenceP(summarise(many), 1)).toBeCloseTo(0.01016111518481558, 12);
  });

  test('is about the margin alone where nothing varies', () => {
    const same = { n: 5, mean: 1, standardDeviation: 0 };
    expect(equivalenceP(same, 2)).toBe(0);
    expect(equivalenceP(same, 1)).toBe(1);
    expect(() => equivalenceP(same, 0)).toThrow(RangeError);
  });
});

describe('signedRankTest', () => {
  test('of Darwin’s maize is exact', () => {
    // scipy 1.10 wilcoxon(method='exact'); R's wilcox.test gives V = 96, p = 0.04126.
    expect(signedRankTest(darwin)).toMatchObject({
      positive: 96,
      negative: 24,
      n: 15,
      zeros: 0,
      method: 'exact',
      effect: 0.6,
    });
    expect(signedRankTest(darwin)?.p).toBeCloseTo(0.041259765625, 12);
  });

  test('with ties and zeros is exact over the signs', () => {
    // All 1,024 choices of signs of the mean ranks counted in Python, with scipy's rankdata.
    const ties = Float64Array.from([0, 1, 1, -1, 2, 2, 3, -2, 0, 4, 1.5, -0.5]);
    expect(signedRankTest(ties)).toMatchObject({ positive: 44, negative: 11, n: 10, zeros: 2 });
    expect(signedRankTest(ties)?.p).toBeCloseTo(0.107421875, 12);
  });

  test('of many is the normal approximation, corrected for ties', () => {
    // scipy 1.10 wilcoxon(zero_method='wilcox', correction=False, method='approx').
    const found = signedRankTest(many);
    expect(found).toMatchObject({ negative: 7914, zeros: 2, method: 'normal' });
    expect(found?.p).toBeCloseTo(0.016450545324004813, 12);
  });

  test('is exact up to fifty', () => {
    // scipy 1.10 wilcoxon(method='exact') of 49 values without ties.
    const values = Float64Array.from({ length: 50 }, (_, index) => {
      const whole = (((index + 1) * 29) % 53) - 20;
      return whole + Math.sign(whole) * 0.001 * index;
    });
    const found = signedRankTest(values);
    expect(found).toMatchObject({ n: 49, zeros: 1, method: 'exact' });
    expect(Math.min(found?.positive ?? 0, found?.negative ?? 0)).toBe(356);
    expect(found?.p).toBeCloseTo(0.010005901957622854, 12);
  });

  test('knows nothing of order, scale or direction', () => {
    const p = signedRankTest(many)?.p ?? Number.NaN;
    expect(signedRankTest(many.toReversed())?.p).toBe(p);
    expect(signedRankTest(many.map((value) => value * 4))?.p).toBe(p);
    const turned = signedRankTest(many.map((value) => -value));
    expect(turned?.p).toBe(p);
    expect(turned?.effect).toBe(-(signedRankTest(many)?.effect ?? Number.NaN));
  });

  test('leaves what it is given as it is, and has nothing to say of zeros alone', () => {
    const values = Float64Array.from([3, -1, 2]);
    signedRankTest(values);
    expect([...values]).toEqual([3, -1, 2]);
    expect(signedRankTest(Float64Array.from([0, 0]))).toBeNull();
    expect(signedRankTest(Float64Array.from([5]))).toMatchObject({ p: 1, effect: 1 });
  });
});
