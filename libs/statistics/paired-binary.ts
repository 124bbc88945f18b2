import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf';
import binomialPmf from '@stdlib/stats-base-dists-binomial-pmf';
import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { inflationOf, type ClusteredMean } from './clusters.ts';
import type { Interval } from './intervals.ts';
import { requireConfidence, requireCount } from './require.ts';

/** Pairs by what passed: the 2×2 table of two runs over the same items. */
export interface PairedCounts {
  both: number;
  baselineOnly: number;
  candidateOnly: number;
  neither: number;
}

/**
 * Exact McNemar test of whether baseline and candidate pass equally often: of the pairs that differ,
 * half would be in favour of either. Two-sided p = min(1, 2 P(X ≤ min(b, c))), X binomial of b + c
 * trials with probability 1/2, where b and c count the pairs that only one of both passed. 1 where no
 * pair differs. Never rejects more often than its level, and for few such pairs much less often.
 *
 * Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
 * percentages", Psychometrika 12 (1947), 153–157, in its exact form; as statsmodels'
 * `mcnemar(exact=True)`.
 */
export function mcnemarExact({ baselineOnly: b, candidateOnly: c }: PairedCounts): number {
  requireCount(b);
  requireCount(c);
  return b + c === 0 ? 1 : Math.min(1, 2 * binomialCdf(Math.min(b, c), b + c, 0.5));
}

/**
 * McNemar's test with half of the probability of what was seen: p = 2 P(X ≤ min(b, c)) − P(X = min(b, c)),
 * 1 where b = c. Rejects nearly as often as its level says, and hardly ever more often.
 *
 * Source: M. W. Fagerland, S. Lydersen and P. Laake, "The McNemar test for binary matched-pairs data:
 * mid-p and asymptotic are better than exact conditional", BMC Medical Research Methodology 13 (2013), 91.
 */
export function mcnemarMidP(counts: PairedCounts): number {
  const { baselineOnly: b, candidateOnly: c } = counts;
  requireCount(b);
  requireCount(c);
  if (b === c) return 1;
  const few = Math.min(b, c);
  return 2 * binomialCdf(few, b + c, 0.5) - binomialPmf(few, b + c, 0.5);
}

/**
 * Difference of the two shares that passed, candidate − baseline = (c − b) / n, with the score interval
 * of Tango: all δ from −1 to 1 with |c − b − nδ| ≤ z √(n (2q + δ(1 − δ))), where q is what the share of
 * "baseline only" would most likely be if the difference were δ. It stays within [−1, 1], has a width
 * where no pair differs, and keeps close to its nominal coverage on small n.
 *
 * p is that of the score of a difference of 0, (c − b) / √(b + c), two-sided: McNemar's test without
 * correction for continuity, below 1 − confidence exactly where the interval does not hold 0; 1 where no
 * pair differs. Over many samples it rejects nearly as often as its level says from 4 pairs on that
 * differ, where the mid-p needs 10, and never more than 5.4 % at 5 % (Fagerland and others, as above).
 *
 * `standardError` is that of the mean of the differences of the pairs (1, 0 or −1), with n − 1: what a
 * paired t test uses. Null where n is below 2; all is null where n is 0.
 *
 * Source: T. Tango, "Equivalence test and confidence interval for the difference in proportions for the
 * paired-sample design", Statistics in Medicine 17 (1998), 891–908.
 */
export function pairedProportionDifference(
  counts: PairedCounts,
  confidence: number,
): { difference: number; standardError: number | null; interval: Interval; p: number } | null {
  requireConfidence(confidence);
  const n = pairsOf(counts);
  if (n === 0) return null;
  const { baselineOnly: b, candidateOnly: c } = counts;
  return {
    difference: (c - b) / n,
    standardError: n < 2 ? null : Math.sqrt((b + c - (c - b) ** 2 / n) / (n * (n - 1))),
    interval: tangoInterval(b, c, n, normalQuantile((1 + confidence) / 2, 0, 1)),
    p: 2 * normalCdf(-Math.abs(scoreOfNone(b, c)), 0, 1),
  };
}

/**
 * Two one-sided score tests of whether the difference of the two shares that passed lies within ±margin:
 * the larger p of "candidate − baseline > −margin" and "< margin", by the score of Tango's interval.
 * Unlike a t test it says little where few pairs were seen and none of them differs. Null where n is 0.
 *
 * Source: Tango (1998), as for `pairedProportionDifference`, section 3.
 * @param margin above 0 and below 1
 */
export function equivalenceOfProportions(counts: PairedCounts, margin: number): number | null {
  const score = scoreAtMargin(counts, margin);
  return score === null ? null : normalCdf(score, 0, 1);
}

/** The score of the end of ±margin that is nearer to what was seen, below 0 within the margin. */
function scoreAtMargin(counts: PairedCounts, margin: number): number | null {
  if (!(margin > 0 && margin < 1)) throw new RangeError('a margin must be between 0 and 1');
  const n = pairsOf(counts);
  if (n === 0) return null;
  const { baselineOnly: b, candidateOnly: c } = counts;
  // One side by the mirror image of the other, so that exchanging the two changes no digit.
  return Math.max(tangoScore(b, c, n, margin), tangoScore(c, b, n, margin));
}

/** What `clusteredMean` says of the differences of the pairs, 1, 0 or −1. */
type Robust = Pick<ClusteredMean, 'designEffect' | 'degreesOfFreedom'>;

/**
 * Difference of the two shares that passed where pairs come in clusters: Tango's score interval, as in
 * `pairedProportionDifference`, and the score test of McNemar, (c − b) / √(b + c), with every count
 * divided by the design effect of the differences, which divides a score by its root, and Student's t
 * with the degrees of freedom of `clusteredMean` in place of the normal distribution. p is below
 * 1 − confidence exactly where the interval does not hold 0. A design effect that is 0 or unknown, as
 * where no pair differs, is taken as 1. Null where n is 0.
 *
 * Why not the t interval of `clusteredMean`, which takes its width from the pairs that differ: where
 * these are few it is far too narrow, and where there are none it has no width. docs/STATISTICS.md shows
 * how both do.
 *
 * Source: J. N. K. Rao and A. J. Scott, "A simple method for the analysis of clustered binary data",
 * Biometrics 48 (1992), 577–585, for dividing counts by a design effect; Tango (1998).
 * @throws {RangeError}
 */
export function clusteredProportionDifference(
  counts: PairedCounts,
  robust: Robust,
  confidence: number,
): { difference: number; interval: Interval; t: number; p: number } | null {
  requireConfidence(confidence);
  const n = pairsOf(counts);
  if (n === 0) return null;
  const { baselineOnly: b, candidateOnly: c } = counts;
  const { degreesOfFreedom } = robust;
  const inflation = inflationOf(robust);
  const t = scoreOfNone(b, c) / inflation;
  const reach = tQuantile((1 + confidence) / 2, degreesOfFreedom) * inflation;
  return {
    difference: (c - b) / n,
    interval: tangoInterval(b, c, n, reach),
    t,
    p: 2 * tCdf(-Math.abs(t), degreesOfFreedom),
  };
}

/**
 * Two one-sided tests of pairs in clusters: the scores of `equivalenceOfProportions` over the root of the
 * design effect, with Student's t, as in `clusteredProportionDifference`. Null where n is 0.
 *
 * @param margin above 0 and below 1
 * @throws {RangeError}
 */
export function equivalenceOfClusteredProportions(
  counts: PairedCounts,
  robust: Robust,
  margin: number,
): number | null {
  const score = scoreAtMargin(counts, margin);
  return score === null ? null : tCdf(score / inflationOf(robust), robust.degreesOfFreedom);
}

function pairsOf(counts: PairedCounts): number {
  for (const count of Object.values(counts)) requireCount(count);
  return counts.both + counts.baselineOnly + counts.candidateOnly + counts.neither;
}

/** Of a difference of 0. */
const scoreOfNone = (b: number, c: number): number => (b === c ? 0 : (c - b) / Math.sqrt(b + c));

/** All differences whose score is at most z, either way. */
function tangoInterval(b: number, c: number, n: number, z: number): Interval {
  if (b > c) {
    // By its mirror image, so that exchanging the two changes signs and no digit.
    const { low, high } = tangoInterval(c, b, n, z);
    return { low: -high, high: -low };
  }
  const difference = (c - b) / n;
  // The score falls from one end of the range to the other, and is z and −z once each.
  const high = lastBelow(difference, 1, (delta) => tangoScore(b, c, n, delta) > -z);
  const low =
    b === c ? -high : lastBelow(-1, difference, (delta) => tangoScore(b, c, n, delta) > z);
  return { low, high };
}

function tangoScore(b: number, c: number, n: number, delta: number): number {
  const linear = -b - c + (2 * n - c + b) * delta;
  const constant = -b * delta * (1 - delta);
  const root = Math.sqrt(Math.max(0, linear ** 2 - 8 * n * constant));
  const q = (root - linear) / (4 * n);
  const distance = c - b - n * delta;
  if (distance === 0) return 0;
  return distance / Math.sqrt(n * Math.max(0, 2 * q + delta * (1 - delta)));
}

/** Where `holds` changes from true to false between two ends, halved until nothing lies between. */
function lastBelow(from: number, to: number, holds: (value: number) => boolean): number {
  let [low, high] = [from, to];
  if (!holds(low)) return low;
  if (holds(high)) return high;
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    if (holds(middle)) low = middle;
    else high = middle;
  }
}

/**
 * Odds that of a pair that differs it is the candidate that passed: c / b, infinite where b is 0, null
 * where no pair differs. The interval is exact: that of Clopper and Pearson for c of b + c trials, p,
 * as p / (1 − p).
 *
 * Source: the conditional maximum likelihood estimate for matched pairs, as in A. Agresti, "Categorical
 * Data Analysis", 2nd ed. (2002), section 10.2; C. J. Clopper and E. S. Pearson, Biometrika 26 (1934),
 * 404–413.
 */
export function pairedOddsRatio(
  { baselineOnly: b, candidateOnly: c }: PairedCounts,
  confidence: number,
): { value: number; interval: Interval } | null {
  requireConfidence(confidence);
  requireCount(b);
  requireCount(c);
  if (b + c === 0) return null;
  const tail = (1 - confidence) / 2;
  const low = c === 0 ? 0 : betaQuantile(tail, c, b + 1);
  const high = b === 0 ? 1 : betaQuantile(1 - tail, c + 1, b);
  return { value: c / b, interval: { low: low / (1 - low), high: high / (1 - high) } };
}

/**
 * Cohen's h, the difference of two proportions on a scale on which equal distances are equally hard to
 * see: 2 arcsin √candidate − 2 arcsin √baseline. From −π to π; 0.2 is called small, 0.5 medium, 0.8
 * large.
 *
 * Source: J. Cohen, "Statistical Power Analysis for the Behavioral Sciences", 2nd ed. (1988), chapter 6.
 */
export function cohenH(baseline: number, candidate: number): number {
  if (!(baseline >= 0 && baseline <= 1 && candidate >= 0 && candidate <= 1)) {
    throw new RangeError('a proportion must be from 0 to 1');
  }
  return 2 * Math.asin(Math.sqrt(candidate)) - 2 * Math.asin(Math.sqrt(baseline));
}
