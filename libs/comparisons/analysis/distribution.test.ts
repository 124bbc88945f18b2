import { expect, test } from '@jest/globals';
import { distributionOf, POINTS_MAX } from './distribution.ts';
import { drawn, pairsFrom } from './test-input.ts';

const named = (no: number) => ({ key: `item-${no}`, repeat: 0 });
const of = (baseline: readonly number[], candidate: readonly number[]) =>
  distributionOf(pairsFrom({ baseline, candidate }), named);
const total = (bins: readonly { count: number }[]): number =>
  bins.reduce((sum, { count }) => sum + count, 0);

test('each difference is in one bin, the zeros beside them, and no bin mixes gains with losses', () => {
  const baseline = drawn(1, 500, (random) => random.uniform());
  const candidate = drawn(2, 500, (random, place) =>
    place % 5 === 0 ? (baseline[place] ?? 0) : random.uniform(),
  );
  const { n, same, bins } = of(baseline, candidate);
  expect([n, same, total(bins)]).toEqual([500, 100, 400]);
  const gains = candidate.filter((value, place) => value > (baseline[place] ?? 0)).length;
  expect(total(bins.filter(({ low }) => low !== null && low >= 0))).toBe(gains);
  expect(bins.every(({ low, high }) => (low ?? -1) >= 0 || (high ?? 1) <= 0)).toBe(true);
  expect(bins.length).toBeLessThanOrEqual(40);
  expect(bins.slice(1).map(({ low }) => low)).toEqual(bins.slice(0, -1).map(({ high }) => high));
});

test('what decimals make of doubles is no difference', () => {
  expect(of([0.3, 0.1], [0.1 + 0.2, 0.1])).toMatchObject({ n: 2, same: 2, bins: [] });
});

test('a few differences far out share one open bin, and the others keep theirs', () => {
  const spread = drawn(3, 400, (random) => random.uniform() * 10 - 5);
  const { bins } = of(
    spread.map(() => 0),
    [...spread.slice(2), 10_000, 20_000],
  );
  expect(bins.at(-1)).toMatchObject({ high: null, count: expect.any(Number) });
  expect(bins.at(-1)?.count).toBeGreaterThanOrEqual(2);
  expect(bins[0]?.low).not.toBeNull();
  expect(total(bins)).toBe(400);
  expect(bins.filter(({ count }) => count > 0).length).toBeGreaterThan(15);
});

test.each([[[0.5]], [[-2, -2]], [[1e-9, 2e-9]]])(
  'differences of %j make bins that hold them',
  (differences) => {
    const { bins } = of(
      differences.map(() => 0),
      differences,
    );
    expect(total(bins)).toBe(differences.length);
    for (const { low, high } of bins) expect(low).toBeLessThan(high ?? Infinity);
  },
);

test('few pairs are points by name, many are counted in one grid for both axes', () => {
  const few = of([1, 2], [2, 2]);
  expect(few.cells).toBeNull();
  expect(few.points).toEqual([
    { key: 'item-0', repeat: 0, baseline: 1, candidate: 2 },
    { key: 'item-1', repeat: 0, baseline: 2, candidate: 2 },
  ]);
  const size = POINTS_MAX + 1;
  const values = drawn(4, size, (random) => random.uniform());
  const many = of(values, values);
  expect(many.points).toBeNull();
  expect(total(many.cells?.counts ?? [])).toBe(size);
  // The same on both sides: all of it on the diagonal, the highest value included.
  expect(many.cells?.counts.every(({ baseline, candidate }) => baseline === candidate)).toBe(true);
  expect(Math.max(...(many.cells?.counts.map(({ baseline }) => baseline) ?? []))).toBe(
    (many.cells?.across ?? 0) - 1,
  );
});

test('values that are all the same still make a cell, and no pair makes nothing', () => {
  const same = Array.from({ length: POINTS_MAX + 5 }, () => 3);
  expect(of(same, same).cells?.counts).toEqual([
    { baseline: 0, candidate: 0, count: POINTS_MAX + 5 },
  ]);
  expect(of([], [])).toEqual({ n: 0, same: 0, bins: [], points: [], cells: null });
});
