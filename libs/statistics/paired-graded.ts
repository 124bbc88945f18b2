import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { Interval } from './intervals.ts';
import { requireConfidence, requireCount } from './require.ts';

/** Differences of pairs, candidate − baseline, summed up. */
export interface DifferenceSummary {
  n: number;
  mean: number;
  /** With n − 1. */
  standardDeviation: number;
}

export interface PairedT {
  t: number;
  degreesOfFreedom: number;
  /** Two-sided. */
  p: number;
  standardError: number;
  /** Of the mean difference. */
  interval: Interval;
}

/**
 * Paired t test of whether the mean difference is 0: t = mean / (sd / √n) with n − 1 degrees of freedom.
 * Null where n is below 2. Where all differences are the same t is infinite and p is 0, or t is 0 and p
 * is 1 where they are all 0: the sample then says nothing about its spread.
 *
 * Source: "Student", Biometrika 6 (1908), 1–25; as scipy's `ttest_rel`.
 */
export function pairedT(
  { n, mean, standardDeviation }: DifferenceSummary,
  confidence: number,
): PairedT | null {
  requireConfidence(confidence);
  requireCount(n);
  if (n < 2) return null;
  const standardError = standardDeviation / Math.sqrt(n);
  const t = mean === 0 ? 0 : mean / standardError;
  const half = tQuantile((1 + confidence) / 2, n - 1) * standardError;
  return {
    t,
    degreesOfFreedom: n - 1,
    p: 2 * tCdf(-Math.abs(t), n - 1),
    standardError,
    interval: { low: mean - half, high: mean + half },
  };
}

/**
 * Cohen's d_z, the mean difference in standard deviations of the differences. Null where they do not
 * vary or n is below 2. 0.2 is called small, 0.5 medium, 0.8 large.
 *
 * Source: J. Cohen, "Statistical Power Analysis for the Behavioral Sciences", 2nd ed. (1988), section 2.3.5.
 */
export function cohenDz({ n, mean, standardDeviation }: DifferenceSummary): number | null {
  requireCount(n);
  return n < 2 || standardDeviation === 0 ? null : mean / standardDeviation;
}

/**
 * Two one-sided paired t tests: the p with which the mean difference lies within ±margin. Small: the two
 * are equivalent, as far as the margin says. It is the larger p of "mean > −margin" and "mean < margin".
 * Null where n is below 2. Where all differences are the same it is 0 within the margin and 1 outside.
 *
 * Source: D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach
 * for assessing the equivalence of average bioavailability", Journal of Pharmacokinetics and
 * Biopharmaceutics 15 (1987), 657–680; as statsmodels' `ttost_paired`.
 * @param margin in the units of the differences, above 0
 */
export function equivalenceP(
  { n, mean, standardDeviation }: DifferenceSummary,
  margin: number,
): number | null {
  requireCount(n);
  if (!(margin > 0)) throw new RangeError('a margin must be above 0');
  if (n < 2) return null;
  const standardError = standardDeviation / Math.sqrt(n);
  if (standardError === 0) return Math.abs(mean) < margin ? 0 : 1;
  return tCdf((Math.abs(mean) - margin) / standardError, n - 1);
}

export interface SignedRank {
  /** Sums of the ranks of the differences above and below 0; ties share their mean rank. */
  positive: number;
  negative: number;
  /** Differences that are not 0. */
  n: number;
  zeros: number;
  /** Two-sided. */
  p: number;
  method: 'exact' | 'normal';
  /** (positive − negative) / (positive + negative), from −1 to 1: the matched-pairs rank-biserial correlation. */
  effect: number;
}

/** Up to here the distribution is counted out: sums of ranks over all choices of signs. */
const EXACT_UP_TO = 50;

/**
 * Wilcoxon's signed-rank test of whether the differences lie symmetrically around 0. Zeros are left out
 * and counted; equal sizes share their mean rank. For at most 50 differences p is exact, over all
 * choices of signs given the ranks as they are, ties included: twice the share of choices whose smaller
 * sum is as small, at most 1. For more it is the normal approximation with the correction for ties and
 * none for continuity. Null where all are 0.
 *
 * Source: F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945), 80–83;
 * as scipy's `wilcoxon(zero_method='wilcox', correction=False)`; exact with ties as its
 * `permutation_test` over all signs. Effect: D. S. Kerby, "The simple difference formula",
 * Comprehensive Psychology 3 (2014).
 * @param differences finite numbers
 */
export function signedRankTest(differences: Float64Array): SignedRank | null {
  const sizes = differences.filter((difference) => difference !== 0);
  const n = sizes.length;
  if (n === 0) return null;
  sizes.sort((a, b) => Math.abs(a) - Math.abs(b));
  // Twice each rank, so that mean ranks are whole.
  const doubled = new Float64Array(n);
  let ties = 0;
  let positive = 0;
  for (let first = 0; first < n;) {
    let end = first + 1;
    while (end < n && Math.abs(at(sizes, end)) === Math.abs(at(sizes, first))) end += 1;
    const count = end - first;
    ties += count ** 3 - count;
    for (let place = first; place < end; place += 1) {
      doubled[place] = first + 1 + end;
      if (at(sizes, place) > 0) positive += (first + 1 + end) / 2;
    }
    first = end;
  }
  const total = (n * (n + 1)) / 2;
  const negative = total - positive;
  const smaller = Math.min(positive, negative);
  const exact = n <= EXACT_UP_TO;
  return {
    positive,
    negative,
    n,
    zeros: differences.length - n,
    p: exact ? exactP(doubled, 2 * smaller) : normalP(n, ties, smaller),
    method: exact ? 'exact' : 'normal',
    effect: (positive - negative) / total,
  };
}

/** Counts the choices of signs whose sum of (doubled) ranks is at most so much. */
function exactP(doubled: Float64Array, atMost: number): number {
  const ways = new Float64Array(atMost + 1);
  ways[0] = 1;
  for (const rank of doubled) {
    for (let sum = atMost; sum >= rank; sum -= 1) ways[sum] = at(ways, sum) + at(ways, sum - rank);
  }
  const as = ways.reduce((sum, count) => sum + count, 0);
  return Math.min(1, 2 * (as / 2 ** doubled.length));
}

function normalP(n: number, ties: number, smaller: number): number {
  const mean = (n * (n + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - ties / 48;
  return Math.min(1, 2 * normalCdf((smaller - mean) / Math.sqrt(variance), 0, 1));
}

function at(values: Float64Array, place: number): number {
  const value = values[place];
  if (value === undefined) throw new RangeError('a place outside of the values');
  return value;
}
