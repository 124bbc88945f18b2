import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { Interval } from './intervals.ts';
import { requireConfidence } from './require.ts';

/** Two means, and how their estimates vary together. */
export interface PairedMeans {
  baseline: number;
  candidate: number;
  /** Variances of the two means (squared standard errors), and their covariance. */
  baselineVariance: number;
  candidateVariance: number;
  covariance: number;
  degreesOfFreedom: number;
}

/**
 * Relative change of a mean, candidate / baseline − 1, with Fieller's interval: all ρ − 1 for which
 * candidate − ρ · baseline does not differ from 0,
 *
 *   (c − ρ b)² ≤ t² (v_c − 2 ρ v_bc + ρ² v_b)
 *
 * with t the quantile of (1 + confidence) / 2. Null where the baseline is 0; without an interval where
 * the baseline itself cannot be told from 0 (then the set has no ends).
 *
 * Source: E. C. Fieller, "Some problems in interval estimation", Journal of the Royal Statistical
 * Society B 16 (1954), 175–185.
 */
export function relativeChange(
  means: PairedMeans,
  confidence: number,
): { value: number; interval: Interval | null } | null {
  requireConfidence(confidence);
  const { baseline: b, candidate: c, degreesOfFreedom } = means;
  if (b === 0) return null;
  const value = c / b - 1;
  if (!(degreesOfFreedom > 0)) return { value, interval: null };
  const t = tQuantile((1 + confidence) / 2, degreesOfFreedom);
  // The ends are the roots of square · ρ² − 2 · middle · ρ + constant.
  const square = b ** 2 - t ** 2 * means.baselineVariance;
  if (square <= 0) return { value, interval: null };
  const middle = b * c - t ** 2 * means.covariance;
  const constant = c ** 2 - t ** 2 * means.candidateVariance;
  const half = Math.sqrt(Math.max(0, middle ** 2 - square * constant)) / square;
  return {
    value,
    interval: { low: middle / square - half - 1, high: middle / square + half - 1 },
  };
}
