import { describe, expect, test } from '@jest/globals';
import {
  cohenH,
  equivalenceOfProportions,
  mcnemarExact,
  mcnemarMidP,
  pairedOddsRatio,
  pairedProportionDifference,
  type PairedCounts,
} from './index.ts';

const counts = (
  both: number,
  baselineOnly: number,
  candidateOnly: number,
  neither: number,
): PairedCounts => ({ both, baselineOnly, candidateOnly, neither });

/**
 * Tests: statsmodels 0.13.5 (`mcnemar(exact=True)`), scipy 1.10 (binomial distribution, intervals of
 * `binomtest`). Tango's interval: with mpmath at 40 digits, by the root of the likelihood's derivative
 * under each difference, without the closed form. The first two are the systems of
 * shared/data/gsm8k.
 */
const references = [
  {
    counts: counts(306, 152, 209, 652),
    exact: 0.003150656880360618,
    midP: 0.0026873913284713906,
    standardError: 0.014361068314278445,
    interval: [0.015051738958925294, 0.07145819288103282],
    odds: [1.1104064979121826, 1.7058581553423644],
  },
  {
    counts: counts(436, 79, 306, 498),
    exact: 1.2400534250724266e-32,
    midP: 7.787150265806292e-33,
    standardError: 0.014106395994627242,
    interval: [0.14458348304912122, 0.1999547759786782],
    odds: [3.0155292679660697, 5.02564886545907],
  },
  {
    counts: counts(54, 0, 3, 43),
    exact: 0.25,
    midP: 0.125,
    standardError: 0.017144660799776532,
    interval: [-0.008103303153195256, 0.08451936429052762],
    odds: [0.413231355030894, Infinity],
  },
  {
    counts: counts(5, 2, 8, 1),
    exact: 0.109375,
    midP: 0.06542968749999996,
    standardError: 0.17969882210706523,
    interval: [-0.013261630951358624, 0.6561245260833596],
    odds: [0.7982524004966308, 38.6656560797152],
  },
  {
    counts: counts(1, 9, 3, 4),
    exact: 0.14599609375,
    midP: 0.09228515624999999,
    standardError: 0.19061002054140763,
    interval: [-0.6475662546989495, 0.047978630646638876],
    odds: [0.05804503241809745, 1.3356761980784038],
  },
] as const;

/** Within one part in 10⁹, also where the number is tiny. */
const expectEqual = (actual: number | undefined, expected: number) => {
  if (!Number.isFinite(expected) || expected === 0) expect(actual).toBe(expected);
  else expect((actual ?? Number.NaN) / expected).toBeCloseTo(1, 9);
};

describe.each(references)('the pairs $counts', ({ counts: given, ...expected }) => {
  const swapped = {
    ...given,
    baselineOnly: given.candidateOnly,
    candidateOnly: given.baselineOnly,
  };

  test('have the exact p of McNemar, and its mid-p', () => {
    expectEqual(mcnemarExact(given), expected.exact);
    expectEqual(mcnemarMidP(given), expected.midP);
    expect(mcnemarExact(swapped)).toBe(mcnemarExact(given));
    expect(mcnemarMidP(swapped)).toBe(mcnemarMidP(given));
  });

  test('differ with the paired standard error and the score interval', () => {
    const found = pairedProportionDifference(given, 0.95);
    expectEqual(found?.standardError ?? undefined, expected.standardError);
    expectEqual(found?.interval.low, expected.interval[0]);
    expectEqual(found?.interval.high, expected.interval[1]);
    const mirrored = pairedProportionDifference(swapped, 0.95);
    expect(mirrored?.difference).toBe(-(found?.difference ?? Number.NaN));
    expect(mirrored?.interval.low).toBe(-(found?.interval.high ?? Number.NaN));
    expect(mirrored?.interval.high).toBe(-(found?.interval.low ?? Number.NaN));
  });

  test('have the conditional odds ratio with its exact interval', () => {
    const found = pairedOddsRatio(given, 0.95);
    expect(found?.value).toBe(given.candidateOnly / given.baselineOnly);
    expectEqual(found?.interval.low, expected.odds[0]);
    expectEqual(found?.interval.high, expected.odds[1]);
  });
});

test('pairs of which none differs are no evidence, and still leave room for a difference', () => {
  const same = counts(10, 0, 0, 10);
  expect(mcnemarExact(same)).toBe(1);
  expect(mcnemarMidP(same)).toBe(1);
  expect(pairedOddsRatio(same, 0.95)).toBeNull();
  const { difference, standardError, interval } = pairedProportionDifference(same, 0.95) ?? {};
  expect({ difference, standardError }).toEqual({ difference: 0, standardError: 0 });
  expectEqual(interval?.low, -0.16112515805281938);
  expectEqual(interval?.high, 0.16112515805281938);
});

test('all pairs may differ in one direction', () => {
  const { interval } = pairedProportionDifference(counts(0, 0, 7, 0), 0.95) ?? {};
  expect(interval?.high).toBe(1);
  expect(interval?.low).toBeGreaterThan(0);
  expect(interval?.low).toBeLessThan(1);
  expect(pairedProportionDifference(counts(0, 0, 0, 0), 0.95)).toBeNull();
  expect(pairedProportionDifference(counts(0, 1, 0, 0), 0.95)?.standardError).toBeNull();
});

test('Cohen’s h is the difference of arcsines', () => {
  expectEqual(cohenH(0.39, 0.56), 0.3421043528915826);
  expect(cohenH(0, 1)).toBeCloseTo(Math.PI, 12);
  expect(cohenH(0.56, 0.39)).toBe(-cohenH(0.39, 0.56));
});

test.each([[counts(1, -1, 0, 0)], [counts(1, 0.5, 0, 0)]])('%j is refused', (bad) => {
  expect(() => mcnemarExact(bad)).toThrow(RangeError);
  expect(() => mcnemarMidP(bad)).toThrow(RangeError);
  expect(() => pairedProportionDifference(bad, 0.95)).toThrow(RangeError);
  expect(() => pairedOddsRatio(bad, 0.95)).toThrow(RangeError);
});

test('two shares are equivalent where the margin lies outside of the interval of 1 − 2 p', () => {
  for (const { counts: given } of references) {
    const margin = 0.25;
    const p = equivalenceOfProportions(given, margin) ?? Number.NaN;
    if (p >= 0.5 || p < 1e-12) continue;
    const interval = pairedProportionDifference(given, 1 - 2 * p)?.interval;
    const { low = Number.NaN, high = Number.NaN } = interval ?? {};
    expect(Math.max(high, -low)).toBeCloseTo(margin, 9);
  }
  // Twenty pairs of which none differs leave room for more than the margin; a thousand do not.
  expect(equivalenceOfProportions(counts(10, 0, 0, 10), 0.05)).toBeGreaterThan(0.1);
  expect(equivalenceOfProportions(counts(500, 0, 0, 500), 0.05)).toBeLessThan(1e-6);
  expect(equivalenceOfProportions(counts(0, 0, 0, 0), 0.05)).toBeNull();
  expect(() => equivalenceOfProportions(counts(1, 0, 0, 0), 0)).toThrow(RangeError);
});

// statsmodels 0.13.5: mcnemar(exact=False, correction=False)
test.each([
  [counts(306, 152, 209, 652), 0.0026997960632601883],
  [counts(436, 79, 306, 498), 5.917429275680693e-31],
  [counts(9, 0, 4, 7), 0.04550026389635857],
  [counts(9, 15, 6, 7), 0.04953461343562649],
  [counts(9, 5, 5, 7), 1],
  [counts(9, 0, 0, 7), 1],
])('The score of no difference in %j has p %p, as its interval says', (given, p) => {
  expectEqual(pairedProportionDifference(given, 0.95)?.p, p);
  for (const confidence of [0.8, 0.95, 0.99, 0.999]) {
    const { interval } = pairedProportionDifference(given, confidence) ?? {};
    const holdsNone = (interval?.low ?? 0) <= 0 && (interval?.high ?? 0) >= 0;
    expect(p < 1 - confidence).toBe(!holdsNone);
  }
});
