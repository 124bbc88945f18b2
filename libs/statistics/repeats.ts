import { multiply, subtract, toDecimal, toNumber } from './decimal.ts';

/** A number of dataset items whose repeats ended alike: so many were judged, so many of them passed. */
export interface RepeatGroup {
  items: number;
  judged: number;
  passed: number;
}

export interface AtK {
  k: number;
  value: number;
  /** Items that the value is the mean of: those with at least k judged repeats. */
  n: number;
}

/**
 * pass@k: the chance that at least one of k repeats of an item passes, as a mean over items. For an
 * item with n judged repeats of which c passed, without bias:
 *
 *   1 − C(n − c, k) / C(n, k)
 *
 * Items with fewer than k judged repeats say nothing about k and are left out. Undefined where all are.
 *
 * Source: M. Chen et al., "Evaluating Large Language Models Trained on Code", arXiv:2107.03374 (2021),
 * equation 1, computed as the product there, which neither overflows nor cancels.
 */
export const passAt = (groups: readonly RepeatGroup[], k: number): AtK | undefined =>
  meanOver(groups, k, ({ judged, passed }) => 1 - chanceOfOnly(judged - passed, judged, k));

/**
 * pass^k: the chance that all of k repeats of an item pass, as a mean over items: C(c, k) / C(n, k).
 *
 * Source: S. Yao et al., "τ-bench: A Benchmark for Tool-Agent-User Interaction in Real-World Domains",
 * arXiv:2406.12045 (2024), section 4.
 */
export const passAll = (groups: readonly RepeatGroup[], k: number): AtK | undefined =>
  meanOver(groups, k, ({ judged, passed }) => chanceOfOnly(passed, judged, k));

function meanOver(
  groups: readonly RepeatGroup[],
  k: number,
  valueOf: (group: RepeatGroup) => number,
): AtK | undefined {
  if (!Number.isSafeInteger(k) || k < 1)
    throw new RangeError('k must be a whole number, 1 or more');
  let n = 0;
  let sum = 0;
  for (const group of groups) {
    if (group.judged < k) continue;
    n += group.items;
    sum += group.items * valueOf(group);
  }
  return n === 0 ? undefined : { k, value: sum / n, n };
}

/** C(some, k) / C(all, k): the chance that k drawn without return are all among `some`. */
function chanceOfOnly(some: number, all: number, k: number): number {
  if (some < k) return 0;
  let chance = 1;
  for (let drawn = 0; drawn < k; drawn += 1) chance *= (some - drawn) / (all - drawn);
  return chance;
}

export type Reduction = 'any' | 'all' | 'majority';

/**
 * How many items pass where the repeats of each are reduced to one verdict: at least one passed, all
 * passed, or more than half of the judged ones did. Items without a judged repeat have no verdict.
 */
export function reducePassed(
  groups: readonly RepeatGroup[],
  reduction: Reduction,
): { n: number; passed: number } {
  let n = 0;
  let passed = 0;
  for (const group of groups) {
    if (group.judged === 0) continue;
    n += group.items;
    const passes = {
      any: group.passed > 0,
      all: group.passed === group.judged,
      majority: group.passed * 2 > group.judged,
    }[reduction];
    if (passes) passed += group.items;
  }
  return { n, passed };
}

/** Items of which some judged repeats passed and some did not. */
export const countMixed = (groups: readonly RepeatGroup[]): number =>
  groups.reduce(
    (sum, { items, judged, passed }) => sum + (passed > 0 && passed < judged ? items : 0),
    0,
  );

/**
 * Sums over clusters, of which each has n values that add up to s. They may be text, as PostgreSQL's
 * `numeric` arrives: they are then exact, and so is what is computed from them.
 */
export interface ClusterSums {
  clusters: number;
  /** Σ n and Σ s. */
  n: number;
  sum: number | string;
  /** Σ s², Σ n², Σ n s. */
  squaredSums: number | string;
  squaredCounts: number | string;
  products: number | string;
}

/**
 * Standard error of the mean of all values where the values of one cluster depend on each other, as
 * the repeats of one item do. With m clusters of nᵢ values that add up to sᵢ, N values, mean x̄:
 *
 *   √( m / (m − 1) · Σ (sᵢ − nᵢ x̄)² ) / N
 *
 * Null below two clusters. With clusters of one size it is the standard error of the clusters' means.
 * The sum is N² Σs² − 2 N Σs Σns + (Σs)² Σn² over N², which nearly cancels and so is taken in exact
 * decimals.
 *
 * Source: K.-Y. Liang and S. L. Zeger, Biometrika 73 (1986), 13–22, with the correction for few
 * clusters of A. C. Cameron and D. L. Miller, Journal of Human Resources 50 (2015), 317–372; for
 * evaluations of models: E. Miller, "Adding Error Bars to Evals", arXiv:2411.00640 (2024), section 2.2.
 */
export function clusteredStandardError(sums: ClusterSums): number | null {
  const { clusters: m, n: count } = sums;
  if (m < 2 || count === 0) return null;
  const n = toDecimal(count);
  const sum = toDecimal(sums.sum);
  const square = multiply(multiply(n, n), toDecimal(sums.squaredSums));
  const cross = multiply(multiply(toDecimal(2), n), multiply(sum, toDecimal(sums.products)));
  const means = multiply(multiply(sum, sum), toDecimal(sums.squaredCounts));
  const scaled = subtract(square, subtract(cross, means));
  return Math.sqrt((m / (m - 1)) * Math.max(0, toNumber(scaled))) / count / count;
}
