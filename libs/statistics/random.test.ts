import { describe, expect, test } from '@jest/globals';
import binomialPmf from '@stdlib/stats-base-dists-binomial-pmf';
import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import { seededRandom } from './index.ts';

/** By how many of its standard deviations χ² is away from where it should be. */
function excess(counts: ArrayLike<number>, expected: (place: number) => number): number {
  let statistic = 0;
  let degreesOfFreedom = -1;
  for (const [place, count] of Array.from(counts).entries()) {
    const mean = expected(place);
    if (mean < 10) continue;
    statistic += (count - mean) ** 2 / mean;
    degreesOfFreedom += 1;
  }
  return (statistic - degreesOfFreedom) / Math.sqrt(2 * degreesOfFreedom);
}

test.each([
  // numpy 1.24 RandomState(seed): the first is the example of the generator's authors.
  [5489, [3499211612, 581869302, 3890346734, 3586334585]],
  [42, [1608637542, 3421126067, 4083286876]],
])('the bits of seed %d are those of the Mersenne Twister', (seed, expected) => {
  const random = seededRandom(seed);
  expect(expected.map(() => random.bits() >>> 0)).toEqual(expected);
});

test('the same seed draws the same, another seed something else', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed);
    const places = new Uint32Array(3);
    random.fillBelow(places, 1000);
    return [random.uniform(), random.normal(), random.binomial(1000, 0.3), ...places];
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test.each([2, 3, 1319, 3000])('whole numbers below %d come equally often', (n) => {
  const counts = new Uint32Array(n);
  const places = new Uint32Array(n * 200);
  seededRandom(1).fillBelow(places, n);
  for (const place of places) counts[place] = (counts[place] ?? 0) + 1;
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(places.length);
  expect(Math.abs(excess(counts, () => 200))).toBeLessThan(4);
});

test('of a range that does not divide 2³² no part is preferred', () => {
  const n = 2_000_003;
  const places = new Uint32Array(100_000);
  seededRandom(2).fillBelow(places, n);
  // Exactly: of all words of bits each number has as many, and the rest is passed over.
  const random = seededRandom(2);
  let passedOver = 0;
  for (const place of places) {
    while ((BigInt(random.bits() >>> 0) * BigInt(n)) >> 32n !== BigInt(place)) passedOver += 1;
  }
  // 2³² mod n = 960,855 words of 2³² are passed over: 22 of 100,000 draws.
  expect(passedOver).toBeGreaterThan(8);
  expect(passedOver).toBeLessThan(40);
});

test.each([
  [1319, 0.2],
  [1319, 0.8],
  [50_000, 0.001],
  [20, 0.5],
])('%d trials with probability %d succeed as the binomial says', (trials, probability) => {
  const random = seededRandom(3);
  const draws = 200_000;
  const counts = new Uint32Array(trials + 1);
  for (let draw = 0; draw < draws; draw += 1) {
    const successes = random.binomial(trials, probability);
    counts[successes] = (counts[successes] ?? 0) + 1;
  }
  const expected = (place: number) => draws * binomialPmf(place, trials, probability);
  expect(Math.abs(excess(counts, expected))).toBeLessThan(4);
});

test('no trials, no chance and certainty leave nothing to chance', () => {
  const random = seededRandom(4);
  expect([random.binomial(0, 0.5), random.binomial(9, 0), random.binomial(9, 1)]).toEqual([
    0, 0, 9,
  ]);
});

describe.each([
  ['uniforms', (value: number) => Math.min(1, Math.max(0, value)), 'uniform'],
  ['normals', (value: number) => normalCdf(value, 0, 1), 'normal'],
] as const)('%s', (_, cdf, kind) => {
  test('have their distribution, by Kolmogorov and Smirnov', () => {
    const random = seededRandom(5);
    const values = Float64Array.from({ length: 100_000 }, () => random[kind]()).sort();
    let distance = 0;
    for (const [place, value] of values.entries()) {
      distance = Math.max(distance, Math.abs(cdf(value) - (place + 0.5) / values.length));
    }
    // Exceeded once in a thousand.
    expect(distance).toBeLessThan(1.95 / Math.sqrt(values.length));
  });
});

test.each([-1, 0.5, 2 ** 32, Number.NaN])('%d is no seed', (seed) => {
  expect(() => seededRandom(seed)).toThrow(RangeError);
});

test.each([0, 1.5, 2 ** 21 + 1])('nothing is drawn below %d', (n) => {
  expect(() => seededRandom(1).fillBelow(new Uint32Array(1), n)).toThrow(RangeError);
});
