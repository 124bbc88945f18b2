import { centre } from './clusters.ts';

/**
 * Pearson's correlation of pairs, from −1 to 1: how far the values of two runs on the same items go
 * together, Σ (x − x̄)(y − ȳ) / √(Σ (x − x̄)² Σ (y − ȳ)²). For values of 0 and 1 it is the phi
 * coefficient. Null below two pairs, and where one side does not vary.
 *
 * Source: K. Pearson, Philosophical Transactions of the Royal Society A 187 (1896), 253–318; as scipy's
 * `pearsonr`.
 * @param first finite, as the second
 * @throws {RangeError} where the arrays differ in length
 */
export function pearsonCorrelation(first: Float64Array, second: Float64Array): number | null {
  if (first.length !== second.length) {
    throw new RangeError('there must be as many values on either side');
  }
  if (first.length < 2) return null;
  const a = centre(first).residuals;
  const b = centre(second).residuals;
  let products = 0;
  let squaresOfA = 0;
  let squaresOfB = 0;
  for (const [place, x] of a.entries()) {
    const y = b[place] ?? Number.NaN;
    products += x * y;
    squaresOfA += x * x;
    squaresOfB += y * y;
  }
  if (squaresOfA === 0 || squaresOfB === 0) return null;
  const value = products / (Math.sqrt(squaresOfA) * Math.sqrt(squaresOfB));
  return Math.max(-1, Math.min(1, value));
}
