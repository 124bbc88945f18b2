import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { type Interval, wilsonInterval } from './intervals.ts';

/**
 * How often each pair of categories was given: rows are the first rater, columns the second, both in
 * the same order of categories. Square, whole numbers of 0 or more.
 */
export type ConfusionMatrix = readonly (readonly number[])[];

/** An estimate, and where the truth lies; null where there is nothing to compute it from. */
export interface Estimate {
  value: number | null;
  /** Of the estimate: the standard error; null where it is not defined. */
  standardError: number | null;
  interval: Interval | null;
}

const NONE: Estimate = { value: null, standardError: null, interval: null };

/**
 * Counts pairs of categories.
 * @param categories how many there are
 * @param pairs places of the categories, from 0: the first rater's and the second's
 * @throws {RangeError} for a place that is none of them
 */
export function confusionMatrix(
  categories: number,
  pairs: Iterable<readonly [number, number]>,
): number[][] {
  const matrix = Array.from({ length: categories }, () => Array<number>(categories).fill(0));
  for (const [first, second] of pairs) {
    const row = matrix[first];
    const count = row?.[second];
    if (row === undefined || count === undefined) {
      throw new RangeError(`a category must be from 0 to ${categories - 1}`);
    }
    row[second] = count + 1;
  }
  return matrix;
}

/**
 * Share of pairs in which both raters gave the same category, with Wilson's interval. The standard
 * error is √(p(1 − p)/n). It is not corrected for chance: where nearly all items are of one category,
 * two raters who never look agree nearly always.
 */
export function percentAgreement(matrix: ConfusionMatrix, confidence: number): Estimate {
  const n = total(matrix);
  if (n === 0) return NONE;
  const same = sum(matrix.map((row, place) => row[place] ?? 0));
  const value = same / n;
  return {
    value,
    standardError: Math.sqrt((value * (1 - value)) / n),
    interval: wilsonInterval(same, n, confidence),
  };
}

/**
 * Cohen's kappa, the agreement beyond chance: κ = (p_o − p_e) / (1 − p_e), with p_o the share of equal
 * verdicts and p_e = Σ p_i. p_.i the share that the two margins alone would give. From −1 to 1; 1 is
 * full agreement, 0 what chance gives. Null without pairs, and where both raters gave one and the same
 * category throughout, since p_e is then 1.
 *
 * The standard error is the asymptotic one, not that under κ = 0, and the interval κ ± z·SE, cut to
 * [−1, 1]. Where all pairs agree the standard error is 0, which says nothing about items not seen, so
 * that there is no interval then. For few pairs, below 30 or so, it is a rough guide.
 *
 * Source: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological
 * Measurement 20 (1960), 37–46; J. L. Fleiss, J. Cohen and B. S. Everitt, "Large sample standard errors
 * of kappa and weighted kappa", Psychological Bulletin 72 (1969), 323–327. As scikit-learn's
 * `cohen_kappa_score`, and the asymptotic standard error of SAS's PROC FREQ.
 */
export const cohenKappa = (matrix: ConfusionMatrix, confidence: number): Estimate =>
  kappa(matrix, (row, column) => (row === column ? 1 : 0), confidence);

export interface WeightedKappaOptions {
  /** How disagreement grows with distance. */
  weights: 'linear' | 'quadratic';
  /** Where each category stands, ascending; left out: 0, 1, 2 … */
  positions?: readonly number[];
}

/**
 * Cohen's kappa for ordered categories, where a near miss counts in part. With x the positions of the
 * categories and r their range, a pair counts as much agreement as w_ij = 1 − |x_i − x_j| / r (linear,
 * as Cicchetti and Allison) or 1 − (x_i − x_j)² / r² (quadratic, as Fleiss and Cohen):
 *
 *   κ_w = (p_o − p_e) / (1 − p_e),  p_o = Σ w_ij p_ij,  p_e = Σ w_ij p_i. p_.j
 *   SE² = (Σ p_ij (w_ij − (w̄_i. + w̄_.j)(1 − κ_w))² − (κ_w − p_e(1 − κ_w))²) / (n (1 − p_e)²)
 *   w̄_i. = Σ_j p_.j w_ij,  w̄_.j = Σ_i p_i. w_ij
 *
 * A category that nobody used changes nothing as long as the positions stay. Null, and without an
 * interval, where `cohenKappa` is.
 *
 * Source: J. Cohen, "Weighted kappa", Psychological Bulletin 70 (1968), 213–220; Fleiss, Cohen and
 * Everitt (1969) as for `cohenKappa`; J. L. Fleiss and J. Cohen, "The equivalence of weighted kappa and
 * the intraclass correlation coefficient", Educational and Psychological Measurement 33 (1973), 613–619.
 * @throws {RangeError} for positions that do not ascend, or are not one for each category
 */
export function weightedKappa(
  matrix: ConfusionMatrix,
  { weights, positions = matrix.map((_, place) => place) }: WeightedKappaOptions,
  confidence: number,
): Estimate {
  const ascend = positions.every(
    (position, place) => place === 0 || position > at(positions, place - 1),
  );
  if (positions.length !== matrix.length || !ascend) {
    throw new RangeError('positions must ascend, and be one for each category');
  }
  const range = at(positions, positions.length - 1) - at(positions, 0);
  const power = weights === 'linear' ? 1 : 2;
  return kappa(
    matrix,
    (row, column) =>
      row === column
        ? 1
        : 1 - (Math.abs(at(positions, row) - at(positions, column)) / range) ** power,
    confidence,
  );
}

function kappa(
  matrix: ConfusionMatrix,
  weight: (row: number, column: number) => number,
  confidence: number,
): Estimate {
  const n = total(matrix);
  if (n === 0) return NONE;
  const rows = matrix.map((row) => sum(row) / n);
  const columns = matrix.map((_, column) => sum(matrix.map((row) => row[column] ?? 0)) / n);
  const overColumns = rows.map((_, i) => sum(columns.map((share, j) => share * weight(i, j))));
  const overRows = columns.map((_, j) => sum(rows.map((share, i) => share * weight(i, j))));
  const cells = matrix.flatMap((row, i) =>
    row.map((count, j) => ({ share: count / n, i, j, weight: weight(i, j) })),
  );
  // Both raters gave one category only: a rounding error away from 1 would not do as the test.
  if (cells.filter(({ share }) => share > 0).length === 1 && cells.some(isDiagonal)) return NONE;
  const expected = sum(rows.map((share, i) => share * at(overColumns, i)));
  const disagreed = cells.some(({ share, i, j }) => share > 0 && i !== j);
  const observed = sum(cells.map(({ share, weight }) => share * weight));
  const value = disagreed ? (observed - expected) / (1 - expected) : 1;
  if (!disagreed) return { value, standardError: 0, interval: null };

  const squares = sum(
    cells.map(
      ({ share, i, j, weight }) =>
        share * (weight - (at(overColumns, i) + at(overRows, j)) * (1 - value)) ** 2,
    ),
  );
  const variance = (squares - (value - expected * (1 - value)) ** 2) / (n * (1 - expected) ** 2);
  const standardError = Math.sqrt(Math.max(0, variance));
  if (standardError < 1e-12) return { value, standardError: 0, interval: null };
  const half = normalQuantile((1 + confidence) / 2, 0, 1) * standardError;
  return {
    value,
    standardError,
    interval: { low: Math.max(-1, value - half), high: Math.min(1, value + half) },
  };
}

const isDiagonal = ({ share, i, j }: { share: number; i: number; j: number }): boolean =>
  share > 0 && i === j;

/**
 * Of what the second rater gives one category, the share that the first rater gives it too
 * (precision); and of what the first rater gives it, the share that the second does (recall). Null
 * where there is none of it.
 * @param category its place, from 0
 */
export function precisionAndRecall(
  matrix: ConfusionMatrix,
  category: number,
): { precision: number | null; recall: number | null } {
  const both = matrix[category]?.[category] ?? 0;
  const first = sum(matrix[category] ?? []);
  const second = sum(matrix.map((row) => row[category] ?? 0));
  return {
    precision: second === 0 ? null : both / second,
    recall: first === 0 ? null : both / first,
  };
}

/**
 * Spearman's rank correlation ρ: Pearson's correlation of the ranks, where equal values share the mean
 * of their ranks. From −1 to 1; 1 where both put the items in the same order, whatever their scales.
 * Null below two pairs, and where either side has one value only.
 *
 * The interval is that of Fisher's transform, tanh(artanh ρ ± z·√((1 + ρ²/2) / (n − 3))); there is none
 * below four pairs, and none where ρ is −1 or 1.
 *
 * Source: C. Spearman, "The proof and measurement of association between two things", American Journal
 * of Psychology 15 (1904), 72–101; as scipy's `spearmanr`. Interval: D. G. Bonett and T. A. Wright,
 * "Sample size requirements for estimating Pearson, Kendall and Spearman correlations", Psychometrika
 * 65 (2000), 23–28.
 * @throws {RangeError} where the lists differ in length
 */
export function spearmanCorrelation(
  first: readonly number[],
  second: readonly number[],
  confidence: number,
): Estimate {
  const n = first.length;
  if (second.length !== n) throw new RangeError('there must be as many values on either side');
  if (n < 2) return NONE;
  const a = meanRanks(first);
  const b = meanRanks(second);
  // The mean of all ranks is (n + 1) / 2, ties or not.
  const centre = (n + 1) / 2;
  let products = 0;
  let squaresOfA = 0;
  let squaresOfB = 0;
  for (const [place, rank] of a.entries()) {
    const x = rank - centre;
    const y = at(b, place) - centre;
    products += x * y;
    squaresOfA += x * x;
    squaresOfB += y * y;
  }
  if (squaresOfA === 0 || squaresOfB === 0) return NONE;
  const value = Math.max(-1, Math.min(1, products / Math.sqrt(squaresOfA * squaresOfB)));
  if (n < 4 || 1 - Math.abs(value) < 1e-12) return { value, standardError: null, interval: null };
  const standardError = Math.sqrt((1 + value ** 2 / 2) / (n - 3));
  const half = normalQuantile((1 + confidence) / 2, 0, 1) * standardError;
  const transformed = Math.atanh(value);
  return {
    value,
    // That of the transformed value; on the scale of ρ it is not symmetric.
    standardError: standardError * (1 - value ** 2),
    interval: { low: Math.tanh(transformed - half), high: Math.tanh(transformed + half) },
  };
}

/** Ranks from 1; equal values share the mean of theirs. */
function meanRanks(values: readonly number[]): number[] {
  const order = Array.from(values.keys()).sort((a, b) => at(values, a) - at(values, b));
  const ranks = Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length;) {
    let end = start;
    const value = at(values, at(order, start));
    while (end < order.length && at(values, at(order, end)) === value) end += 1;
    const rank = (start + 1 + end) / 2;
    for (const place of order.slice(start, end)) ranks[place] = rank;
    start = end;
  }
  return ranks;
}

const total = (matrix: ConfusionMatrix): number => sum(matrix.map(sum));

const sum = (values: readonly number[]): number => {
  let added = 0;
  for (const value of values) added += value;
  return added;
};

/** Lists are read at places that they have. */
const at = (values: readonly number[], place: number): number => values[place] ?? Number.NaN;
