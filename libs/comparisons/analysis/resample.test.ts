import { expect, test } from '@jest/globals';
import { resample } from './resample.ts';
import { drawn } from './test-input.ts';

const options = { confidence: 0.95, seed: 1 };
const of = (differences: readonly number[], clusters?: readonly number[]) =>
  resample(
    {
      differences: Float64Array.from(differences),
      clusters: clusters ? Int32Array.from(clusters) : null,
    },
    options,
  );

test('nothing to resample, and nothing that varies', () => {
  expect(of([])).toBeNull();
  expect(of([0.5])).toEqual({
    interval: null,
    resamples: 0,
    signFlip: { p: 1, method: 'exact', permutations: null },
  });
  expect(of([0.5, 0.5, 0.5])).toMatchObject({ interval: null, signFlip: { p: 0.25 } });
  expect(of([0, 0, 0])).toMatchObject({ interval: null, signFlip: { p: 1 } });
});

test('as a t interval, near enough, where values are normal', () => {
  const found = of(drawn(4, 400, (random) => 1 + random.normal()));
  expect(found?.resamples).toBe(10_000);
  expect((found?.interval?.high ?? 0) - (found?.interval?.low ?? 0)).toBeCloseTo(
    (2 * 1.96) / 20,
    1,
  );
});

test('clusters of one say what the items say', () => {
  const differences = drawn(5, 30, (random) => random.normal());
  const alone = differences.map((_, place) => 100 - place);
  expect(of(differences, alone)).toEqual(of(differences));
});

test('values of one cluster keep together: copies add nothing', () => {
  const differences = drawn(6, 18, (random) => 0.3 + random.normal());
  const copies = differences.flatMap((value) => [value, value]);
  const clusters = copies.map((_, place) => Math.floor(place / 2));
  const once = of(differences);
  const twice = of(copies, clusters);
  expect(twice?.signFlip).toEqual(once?.signFlip);
  expect(twice?.interval?.low).toBeCloseTo(once?.interval?.low ?? Number.NaN, 12);
  expect(twice?.interval?.high).toBeCloseTo(once?.interval?.high ?? Number.NaN, 12);
});

test('a cluster whose differences cancel has not changed, whatever rounding leaves', () => {
  // Whole multiples of a tenth can be counted exactly; a sum of 5.6e-17 is none.
  const others = Array.from({ length: 24 }, (_, place) => (1 + (place % 3)) / 10);
  const clusters = [0, 0, 0, ...others.map((_, place) => place + 1)];
  const found = of([0.1, 0.2, -0.3, ...others], clusters);
  expect(found?.signFlip).toEqual(of(others)?.signFlip);
  expect(found?.signFlip?.method).toBe('exact');
  expect(of([0.1, 0.2, -0.3], [0, 0, 0])).toMatchObject({ signFlip: { p: 1 } });
});
