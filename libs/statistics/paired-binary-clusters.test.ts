import { expect, test } from '@jest/globals';
import { clusteredMean } from './clusters.ts';
import {
  clusteredProportionDifference,
  equivalenceOfClusteredProportions,
  equivalenceOfProportions,
  pairedProportionDifference,
} from './paired-binary.ts';

const counts = { both: 30, baselineOnly: 4, candidateOnly: 12, neither: 14 };
const robust = { designEffect: 2, degreesOfFreedom: 9.5 };
const MANY = 1e12;

test('With a design effect of 1 and many clusters it is Tango’s interval and the score test', () => {
  const found = clusteredProportionDifference(
    counts,
    { designEffect: 1, degreesOfFreedom: MANY },
    0.95,
  );
  const tango = pairedProportionDifference(counts, 0.95);
  expect(found?.difference).toBe(tango?.difference);
  expect(found?.interval.low).toBeCloseTo(tango?.interval.low ?? Number.NaN, 9);
  expect(found?.interval.high).toBeCloseTo(tango?.interval.high ?? Number.NaN, 9);
  expect(found?.t).toBeCloseTo(8 / 4, 12);
  // scipy: 2 * norm.cdf(-2)
  expect(found?.p).toBeCloseTo(0.04550026389635842, 9);
});

test('Dividing all counts by the design effect is the same', () => {
  // Every count is even, so that half of it is a count; the quantile of t is 97.5 % of 9.5 degrees.
  const half = { both: 15, baselineOnly: 2, candidateOnly: 6, neither: 7 };
  const of = (given: typeof counts, designEffect: number) =>
    clusteredProportionDifference(given, { ...robust, designEffect }, 0.95);
  const [whole, halved] = [of(counts, 2), of(half, 1)];
  expect(whole?.interval.low).toBeCloseTo(halved?.interval.low ?? Number.NaN, 12);
  expect(whole?.interval.high).toBeCloseTo(halved?.interval.high ?? Number.NaN, 12);
  expect(whole?.p).toBeCloseTo(halved?.p ?? Number.NaN, 12);
  expect(equivalenceOfClusteredProportions(counts, robust, 0.3)).toBeCloseTo(
    equivalenceOfClusteredProportions(half, { ...robust, designEffect: 1 }, 0.3) ?? Number.NaN,
    12,
  );
});

test('The interval ends where the score is the quantile of t', () => {
  // scipy: t.ppf(0.975, 9.5) = 2.244137461457777, ends by brentq of Tango's score over √2.
  const found = clusteredProportionDifference(counts, robust, 0.95);
  expect(found?.interval.low).toBeCloseTo(-0.09307047922760629, 9);
  expect(found?.interval.high).toBeCloseTo(0.355932167200059, 9);
  expect(found?.p).toBeCloseTo(0.18922473705244905, 9);
});

test.each([0.8, 0.95, 0.99])(
  'p is below 1 − %p where the interval does not hold 0',
  (confidence) => {
    for (let candidateOnly = 4; candidateOnly < 30; candidateOnly += 1) {
      const found = clusteredProportionDifference({ ...counts, candidateOnly }, robust, confidence);
      expect((found?.p ?? 1) < 1 - confidence).toBe((found?.interval.low ?? 0) > 0);
    }
  },
);

test('Exchanging the two runs mirrors it', () => {
  const mirrored = { ...counts, baselineOnly: 12, candidateOnly: 4 };
  const [one, other] = [counts, mirrored].map((of) =>
    clusteredProportionDifference(of, robust, 0.95),
  );
  expect(other).toEqual({
    difference: -(one?.difference ?? 0),
    interval: { low: -(one?.interval.high ?? 0), high: -(one?.interval.low ?? 0) },
    t: -(one?.t ?? 0),
    p: one?.p,
  });
  expect(equivalenceOfClusteredProportions(mirrored, robust, 0.2)).toBe(
    equivalenceOfClusteredProportions(counts, robust, 0.2),
  );
});

test('Where no pair differs it has a width, and nothing is tested', () => {
  const same = { both: 20, baselineOnly: 0, candidateOnly: 0, neither: 5 };
  const differences = new Float64Array(25);
  const clusters = Int32Array.from(differences, (_, place) => place % 5);
  const none = clusteredMean(differences, clusters, 0.95);
  expect(none?.designEffect).toBeNull();
  const found = none && clusteredProportionDifference(same, none, 0.95);
  expect(found).toMatchObject({ difference: 0, t: 0, p: 1 });
  expect(found?.interval.high).toBeGreaterThan(
    pairedProportionDifference(same, 0.95)?.interval.high ?? 1,
  );
});

test('Equivalence needs more pairs than without clusters', () => {
  const clustered = equivalenceOfClusteredProportions(counts, robust, 0.3) ?? 0;
  expect(clustered).toBeGreaterThan(equivalenceOfProportions(counts, 0.3) ?? 1);
});

test('Without a pair there is nothing to say, and a confidence must be one', () => {
  const none = { both: 0, baselineOnly: 0, candidateOnly: 0, neither: 0 };
  expect(clusteredProportionDifference(none, robust, 0.95)).toBeNull();
  expect(equivalenceOfClusteredProportions(none, robust, 0.1)).toBeNull();
  expect(() => clusteredProportionDifference(counts, robust, 1)).toThrow(RangeError);
});

test('It reaches further the more the design effect', () => {
  const reach = [1, 5, 50, 500].map(
    (designEffect) =>
      clusteredProportionDifference(counts, { designEffect, degreesOfFreedom: 9.5 }, 0.95)?.interval
        .high ?? Number.NaN,
  );
  expect(reach).toEqual(reach.toSorted((a, b) => a - b));
  expect(reach.at(-1)).toBeGreaterThan(0.9);
  expect(reach.at(-1)).toBeLessThanOrEqual(1);
});
