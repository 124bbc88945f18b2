import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import {
  bootstrapClusterInterval,
  bootstrapInterval,
  clusteredMean,
  clusteredProportionDifference,
  mcnemarExact,
  mcnemarMidP,
  pairedProportionDifference,
  pairedT,
  signedRankTest,
  signFlipTest,
  type Interval,
  type PairedCounts,
} from '#libs/statistics';
import type { Sample } from './populations.ts';

export const CONFIDENCE = 0.95;
export const LEVEL = 0.05;

/** A pair of runs as the methods take it. */
export interface PairedSample {
  differences: Float64Array;
  clusters: Int32Array | null;
  /** Of binary scores. */
  counts: PairedCounts | null;
}

export function pairedSample({ runs, clusters }: Sample, binary: boolean): PairedSample {
  const [baseline = new Float64Array(), candidate = new Float64Array()] = runs;
  return {
    differences: candidate.map((value, place) => value - (baseline[place] ?? 0)),
    clusters,
    counts: binary ? countPairs(baseline, candidate) : null,
  };
}

function countPairs(baseline: Float64Array, candidate: Float64Array): PairedCounts {
  const counts = { both: 0, baselineOnly: 0, candidateOnly: 0, neither: 0 };
  for (const [place, b] of baseline.entries()) {
    const c = candidate[place] ?? 0;
    if (b === 1 && c === 1) counts.both += 1;
    else if (b === 1) counts.baselineOnly += 1;
    else if (c === 1) counts.candidateOnly += 1;
    else counts.neither += 1;
  }
  return counts;
}

/** Mean and standard deviation with n − 1. */
export function momentsOf(values: Float64Array): {
  n: number;
  mean: number;
  standardDeviation: number;
} {
  const n = values.length;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / n;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { n, mean, standardDeviation: Math.sqrt(squares / (n - 1)) };
}

/** The sums and sizes of clusters that are numbered from 0 without a gap. */
function totalsOf(values: Float64Array, clusters: Int32Array) {
  const length = clusters.reduce((largest, id) => Math.max(largest, id), -1) + 1;
  const sums = new Float64Array(length);
  const counts = new Uint32Array(length);
  for (const [place, id] of clusters.entries()) {
    sums[id] = (sums[id] ?? 0) + (values[place] ?? 0);
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return { sums, counts };
}

/** Methods that take longer get fewer samples. */
export const costs = ['closed', 'permutations', 'bootstrap'] as const;
export type Cost = (typeof costs)[number];

/** What a method says of a sample: null where it says nothing. */
interface Method<Says> {
  name: string;
  /** Left out: closed. */
  cost?: Cost;
  /** Which samples it is for; left out: all. */
  of?: (sample: PairedSample) => boolean;
  apply(this: void, sample: PairedSample, seed: number): Says | null;
}

const isBinary = ({ counts }: PairedSample): boolean => counts !== null;
const isNumeric = ({ counts }: PairedSample): boolean => counts === null;
const isClustered = ({ clusters }: PairedSample): boolean => clusters !== null;
const isIndependent = ({ clusters }: PairedSample): boolean => clusters === null;

const clusteredOf = ({ differences, clusters }: PairedSample, confidence = CONFIDENCE) =>
  clusters && clusteredMean(differences, clusters, confidence);

function clusteredSharesOf(sample: PairedSample) {
  const robust = clusteredOf(sample);
  return robust && sample.counts
    ? clusteredProportionDifference(sample.counts, robust, CONFIDENCE)
    : null;
}

const tOf = ({ differences }: PairedSample) => pairedT(momentsOf(differences), CONFIDENCE);

const tangoOf = ({ counts }: PairedSample) =>
  counts && pairedProportionDifference(counts, CONFIDENCE);

export const intervalMethods: readonly Method<Interval>[] = [
  { name: 'Tango', of: isBinary, apply: (sample) => tangoOf(sample)?.interval ?? null },
  {
    name: 'Wald',
    of: (sample) => isBinary(sample) && isIndependent(sample),
    apply: ({ differences }) => {
      const { n, mean, standardDeviation } = momentsOf(differences);
      const half =
        normalQuantile((1 + CONFIDENCE) / 2, 0, 1) *
        standardDeviation *
        // The standard error of counts, with n.
        Math.sqrt((n - 1) / n / n);
      return { low: mean - half, high: mean + half };
    },
  },
  { name: 'paired t', apply: (sample) => tOf(sample)?.interval ?? null },
  {
    name: 'cluster-robust t',
    of: isClustered,
    apply: (sample) => clusteredOf(sample)?.interval ?? null,
  },
  {
    name: 'clustered Tango',
    of: (sample) => isBinary(sample) && isClustered(sample),
    apply: (sample) => clusteredSharesOf(sample)?.interval ?? null,
  },
  {
    name: 'BCa bootstrap',
    cost: 'bootstrap',
    apply: ({ differences, clusters }, seed) => {
      const options = { confidence: CONFIDENCE, seed };
      const bootstrap = clusters
        ? bootstrapClusterInterval(totalsOf(differences, clusters), options)
        : bootstrapInterval(differences, options);
      return bootstrap?.interval ?? null;
    },
  },
];

/** p-values. */
export const testMethods: readonly Method<number>[] = [
  {
    name: 'McNemar exact',
    of: (sample) => isBinary(sample) && isIndependent(sample),
    apply: ({ counts }) => counts && mcnemarExact(counts),
  },
  { name: 'McNemar mid-p', of: isBinary, apply: ({ counts }) => counts && mcnemarMidP(counts) },
  {
    name: 'Tango (score)',
    of: (sample) => isBinary(sample) && isIndependent(sample),
    apply: (sample) => tangoOf(sample)?.p ?? null,
  },
  { name: 'paired t', apply: (sample) => tOf(sample)?.p ?? null },
  {
    name: 'cluster-robust t',
    of: isClustered,
    apply: (sample) => clusteredOf(sample)?.p ?? null,
  },
  {
    name: 'clustered Tango',
    of: (sample) => isBinary(sample) && isClustered(sample),
    apply: (sample) => clusteredSharesOf(sample)?.p ?? null,
  },
  {
    name: 'Wilcoxon',
    of: isNumeric,
    apply: ({ differences }) => signedRankTest(differences)?.p ?? 1,
  },
  {
    name: 'sign flip',
    cost: 'permutations',
    // Of independent binary pairs it is McNemar's exact test.
    of: (sample) => isNumeric(sample) || isClustered(sample),
    apply: ({ differences, clusters }, seed) =>
      signFlipTest(clusters ? totalsOf(differences, clusters).sums : differences, seed)?.p ?? null,
  },
];

/** The methods of a kind that are for such a sample and apply to it. */
export const methodsFor = <Says>(
  methods: readonly Method<Says>[],
  sample: PairedSample,
  applies: (cost: Cost) => boolean,
): Method<Says>[] =>
  methods.filter(({ of, cost = 'closed' }) => applies(cost) && (of === undefined || of(sample)));
