/**
 * Adjusts p-values of several tests so that the chance that any of them rejects wrongly stays at the
 * level: sorted ascending, the i-th of m times (m − i + 1), never below the one before, at most 1. Valid
 * however the tests depend on each other.
 *
 * Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
 * Statistics 6 (1979), 65–70; as statsmodels' `multipletests(method='holm')` and R's `p.adjust`.
 * @returns in the order of the given
 */
export const adjustByHolm = (pValues: readonly number[]): number[] => {
  let largest = 0;
  return adjusted(pValues, (p, place, m) => {
    largest = Math.max(largest, p * (m - place));
    return largest;
  });
};

/**
 * Adjusts p-values so that of what is rejected the expected share that is wrong stays at the level:
 * sorted ascending, the i-th of m times m / i, never above the one after, at most 1. Valid for tests
 * that are independent, or positively dependent as metrics of the same items mostly are.
 *
 * Source: Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", Journal of the Royal
 * Statistical Society B 57 (1995), 289–300; as scipy's `false_discovery_control`.
 * @returns in the order of the given
 */
export const adjustByBenjaminiHochberg = (pValues: readonly number[]): number[] => {
  let smallest = 1;
  return adjusted(
    pValues,
    (p, place, m) => {
      smallest = Math.min(smallest, (p * m) / (place + 1));
      return smallest;
    },
    { fromLargest: true },
  );
};

function adjusted(
  pValues: readonly number[],
  step: (p: number, place: number, m: number) => number,
  { fromLargest = false } = {},
): number[] {
  for (const p of pValues) {
    if (!(p >= 0 && p <= 1)) throw new RangeError('a p-value must be from 0 to 1');
  }
  const sorted = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const steps = sorted.map(({ p, index }, place) => ({ p, index, place }));
  if (fromLargest) steps.reverse();
  const result = Array<number>(pValues.length).fill(0);
  for (const { p, index, place } of steps) {
    result[index] = Math.min(1, step(p, place, pValues.length));
  }
  return result;
}
