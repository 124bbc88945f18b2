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

/** Below this share of what is summed, a sum is what rounding makes of 0: of a cluster that did not change. */
const ROUNDING = 1e-14;

function totalsOf(values: Float64Array, clusters: Int32Array) {
  const placeOf = new Map<number, number>();
  for (const cluster of clusters) {
    if (!placeOf.has(cluster)) placeOf.set(cluster, placeOf.size);
  }
  const sums = new Float64Array(placeOf.size);
  const sizes = new Float64Array(placeOf.size);
  const counts = new Uint32Array(placeOf.size);
  clusters.forEach((cluster, index) => {
    const place = placeOf.get(cluster) ?? 0;
    const value = values[index] ?? 0;
    sums[place] = (sums[place] ?? 0) + value;
    sizes[place] = (sizes[place] ?? 0) + Math.abs(value);
    counts[place] = (counts[place] ?? 0) + 1;
  });
  sums.forEach((sum, place) => {
    if (Math.abs(sum) <= ROUNDING * (sizes[place] ?? 0)) sums[place] = 0;
  });
  return { sums, counts };
}
