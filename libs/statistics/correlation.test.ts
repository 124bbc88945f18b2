import { expect, test } from '@jest/globals';
import { pearsonCorrelation } from './index.ts';

const first = Float64Array.from([0, 1, 1, -1, 2, 2, 3, -2, 0, 4, 1.5, -0.5]);
const second = Float64Array.from([3, 1, 2, 0, 1, 2.5, 4, -1, 2, 3, 0.1, 0.7]);

test('the correlation of pairs is scipy’s', () => {
  // scipy 1.10 pearsonr.
  expect(pearsonCorrelation(first, second)).toBeCloseTo(0.6843284446297462, 12);
});

test('for 0 and 1 it is phi', () => {
  // 3 both, 1 and 2 on one side, 4 neither: (3 · 4 − 1 · 2) / √(4 · 6 · 5 · 5).
  const a = Float64Array.from([1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  const b = Float64Array.from([1, 1, 1, 0, 1, 1, 0, 0, 0, 0]);
  expect(pearsonCorrelation(a, b)).toBeCloseTo(10 / Math.sqrt(600), 12);
});

test('which side is first, where 0 lies and what the units are do not matter', () => {
  const found = pearsonCorrelation(first, second) ?? Number.NaN;
  expect(pearsonCorrelation(second, first)).toBeCloseTo(found, 13);
  const far = first.map((value) => 1e8 + 2 * value);
  expect(pearsonCorrelation(far, second)).toBeCloseTo(found, 13);
  expect(
    pearsonCorrelation(
      first,
      second.map((value) => -value),
    ),
  ).toBe(-found);
  expect(pearsonCorrelation(first.toReversed(), second.toReversed())).toBeCloseTo(found, 13);
});

test('it is never beyond 1', () => {
  for (const factor of [0.1, 0.3, 1e-7, 3e5]) {
    const line = first.map((value) => factor * value);
    expect(Math.abs(pearsonCorrelation(first, line) ?? Number.NaN)).toBeLessThanOrEqual(1);
    expect(pearsonCorrelation(first, line)).toBeCloseTo(1, 12);
  }
});

test('it is not defined for one pair, nor where one side is always the same', () => {
  expect(pearsonCorrelation(new Float64Array(1), new Float64Array(1))).toBeNull();
  expect(pearsonCorrelation(first, new Float64Array(12).fill(0.1))).toBeNull();
  expect(() => pearsonCorrelation(first, new Float64Array(3))).toThrow(RangeError);
});
