import {
  clusteredMean,
  clusteredProportionDifference,
  equivalenceOfClusteredProportions,
  equivalenceOfMeanP,
  equivalenceOfProportions,
  equivalenceP,
  pairedProportionDifference,
  pairedT,
  type ClusteredMean,
  type Interval,
  type PairedCounts,
} from '#libs/statistics';
import type { Pairs } from './pairs.ts';

/** What tests are made at: 0.05 for 0.95, which doubles would make a little more. */
export const levelOf = (confidence: number): number => Number((1 - confidence).toFixed(12));

/** The difference of two runs in one metric over some items, and how sure it is. */
export interface Difference {
  n: number;
  baselineMean: number;
  candidateMean: number;
  /** candidate − baseline. */
  value: number;
  /** Of the differences of the pairs, with n − 1. */
  standardDeviation: number;
  /** Null where there is nothing to tell it from. */
  standardError: number | null;
  degreesOfFreedom: number | null;
  interval: Interval | null;
  intervalMethod: string;
  p: number | null;
  testMethod: string;
  /** Whether items depend on each other: what takes pairs as independent does not apply then. */
  clustered: boolean;
  /** Null where items are not clustered, and where there is one cluster. */
  robust: ClusteredMean | null;
}

/** True where there are pairs and every score on both sides is 0 or 1. */
export const isBinary = ({ baseline, candidate }: Pairs): boolean =>
  baseline.length > 0 &&
  [baseline, candidate].every((values) => values.every((v) => v === 0 || v === 1));

export function countPairs({ baseline, candidate }: Pairs): PairedCounts {
  const counts = { both: 0, baselineOnly: 0, candidateOnly: 0, neither: 0 };
  for (let place = 0; place < baseline.length; place += 1) {
    const b = baseline[place] === 1;
    const c = candidate[place] === 1;
    if (b && c) counts.both += 1;
    else if (b) counts.baselineOnly += 1;
    else if (c) counts.candidateOnly += 1;
    else counts.neither += 1;
  }
  return counts;
}

/** Decimal digits of the larger of two scores to which their difference is taken. */
const DIGITS = 14;
/** Up to here powers of ten are exact in a double. */
const POWERS = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/**
 * candidate − baseline of each pair, to 14 decimal digits of the larger of the two: what lies below is
 * what doubles make of decimals (0.4 − 0.3 is not 0.3 − 0.2), which would be taken for a difference where
 * there is none, for a spread where all are the same, and would break ties.
 */
export const differencesOf = ({ baseline, candidate }: Pairs): Float64Array =>
  candidate.map((value, place) => differenceOfScores(baseline[place] ?? 0, value));

function differenceOfScores(baseline: number, candidate: number): number {
  const difference = candidate - baseline;
  if (difference === 0) return 0;
  const size = Math.max(Math.abs(baseline), Math.abs(candidate));
  const units = POWERS[DIGITS - Math.ceil(Math.log10(size))];
  if (units === undefined) return difference;
  const rounded = Math.round(Math.abs(difference) * units) / units;
  // Of the size, so that exchanging the two changes no digit; and not −0.
  return difference < 0 && rounded > 0 ? -rounded : rounded;
}

/** Below this share of what it is made of, a mean or an error is what rounding makes of 0. */
export const ROUNDING = 1e-12;

/** Mean and standard deviation in two passes, which loses no digits; exact where all are the same. */
export function momentsOf(values: Float64Array): {
  n: number;
  mean: number;
  standardDeviation: number;
} {
  const n = values.length;
  const [first] = values;
  if (first === undefined) return { n, mean: Number.NaN, standardDeviation: Number.NaN };
  if (values.every((value) => value === first)) return { n, mean: first, standardDeviation: 0 };
  let sum = 0;
  let size = 0;
  for (const value of values) {
    sum += value;
    size += Math.abs(value);
  }
  const mean = Math.abs(sum) > ROUNDING * size ? sum / n : 0;
  let squares = 0;
  let rest = 0;
  for (const value of values) {
    squares += (value - mean) ** 2;
    rest += value - mean;
  }
  const variance = Math.max(0, squares - rest ** 2 / n) / (n - 1);
  return { n, mean, standardDeviation: Math.sqrt(variance) };
}

const NOTHING_TO_TELL_FROM = {
  standardError: null,
  degreesOfFreedom: null,
  interval: null,
  intervalMethod: 'none',
  p: null,
} as const;

/**
 * The difference by the methods that docs/STATISTICS.md settles on: of binary scores Tango's interval and
 * the score test that belongs to it, of others the paired t; where items are clustered the former with
 * their design effect, and the cluster-robust t. Null without a pair.
 *
 * Where all differences (or the means of all clusters) are the same number there is no interval, since
 * nothing shows how far others would lie from it, and t would be infinite for two items as for a
 * thousand. What can be said then is that all signs agree, which happens by chance once in 2^(units − 1).
 */
export function differenceOf(
  pairs: Pairs,
  { confidence, binary }: { confidence: number; binary: boolean },
): Difference | null {
  const differences = differencesOf(pairs);
  const { n, mean, standardDeviation } = momentsOf(differences);
  if (n === 0) return null;
  const common = {
    n,
    baselineMean: momentsOf(pairs.baseline).mean,
    candidateMean: momentsOf(pairs.candidate).mean,
    value: mean,
    standardDeviation,
    clustered: pairs.clusters !== null,
    robust: null,
  };
  if (pairs.clusters) {
    const robust = robustMean(differences, pairs.clusters, { mean, standardDeviation }, confidence);
    if (!robust) {
      return { ...common, ...NOTHING_TO_TELL_FROM, testMethod: 'none: there is one cluster' };
    }
    const student = studentOf(robust, 'cluster-robust t', robust.clusters);
    const shares = binary
      ? clusteredProportionDifference(countPairs(pairs), withDesignEffect(robust), confidence)
      : null;
    if (!shares) return { ...common, robust, ...student };
    return {
      ...common,
      robust,
      ...student,
      value: shares.difference,
      interval: shares.interval,
      intervalMethod: 'Tango score with the design effect',
      p: shares.p,
      testMethod: 'McNemar score with the design effect',
    };
  }
  if (binary) {
    const counts = countPairs(pairs);
    const proportion = pairedProportionDifference(counts, confidence);
    return {
      ...common,
      // Of counts it is exact, where a sum of differences may be off by a rounding.
      value: proportion?.difference ?? mean,
      standardError: proportion?.standardError ?? null,
      degreesOfFreedom: n < 2 ? null : n - 1,
      interval: proportion?.interval ?? null,
      intervalMethod: 'Tango score',
      p: proportion?.p ?? null,
      testMethod: 'McNemar score',
    };
  }
  const t = pairedT({ n, mean, standardDeviation }, confidence);
  if (!t) return { ...common, ...NOTHING_TO_TELL_FROM, testMethod: 'none: there is one pair' };
  return { ...common, ...studentOf({ ...t, mean }, 'paired t', n) };
}

/**
 * Where no value differs from another nothing shows how alike those of a cluster are: they may be as good
 * as one, and the design effect as large as a cluster has values.
 */
export const withDesignEffect = (robust: ClusteredMean): ClusteredMean => ({
  ...robust,
  designEffect: robust.designEffect ?? robust.n / robust.clusters,
});

/** `clusteredMean`, with what rounding makes of 0 as 0. */
function robustMean(
  differences: Float64Array,
  clusters: Int32Array,
  { mean, standardDeviation }: { mean: number; standardDeviation: number },
  confidence: number,
): ClusteredMean | null {
  const robust = clusteredMean(differences, clusters, confidence);
  if (!robust) return null;
  const standardError =
    robust.standardError > ROUNDING * standardDeviation ? robust.standardError : 0;
  if (mean !== 0) return { ...robust, standardError };
  const half = (robust.interval.high - robust.interval.low) / 2;
  return { ...robust, standardError, mean: 0, t: 0, p: 1, interval: { low: -half, high: half } };
}

function studentOf(
  found: Pick<ClusteredMean, 'mean' | 'standardError' | 'degreesOfFreedom' | 'p' | 'interval'>,
  method: string,
  units: number,
) {
  const { mean, standardError, degreesOfFreedom, p, interval } = found;
  const tested = { standardError, degreesOfFreedom };
  return standardError === 0
    ? {
        ...tested,
        interval: null,
        intervalMethod: 'none: nothing varies',
        p: mean === 0 ? 1 : 2 ** (1 - units),
        testMethod: 'exact sign flip',
      }
    : { ...tested, interval, intervalMethod: method, p, testMethod: method };
}

/**
 * Two one-sided tests of whether the difference lies within ±margin, at the larger of both p.
 *
 * Where all of m differences (or means of clusters) are the same number c within the margin, with a
 * metric that cannot change by more than R: if the true mean were at the margin, more than c would be
 * seen with a chance of at least (margin − |c|) / (R − |c|) each time, and so never with at most
 * (1 − (margin − |c|) / (R − |c|))^m, which is p; for c = 0 and p = 0.05 that is the rule of three,
 * m ≈ 3 R / margin. Where R is not known, as of costs, the differences are taken to lie symmetrically
 * around their mean, as a sign-flip test takes them: all on the same side of both ends with a chance of at
 * most 2^−m. It would not know of a large difference that is rare.
 *
 * Null where no difference can be as large as the margin, which then says nothing.
 *
 * Source: B. D. Jovanovic and P. S. Levy, "A look at the rule of three", The American Statistician 51
 * (1997), 137–139; for others see the functions of the statistics.
 * @param counts of binary scores
 * @param reach R, the most that a score can change; null: without bounds
 */
export function equivalenceOf(
  difference: Difference,
  counts: PairedCounts | null,
  margin: number,
  reach: number | null,
): number | null {
  const { clustered, robust, n, value, standardDeviation, standardError } = difference;
  if (reach !== null && margin >= reach) return null;
  if (counts && !clustered) return equivalenceOfProportions(counts, margin);
  if (counts && robust) {
    return equivalenceOfClusteredProportions(counts, withDesignEffect(robust), margin);
  }
  if (standardError === null) return null;
  if (standardError === 0) {
    if (Math.abs(value) >= margin) return 1;
    const seen = reach === null ? 0.5 : (margin - Math.abs(value)) / (reach - Math.abs(value));
    return (1 - seen) ** (robust?.clusters ?? n);
  }
  if (robust) return equivalenceOfMeanP(robust, margin);
  return equivalenceP({ n, mean: value, standardDeviation }, margin);
}
