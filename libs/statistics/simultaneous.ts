import betainc from '@stdlib/math-base-special-betainc';
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { centre, clusterDegreesOfFreedom, clusterSums, numberClusters } from './clusters.ts';
import type { Interval } from './intervals.ts';
import { seededRandom } from './random.ts';
import { requireConfidence } from './require.ts';

export interface SimultaneousMean {
  mean: number;
  standardError: number;
  interval: Interval;
}

export interface SimultaneousDifference {
  /** Places of the two runs, first below second. */
  first: number;
  second: number;
  /** Of the means, first − second. */
  difference: number;
  standardError: number;
  t: number;
  /** Two-sided, adjusted for all pairs. */
  p: number;
  interval: Interval;
}

export interface SimultaneousComparison {
  /** Items. */
  n: number;
  degreesOfFreedom: number;
  /** Of the means, as estimated from the same items: K × K. */
  covariance: number[][];
  /** A run each, in the order given. All K intervals hold together at the confidence. */
  means: SimultaneousMean[];
  /** Every pair once. All K(K − 1)/2 intervals hold together at the confidence. */
  differences: SimultaneousDifference[];
  /** How many standard errors the intervals reach; null where none of them varies. */
  criticalValues: { means: number | null; differences: number | null };
}

/** Directions drawn: two seeds then differ by less than 0.01 in a critical value of 21 runs. */
const DRAWS = 50_000;
const SEED = 2008;
/** Classes that the drawn maxima, from 0 to 1, are counted in. */
const CLASSES = 500;

/**
 * Several runs over the same items: their means, and the differences of all pairs, with intervals that
 * hold together and p-values adjusted for all pairs, by the single-step max-|t| method. With Z the means
 * (or differences) in their standard errors, T = Z / s of multivariate t distribution with the estimated
 * correlation and ν degrees of freedom, t an observed value and se its standard error:
 *
 *   adjusted p = P(max |T| > |t|),  interval: estimate ± c se,  P(max |T| > c) = 1 − confidence
 *
 * so that p is below 1 − confidence exactly where the interval does not hold 0. It takes into account
 * how runs go together, and so is never wider than Bonferroni's or Šidák's, nor Tukey's where his apply.
 * With two runs it is the paired t test. Intervals of the means hold together among themselves, and those
 * of the differences among themselves. None is cut to the range that the values may have.
 *
 * The covariance of the means is that of `clusteredMean`, Σ_c r_ic r_jc / (1 − h_c) / n², with its degrees
 * of freedom; without clusters every item is one, which makes it the ordinary one with n − 1.
 *
 * P is computed from the directions that Z can have, drawn at random from a fixed seed, and in closed form
 * along each (Z = R u with R² / (r s²) of F distribution, r the rank): 50,000 of them, and p kept between
 * the p of the pair alone and Šidák's bound, which holds whatever the correlation. The same input always
 * gives the same answer, and so does another order of the runs. What the choice of the seed changes: less
 * than 0.01 in a critical value, less than 3 % of a p around 0.05.
 *
 * A pair that differs by the same in all items has p 0, or p 1 where that is 0, as in `pairedT`; neither
 * it nor a run without variance counts as one of the many.
 *
 * Source: T. Hothorn, F. Bretz and P. Westfall, "Simultaneous inference in general parametric models",
 * Biometrical Journal 50 (2008), 346–363; as R's `multcomp`. Directions: A. Genz and F. Bretz,
 * "Computation of Multivariate Normal and t Probabilities" (2009), section 4.1. Šidák's bound: Z. Šidák,
 * JASA 62 (1967), 626–633.
 * @param runs values of one run each, finite, of the same items in the same order
 * @param options.clusters a cluster of each item, any whole numbers
 * @returns null below two items (or clusters), and without runs
 * @throws {RangeError} where lengths differ
 */
export function compareSimultaneously(
  runs: readonly Float64Array[],
  {
    confidence,
    clusters,
    seed = SEED,
  }: { confidence: number; clusters?: Int32Array; seed?: number },
): SimultaneousComparison | null {
  requireConfidence(confidence);
  const n = runs[0]?.length ?? 0;
  if (runs.some((run) => run.length !== n) || (clusters !== undefined && clusters.length !== n)) {
    throw new RangeError('all runs must have a value for each item, and items a cluster each');
  }
  const { places, sizes } =
    clusters === undefined
      ? {
          places: Int32Array.from({ length: n }, (_, item) => item),
          sizes: new Float64Array(n).fill(1),
        }
      : numberClusters(clusters);
  if (runs.length === 0 || sizes.length < 2) return null;
  const degreesOfFreedom = clusterDegreesOfFreedom(sizes);

  const weights = sizes.map((size) => 1 / n / Math.sqrt(1 - size / n));
  const estimates = runs.map((run) => {
    const { mean, residuals } = centre(run);
    const parts = clusterSums(residuals, { places, sizes });
    return { mean, parts: parts.map((sum, place) => sum * at(weights, place)) };
  });
  const covariance = estimates.map(() => Array<number>(runs.length).fill(0));
  const pairs: Pair[] = [];
  for (const [first, a] of estimates.entries()) {
    for (const [second, b] of estimates.entries()) {
      if (second < first) continue;
      const product = dot(a.parts, b.parts);
      setAt(covariance, first, second, product);
      setAt(covariance, second, first, product);
      if (second > first) {
        const standardError = distance(a.parts, b.parts);
        pairs.push({ first, second, difference: a.mean - b.mean, standardError });
      }
    }
  }
  const standardErrors = covariance.map((row, run) => Math.sqrt(row[run] ?? Number.NaN));
  for (const pair of pairs) {
    const size = Math.hypot(
      standardErrors[pair.first] ?? Number.NaN,
      standardErrors[pair.second] ?? Number.NaN,
    );
    if (pair.standardError < ROUNDING * size) pair.standardError = 0;
  }

  const order = canonicalOrder(runs, estimates);
  const maxima = drawMaxima(covariance, pairs, { order, seed });
  const family = { degreesOfFreedom, rank: maxima.rank };
  const ofMeans = tailOf({
    ...family,
    maxima: maxima.means,
    contrasts: standardErrors.filter((se) => se > 0).length,
  });
  const ofPairs = tailOf({
    ...family,
    maxima: maxima.pairs,
    contrasts: pairs.filter(({ standardError }) => standardError > 0).length,
  });
  const level = 1 - confidence;
  const criticalValues = { means: ofMeans.quantile(level), differences: ofPairs.quantile(level) };
  const around = (estimate: number, standardError: number, critical: number | null): Interval => {
    const half = (critical ?? 0) * standardError;
    return { low: estimate - half, high: estimate + half };
  };
  return {
    n,
    degreesOfFreedom,
    covariance,
    means: estimates.map(({ mean }, run) => {
      const standardError = standardErrors[run] ?? Number.NaN;
      return { mean, standardError, interval: around(mean, standardError, criticalValues.means) };
    }),
    differences: pairs.map((pair) => {
      const { difference, standardError } = pair;
      const t = difference === 0 ? 0 : difference / standardError;
      const p = standardError > 0 ? ofPairs.p(Math.abs(t)) : Number(t === 0);
      return {
        ...pair,
        t,
        p,
        interval: around(difference, standardError, criticalValues.differences),
      };
    }),
    criticalValues,
  };
}

interface Pair {
  first: number;
  second: number;
  difference: number;
  standardError: number;
}

/** Below this share of the runs' own errors a difference does not vary: values shifted in doubles. */
const ROUNDING = 1e-12;

/** By mean, then by the values: runs that are still equal can be exchanged. */
function canonicalOrder(
  runs: readonly Float64Array[],
  estimates: readonly { mean: number }[],
): number[] {
  const meanOf = (run: number): number => estimates[run]?.mean ?? Number.NaN;
  return Array.from(runs.keys()).sort((a, b) => {
    if (meanOf(a) !== meanOf(b)) return meanOf(a) - meanOf(b);
    const other = runs[b];
    const item = runs[a]?.findIndex((value, place) => value !== other?.[place]) ?? -1;
    return item === -1 ? 0 : (runs[a]?.[item] ?? 0) - (other?.[item] ?? 0);
  });
}

/** How often drawn maxima fell into each class, and their sum there. */
interface Maxima {
  counts: Float64Array;
  sums: Float64Array;
}

/**
 * Draws directions of the means, uniform on the sphere of the rank's dimensions, and takes the largest
 * |cosine| of any mean, and of any difference, with each.
 */
function drawMaxima(
  covariance: readonly (readonly number[])[],
  pairs: readonly Pair[],
  { order, seed }: { order: readonly number[]; seed: number },
): { rank: number; means: Maxima; pairs: Maxima } {
  const maxima = { means: noMaxima(), pairs: noMaxima() };
  const varianceOf = (run: number): number => covariance[run]?.[run] ?? 0;
  const varying = order.filter((run) => varianceOf(run) > 0);
  if (varying.length < 2) return { rank: varying.length, ...maxima };
  const errors = Float64Array.from(varying, (run) => Math.sqrt(varianceOf(run)));
  const correlation = new Matrix(
    varying.map((run, i) =>
      varying.map((other, j) => (covariance[run]?.[other] ?? 0) / at(errors, i) / at(errors, j)),
    ),
  );
  const { realEigenvalues: eigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    correlation,
    { assumeSymmetric: true },
  );
  const smallest = 1e-12 * Math.max(...eigenvalues);
  const kept = Array.from(eigenvalues.keys()).filter((k) => (eigenvalues[k] ?? 0) > smallest);
  const rank = kept.length;
  // Rows of a root of the correlation, one after the other.
  const root = Float64Array.from(
    varying.flatMap((_, run) =>
      kept.map((k) => eigenvectorMatrix.get(run, k) * Math.sqrt(eigenvalues[k] ?? 0)),
    ),
  );
  const placeOf = new Map(varying.map((run, place) => [run, place]));
  const contrasts = pairs
    .filter(({ standardError }) => standardError > 0)
    // A run without variance stands at its mean, place −1.
    .map(({ first, second, standardError }) => ({
      first: placeOf.get(first) ?? -1,
      second: placeOf.get(second) ?? -1,
      standardError,
    }));
  const firsts = Int32Array.from(contrasts, ({ first }) => first);
  const seconds = Int32Array.from(contrasts, ({ second }) => second);
  const factors = Float64Array.from(contrasts, ({ standardError }) => 1 / standardError);

  const random = seededRandom(seed);
  const direction = new Float64Array(rank);
  const position = new Float64Array(varying.length);
  for (let draw = 0; draw < DRAWS; draw += 1) {
    let squares = 0;
    for (let k = 0; k < rank; k += 1) {
      const value = random.normal();
      direction[k] = value;
      squares += value * value;
    }
    const length = Math.sqrt(squares);
    let largestMean = 0;
    for (let run = 0; run < position.length; run += 1) {
      let sum = 0;
      for (let k = 0; k < rank; k += 1) sum += at(root, run * rank + k) * at(direction, k);
      position[run] = sum * at(errors, run);
      const size = sum < 0 ? -sum : sum;
      if (size > largestMean) largestMean = size;
    }
    let largestPair = 0;
    for (let pair = 0; pair < factors.length; pair += 1) {
      const a = position[at(firsts, pair)] ?? 0;
      const b = position[at(seconds, pair)] ?? 0;
      const size = (a > b ? a - b : b - a) * at(factors, pair);
      if (size > largestPair) largestPair = size;
    }
    count(maxima.means, largestMean / length);
    count(maxima.pairs, largestPair / length);
  }
  return { rank, ...maxima };
}

const noMaxima = (): Maxima => ({
  counts: new Float64Array(CLASSES),
  sums: new Float64Array(CLASSES),
});

function count({ counts, sums }: Maxima, cosine: number): void {
  const place = Math.min(CLASSES - 1, Math.floor(cosine * CLASSES));
  counts[place] = at(counts, place) + 1;
  sums[place] = at(sums, place) + cosine;
}

/** The distribution of the largest |t| of so many contrasts. */
function tailOf({
  maxima: { counts, sums },
  contrasts,
  rank,
  degreesOfFreedom,
}: {
  maxima: Maxima;
  contrasts: number;
  rank: number;
  degreesOfFreedom: number;
}): { p: (t: number) => number; quantile: (level: number) => number | null } {
  const p = (t: number): number => {
    const alone = 2 * tCdf(-t, degreesOfFreedom);
    if (contrasts < 2) return alone;
    const bound = -Math.expm1(contrasts * Math.log1p(-alone));
    // One more than was drawn, and that one beyond t: what is too rare to be drawn is not taken as never.
    let beyond = 1;
    for (const [place, times] of counts.entries()) {
      if (times === 0) continue;
      const cosine = at(sums, place) / times;
      const x = degreesOfFreedom / (degreesOfFreedom + (t / cosine) ** 2);
      beyond += times * betainc(x, degreesOfFreedom / 2, rank / 2);
    }
    return Math.max(alone, Math.min(bound, beyond / (DRAWS + 1)));
  };
  const quantile = (level: number): number | null => {
    if (contrasts === 0) return null;
    let low = tQuantile(1 - level / 2, degreesOfFreedom);
    if (contrasts === 1) return low;
    const ofOne = -Math.expm1(Math.log1p(-level) / contrasts);
    let high = tQuantile(1 - ofOne / 2, degreesOfFreedom);
    while (high - low > 1e-9 * high) {
      const middle = (low + high) / 2;
      if (p(middle) > level) low = middle;
      else high = middle;
    }
    return high;
  };
  return { p, quantile };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let place = 0; place < a.length; place += 1) sum += at(a, place) * at(b, place);
  return sum;
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let place = 0; place < a.length; place += 1) sum += (at(a, place) - at(b, place)) ** 2;
  return Math.sqrt(sum);
}

function setAt(matrix: number[][], row: number, column: number, value: number): void {
  const values = matrix[row];
  if (values !== undefined) values[column] = value;
}

/** Arrays are read at places that they have. */
const at = (values: Float64Array | Int32Array, place: number): number =>
  values[place] ?? Number.NaN;

/**
 * The same comparison with intervals and p-values by Bonferroni's bound, which holds whatever the
 * correlation: p times the number of pairs, and intervals at the confidence 1 − (1 − confidence) / k of k
 * means, or pairs. Wider than max-|t|, which takes the correlation as it is estimated: from few clusters,
 * not well.
 *
 * Source: O. J. Dunn, "Multiple comparisons among means", JASA 56 (1961), 52–64.
 */
export function boundByBonferroni(
  compared: SimultaneousComparison,
  confidence: number,
): SimultaneousComparison {
  requireConfidence(confidence);
  const { degreesOfFreedom, means, differences } = compared;
  const reach = (count: number): number =>
    tQuantile(1 - (1 - confidence) / (2 * count), degreesOfFreedom);
  const ofMeans = means.length === 0 ? null : reach(means.length);
  const ofDifferences = differences.length === 0 ? null : reach(differences.length);
  const around = (estimate: number, standardError: number, factor: number | null): Interval => {
    const half = (factor ?? 0) * standardError;
    return { low: estimate - half, high: estimate + half };
  };
  return {
    ...compared,
    means: means.map((found) => ({
      ...found,
      interval: around(found.mean, found.standardError, ofMeans),
    })),
    differences: differences.map((found) => ({
      ...found,
      p: Math.min(1, differences.length * 2 * tCdf(-Math.abs(found.t), degreesOfFreedom)),
      interval: around(found.difference, found.standardError, ofDifferences),
    })),
    criticalValues: { means: ofMeans, differences: ofDifferences },
  };
}
