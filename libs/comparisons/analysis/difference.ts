import {
  clusteredMean,
  equivalenceOfProportions,
  equivalenceOfMeanP,
  equivalenceP,
  mcnemarMidP,
  pairedProportionDifference,
  pairedT,
  type ClusteredMean,
  type Interval,
  type PairedCounts,
} from '#libs/statistics';
import type { Pairs } from './pairs.ts';

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

/** True where every score on both sides is 0 or 1. */
export const isBinary = (pairs: Pairs): boolean =>
  [pairs.baseline, pairs.candidate].every((values) => values.every((v) => v === 0 || v === 1));

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

export const differencesOf = ({ baseline, candidate }: Pairs): Float64Array =>
  candidate.map((value, place) => value - (baseline[place] ?? 0));

/** Mean and standard deviation in two passes, which loses no digits. */
export function momentsOf(values: Float64Array): {
  n: number;
  mean: number;
  standardDeviation: number;
} {
  const n = values.length;
  if (n === 0) return { n, mean: Number.NaN, standardDeviation: Number.NaN };
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / n;
  let squares = 0;
  let rest = 0;
  for (const value of values) {
    squares += (value - mean) ** 2;
    rest += value - mean;
  }
  const variance = n < 2 ? 0 : Math.max(0, squares - rest ** 2 / n) / (n - 1);
  // What rounding alone makes of equal values is no spread.
  const standardDeviation = Math.sqrt(variance);
  return {
    n,
    mean,
    standardDeviation: standardDeviation <= 1e-12 * Math.abs(mean) ? 0 : standardDeviation,
  };
}

const NOTHING_TO_TELL_FROM = {
  standardError: null,
  degreesOfFreedom: null,
  interval: null,
  intervalMethod: 'none',
  p: null,
} as const;

/**
 * The difference by the methods that docs/STATISTICS.md settles on: for independent items Tango's
 * interval and McNemar's mid-p of binary scores, the paired t of others; where items are clustered the
 * cluster-robust t of either. Null without a pair.
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
    const robust = clusteredMean(differences, pairs.clusters, confidence);
    if (!robust) {
      return { ...common, ...NOTHING_TO_TELL_FROM, testMethod: 'none: there is one cluster' };
    }
    return {
      ...common,
      standardError: robust.standardError,
      degreesOfFreedom: robust.degreesOfFreedom,
      interval: robust.interval,
      intervalMethod: 'cluster-robust t',
      ...testOf(robust.p, 'cluster-robust t', mean, robust.standardError, robust.clusters),
      robust,
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
      degreesOfFreedom: n - 1,
      interval: proportion?.interval ?? null,
      intervalMethod: 'Tango score',
      p: mcnemarMidP(counts),
      testMethod: 'McNemar mid-p',
    };
  }
  const t = pairedT({ n, mean, standardDeviation }, confidence);
  if (!t) return { ...common, ...NOTHING_TO_TELL_FROM, testMethod: 'none: there is one pair' };
  return {
    ...common,
    standardError: t.standardError,
    degreesOfFreedom: t.degreesOfFreedom,
    interval: t.interval,
    intervalMethod: 'paired t',
    ...testOf(t.p, 'paired t', mean, t.standardError, n),
  };
}

/**
 * Where all differences are the same number the t of it would be infinite, for two items as for a
 * thousand. What can be said then is that all signs agree, by chance once in 2^(units − 1).
 */
function testOf(
  p: number | null,
  method: string,
  mean: number,
  standardError: number,
  units: number,
): { p: number | null; testMethod: string } {
  if (standardError !== 0 || mean === 0) return { p, testMethod: method };
  return { p: Math.min(1, 2 ** (1 - units)), testMethod: 'exact sign flip' };
}

/**
 * Two one-sided tests of whether the difference lies within ±margin. Where all differences are the same
 * number, all lie on the same side of both ends, by chance once in 2^units.
 */
export function equivalenceOf(
  difference: Difference,
  counts: PairedCounts | null,
  margin: number,
): number | null {
  const { clustered, robust, n, value, standardDeviation, standardError } = difference;
  // Shares differ by at most 1.
  if (counts && margin > 1) return 0;
  if (counts && !clustered) return margin === 1 ? null : equivalenceOfProportions(counts, margin);
  if (clustered && !robust) return null;
  if (standardError === 0) return Math.abs(value) < margin ? 2 ** -(robust?.clusters ?? n) : 1;
  if (robust) return equivalenceOfMeanP(robust, margin);
  return equivalenceP({ n, mean: value, standardDeviation }, margin);
}
