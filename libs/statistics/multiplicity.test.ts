import { expect, test } from '@jest/globals';
import { adjustByBenjaminiHochberg, adjustByHolm } from './index.ts';

const pValues = [0.01, 0.04, 0.03, 0.005, 0.9, 0.04, 0.2];

const toTwelveDigits = (values: readonly number[]): string[] =>
  values.map((value) => value.toFixed(12));

test('both are as in statsmodels, in the order of what was given', () => {
  // statsmodels 0.13.5 multipletests, 'holm' and 'fdr_bh'.
  expect(toTwelveDigits(adjustByHolm(pValues))).toEqual(
    toTwelveDigits([0.06, 0.16, 0.15, 0.035, 0.9, 0.16, 0.4]),
  );
  expect(toTwelveDigits(adjustByBenjaminiHochberg(pValues))).toEqual(
    toTwelveDigits([0.035, 0.056, 0.056, 0.035, 0.9, 0.056, 0.23333333333333336]),
  );
});

test('one test alone is left as it is, none is none, and 1 is the most', () => {
  for (const adjust of [adjustByHolm, adjustByBenjaminiHochberg]) {
    expect(adjust([0.03])).toEqual([0.03]);
    expect(adjust([])).toEqual([]);
    expect(adjust([0.7, 0.8, 0.9]).every((p) => p <= 1)).toBe(true);
    expect(() => adjust([0.1, Number.NaN])).toThrow(RangeError);
  }
});

test('no order of p-values is turned round, and none becomes smaller', () => {
  for (const adjust of [adjustByHolm, adjustByBenjaminiHochberg]) {
    const adjusted = adjust(pValues);
    const pairs = pValues.map((p, index) => ({ p, adjusted: adjusted[index] ?? Number.NaN }));
    const inOrder = pairs.toSorted((a, b) => a.p - b.p).map((pair) => pair.adjusted);
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
    expect(pairs.every((pair) => pair.adjusted >= pair.p)).toBe(true);
  }
});
