import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import type { Interval } from './intervals.ts';
import { quantile } from './quantile.ts';
import { seededRandom } from './random.ts';
import { requireConfidence } from './require.ts';

/** Random numbers that one answer may draw: about a second. */
const DRAWS_MAX = 1e8;
const RESAMPLES_MAX = 10_000;
/** With fewer, the ends of an interval are more noise than answer. */
const RESAMPLES_MIN = 1_000;

/**
 * How many resamples an answer is made of: 10,000 while they take at most 10⁸ draws together, fewer
 * above. Null where fewer than 1,000 would be left, which is above 100,000 draws each.
 * @param draws what one resample takes, 1 or more
 */
export function resamplesFor(draws: number): number | null {
  const affordable = Math.floor(DRAWS_MAX / draws);
  return affordable < RESAMPLES_MIN ? null : Math.min(RESAMPLES_MAX, affordable);
}

/** What a binomial costs, in draws of an index. */
const DRAWS_OF_BINOMIAL = 100;

/** Below this share of their size, numbers that should be equal differ by rounding alone. */
const ROUNDING = 1e-12;

/** Values in clusters: of the cluster at each place the sum of its values and how many they are. */
export interface ClusterTotals {
  sums: Float64Array;
  /** 1 or more each. */
  counts: Uint32Array;
}

export interface BootstrapOptions {
  confidence: number;
  /** As in `seededRandom`. */
  seed: number;
}

export interface BootstrapInterval {
  interval: Interval;
  resamples: number;
}

/**
 * Bootstrap interval of the mean of differences: n of them are drawn with return, again and again, and
 * the interval ends at the BCa quantiles (`bcaInterval`) of the means, with the acceleration of
 * `jackknifeAcceleration`. Follows a skewed distribution, which t intervals do not; no more than they
 * does it know of values that the sample lacks, so it is too narrow for few.
 *
 * Where few values are distinct it is their multinomial counts that are drawn, which has the same
 * distribution and costs the same for any n. `resamples` says how many were drawn: `resamplesFor`.
 *
 * The order of the differences changes nothing, and −differences give exactly the mirrored interval.
 * Null where n is below 2, nothing varies, or n is too large (100,000, where few values recur).
 *
 * Source: B. Efron, "Better bootstrap confidence intervals", JASA 82 (1987), 171–185; as scipy's
 * `bootstrap(method='BCa')`.
 * @param differences finite numbers
 * @throws {RangeError}
 */
export const bootstrapInterval = (
  differences: Float64Array,
  options: BootstrapOptions,
): BootstrapInterval | null =>
  bootstrapClusterInterval(
    { sums: differences, counts: new Uint32Array(differences.length).fill(1) },
    options,
  );

/**
 * `bootstrapInterval` where the values of one cluster depend on each other: whole clusters are drawn
 * with return, as many as there are, and of each draw the mean over all its values, Σ sums / Σ counts,
 * is taken. Null where there is one cluster, all have the same mean, or there are too many (100,000,
 * where few are alike).
 *
 * Source: C. A. Field and A. H. Welsh, "Bootstrapping clustered data", Journal of the Royal Statistical
 * Society B 69 (2007), 369–390.
 * @throws {RangeError}
 */
export function bootstrapClusterInterval(
  clusters: ClusterTotals,
  { confidence, seed }: BootstrapOptions,
): BootstrapInterval | null {
  requireConfidence(confidence);
  requireClusters(clusters);
  // Of a sample and its negative the same one is resampled, so that one interval mirrors the other.
  const itself = sortClusters(clusters);
  const negative = sortClusters({ ...clusters, sums: clusters.sums.map((sum) => -sum) });
  const direction = compareClusters(itself, negative);
  const sample = direction < 0 ? negative : itself;
  const acceleration = jackknifeAcceleration(sample);
  const means = acceleration === null ? null : resampledMeans(sample, seed);
  if (acceleration === null || means === null) return null;
  const found = bcaInterval(means, meanOf(sample), acceleration, confidence);
  if (found === null) return null;
  let { low, high } = found;
  // What equals its negative has means around 0, whatever was drawn.
  if (direction === 0) {
    high = (high - low) / 2;
    low = -high;
  }
  return {
    interval: direction < 0 ? { low: -high, high: -low } : { low, high },
    resamples: means.length,
  };
}

/**
 * The bias-corrected and accelerated interval from what a statistic was in resamples: their quantiles
 * (as in `quantile`) at
 *
 *   Φ(z₀ + (z₀ + z) / (1 − a (z₀ + z)))
 *
 * for the normal quantiles z of (1 ∓ confidence) / 2, where Φ(z₀) is the share of resamples below the
 * estimate, ties (up to rounding) by half, and a is the acceleration. Null where all lie on one side of
 * the estimate. No end lies outside of what was drawn: with B resamples a confidence above about
 * 1 − 20/B is not served well.
 *
 * Source: B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), equations 14.9 to
 * 14.14; as scipy's `bootstrap(method='BCa')`.
 * @param replicates of the statistic, in any order
 */
export function bcaInterval(
  replicates: Float64Array,
  estimate: number,
  acceleration: number,
  confidence: number,
): Interval | null {
  requireConfidence(confidence);
  const sorted = replicates.toSorted();
  const scale = Math.max(Math.abs(sorted[0] ?? 0), Math.abs(sorted.at(-1) ?? 0));
  let doubled = 0;
  for (const value of sorted) {
    if (Math.abs(value - estimate) <= ROUNDING * scale) doubled += 1;
    else if (value < estimate) doubled += 2;
  }
  const bias = normalQuantile(doubled / (2 * sorted.length), 0, 1);
  if (!Number.isFinite(bias)) return null;
  const endAt = (p: number) => {
    const z = bias + normalQuantile(p, 0, 1);
    const shrink = 1 - acceleration * z;
    // Where the correction has no bounds any more, it has reached the last resample.
    if (shrink <= 0) return quantile(sorted, z > 0 ? 1 : 0);
    return quantile(sorted, normalCdf(bias + z / shrink, 0, 1));
  };
  const low = endAt((1 - confidence) / 2);
  const high = endAt((1 + confidence) / 2);
  return low === null || high === null ? null : { low, high };
}

/**
 * How fast the standard error of the mean over all values changes with the mean, from leaving out one
 * cluster after the other: with θᵢ the mean without cluster i and θ̄ the mean of these,
 *
 *   a = Σ (θ̄ − θᵢ)³ / (6 (Σ (θ̄ − θᵢ)²)^(3/2))
 *
 * For clusters of one value this is Σ (x − x̄)³ / (6 (Σ (x − x̄)²)^(3/2)), a sixth of the skewness over √n.
 * Null below two clusters and where all have the same mean.
 *
 * Source: Efron and Tibshirani, as above, equation 14.15.
 * @throws {RangeError}
 */
export function jackknifeAcceleration(clusters: ClusterTotals): number | null {
  requireClusters(clusters);
  const { sums, counts } = clusters;
  const mean = meanOf(clusters);
  const values = total(counts);
  let varies = false;
  // mean − θᵢ, which is a small difference: not taken from the two.
  const moved = sums.map((sum, place) => {
    const count = at(counts, place);
    const beyond = sum - count * mean;
    if (Math.abs(beyond) > ROUNDING * (Math.abs(sum) + count * Math.abs(mean))) varies = true;
    return beyond / (values - count);
  });
  if (!varies) return null;
  const centre = total(moved) / moved.length;
  let squares = 0;
  let cubes = 0;
  for (const value of moved) {
    squares += (value - centre) ** 2;
    cubes += (value - centre) ** 3;
  }
  return cubes / (6 * squares ** 1.5);
}

/** Means over all values of clusters that were drawn with return. */
function resampledMeans(sample: ClusterTotals, seed: number): Float64Array | null {
  const clusters = sample.sums.length;
  const kinds = countKinds(sample);
  const byKind = kinds.times.length * DRAWS_OF_BINOMIAL <= clusters;
  const resamples = resamplesFor(byKind ? kinds.times.length * DRAWS_OF_BINOMIAL : clusters);
  if (resamples === null) return null;
  const random = seededRandom(seed);
  const means = new Float64Array(resamples);
  const places = new Uint32Array(clusters);
  const alike = oneCount(sample);
  for (let resample = 0; resample < resamples; resample += 1) {
    let sum = 0;
    let count = 0;
    if (byKind) {
      let left = clusters;
      let among = clusters;
      for (let kind = 0; left > 0; kind += 1) {
        const times = at(kinds.times, kind);
        const drawn = times === among ? left : random.binomial(left, times / among);
        sum += drawn * at(kinds.sums, kind);
        count += drawn * at(kinds.counts, kind);
        left -= drawn;
        among -= times;
      }
    } else {
      random.fillBelow(places, clusters);
      for (const place of places) sum += at(sample.sums, place);
      if (alike) count = clusters * alike;
      else for (const place of places) count += at(sample.counts, place);
    }
    means[resample] = sum / count;
  }
  return means;
}

interface Kinds extends ClusterTotals {
  /** How many clusters are of each kind. */
  times: Uint32Array;
}

/** The distinct clusters of a sorted sample. */
function countKinds({ sums, counts }: ClusterTotals): Kinds {
  const first: number[] = [];
  sums.forEach((sum, place) => {
    if (sum !== sums[place - 1] || counts[place] !== counts[place - 1]) first.push(place);
  });
  return {
    sums: Float64Array.from(first, (place) => at(sums, place)),
    counts: Uint32Array.from(first, (place) => at(counts, place)),
    times: Uint32Array.from(first, (place, kind) => (first[kind + 1] ?? sums.length) - place),
  };
}

/** How many values each cluster has, where all have as many. */
const oneCount = ({ counts }: ClusterTotals): number | undefined =>
  counts.every((count) => count === counts[0]) ? counts[0] : undefined;

/** By sum, then by count: the sample says the same in any order, and so must what is drawn from it. */
function sortClusters({ sums, counts }: ClusterTotals): ClusterTotals {
  if (oneCount({ sums, counts })) return { sums: sums.toSorted(), counts };
  const places = Uint32Array.from(sums, (_, place) => place).sort(
    (a, b) => at(sums, a) - at(sums, b) || at(counts, a) - at(counts, b),
  );
  return {
    sums: Float64Array.from(places, (place) => at(sums, place)),
    counts: places.map((place) => at(counts, place)),
  };
}

/** Which of two sorted samples comes first at the first place where they differ; 0: they are the same. */
function compareClusters(a: ClusterTotals, b: ClusterTotals): number {
  for (const [place, sum] of a.sums.entries()) {
    const order = sum - at(b.sums, place) || at(a.counts, place) - at(b.counts, place);
    if (order !== 0) return order;
  }
  return 0;
}

function requireClusters({ sums, counts }: ClusterTotals): void {
  if (sums.length !== counts.length) throw new RangeError('each cluster has a sum and a count');
  if (!sums.every(Number.isFinite)) throw new RangeError('a sum must be a finite number');
  if (counts.includes(0)) throw new RangeError('a cluster has at least one value');
}

const meanOf = ({ sums, counts }: ClusterTotals): number => total(sums) / total(counts);

function total(values: Float64Array | Uint32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function at(values: Float64Array | Uint32Array, place: number): number {
  const value = values[place];
  if (value === undefined) throw new RangeError('a place outside of the values');
  return value;
}
