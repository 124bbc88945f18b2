import type { MetricComparison } from '#libs/contracts';
import { bootstrapClusterInterval, bootstrapInterval, signFlipTest } from '#libs/statistics';

export type Resampled = NonNullable<MetricComparison['resampled']>;

/** Differences of pairs, and the cluster of each where items depend on each other. */
export interface ResampleInput {
  differences: Float64Array;
  clusters: Int32Array | null;
}

/** The second stage: bootstrap and permutations of the differences; null where there are none. */
export function resample(
  { differences, clusters }: ResampleInput,
  { confidence, seed }: { confidence: number; seed: number },
): Resampled | null {
  if (differences.length === 0) return null;
  const totals = clusters && totalsOf(differences, clusters);
  const bootstrap = totals
    ? bootstrapClusterInterval(totals, { confidence, seed })
    : bootstrapInterval(differences, { confidence, seed });
  const signFlip = signFlipTest(totals ? totals.sums : differences, seed);
  return {
    interval: bootstrap?.interval ?? null,
    resamples: bootstrap?.resamples ?? 0,
    signFlip: signFlip && {
      p: signFlip.p,
      method: signFlip.method,
      permutations: signFlip.permutations,
    },
  };
}

function totalsOf(values: Float64Array, clusters: Int32Array) {
  const placeOf = new Map<number, number>();
  for (const cluster of clusters) {
    if (!placeOf.has(cluster)) placeOf.set(cluster, placeOf.size);
  }
  const sums = new Float64Array(placeOf.size);
  const counts = new Uint32Array(placeOf.size);
  clusters.forEach((cluster, index) => {
    const place = placeOf.get(cluster) ?? 0;
    sums[place] = (sums[place] ?? 0) + (values[index] ?? 0);
    counts[place] = (counts[place] ?? 0) + 1;
  });
  return { sums, counts };
}
