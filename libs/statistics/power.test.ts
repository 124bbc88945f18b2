import { expect, test } from '@jest/globals';
import { minimumDetectableDifference, pairsNeeded } from './index.ts';

const usual = { level: 0.05, power: 0.8 };

test('the smallest difference that is found, and the pairs that find it, as by scipy’s quantiles', () => {
  expect(minimumDetectableDifference({ n: 1319, standardDeviation: 0.5214 }, usual)).toBeCloseTo(
    0.040220963163950324,
    12,
  );
  expect(pairsNeeded({ difference: 0.02, standardDeviation: 0.5214 }, usual)).toBe(5335);
  expect(pairsNeeded({ difference: -0.1, standardDeviation: 1 }, { level: 0.01, power: 0.9 })).toBe(
    1488,
  );
});

test('each gives the other', () => {
  const standardDeviation = 0.7;
  for (const n of [20, 100, 5000]) {
    const difference = minimumDetectableDifference({ n, standardDeviation }, usual) ?? Number.NaN;
    // A hair more, since rounding up would make one pair of a rounding error.
    expect(pairsNeeded({ difference: difference * (1 + 1e-9), standardDeviation }, usual)).toBe(n);
  }
});

test('what cannot be answered is refused', () => {
  expect(minimumDetectableDifference({ n: 1, standardDeviation: 1 }, usual)).toBeNull();
  expect(() => pairsNeeded({ difference: 0, standardDeviation: 1 }, usual)).toThrow(RangeError);
  expect(() =>
    pairsNeeded({ difference: 1, standardDeviation: 1 }, { level: 0.05, power: 1 }),
  ).toThrow(RangeError);
});
