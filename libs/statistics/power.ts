import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { requireConfidence, requireCount } from './require.ts';

export interface PowerOptions {
  /** Of the two-sided test: 0.05 where the confidence is 95 %. */
  level: number;
  /** With what probability a difference is to be found. */
  power: number;
}

/** z of both: how many standard errors a difference must have to be found so often. */
function factorOf({ level, power }: PowerOptions): number {
  requireConfidence(1 - level);
  if (!(power > level / 2 && power < 1)) {
    throw new RangeError('power must be between half of the level and 1, such as 0.8');
  }
  return normalQuantile(1 - level / 2, 0, 1) + normalQuantile(power, 0, 1);
}

/**
 * The smallest true mean difference that a two-sided paired test of so many pairs would find with the
 * given power: (z_{1 − level/2} + z_power) · sd / √n, in the units of the differences. The normal
 * approximation, a little small for few pairs (by 5 % at n = 20). Null where n is below 2.
 *
 * Source: J. M. Lachin, "Introduction to sample size determination and power analysis for clinical
 * trials", Controlled Clinical Trials 2 (1981), 93–113; for evaluations E. Miller, "Adding error bars to
 * evals" (2024), arXiv:2411.00640.
 */
export function minimumDetectableDifference(
  { n, standardDeviation }: { n: number; standardDeviation: number },
  options: PowerOptions,
): number | null {
  requireCount(n);
  const factor = factorOf(options);
  return n < 2 ? null : (factor * standardDeviation) / Math.sqrt(n);
}

/**
 * How many pairs a two-sided paired test needs to find a true mean difference with the given power:
 * ((z_{1 − level/2} + z_power) · sd / difference)², rounded up, at least 2. As for
 * `minimumDetectableDifference`.
 * @param difference not 0
 */
export function pairsNeeded(
  { difference, standardDeviation }: { difference: number; standardDeviation: number },
  options: PowerOptions,
): number {
  if (!Number.isFinite(difference) || difference === 0) {
    throw new RangeError('a difference to find must not be 0');
  }
  const pairs = ((factorOf(options) * standardDeviation) / difference) ** 2;
  return Math.max(2, Math.ceil(pairs));
}
