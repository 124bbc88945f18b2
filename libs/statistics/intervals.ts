import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { inflationOf } from './clusters.ts';
import { requireConfidence, requireCount } from './require.ts';

export interface Interval {
  low: number;
  high: number;
}

/**
 * Interval for a proportion, from its number of successes. With p = successes / n and z the normal
 * quantile of (1 + confidence) / 2:
 *
 *   (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
 *
 * Unlike p ± z·se it stays within [0, 1], has a width at 0 and at n, and keeps close to its nominal
 * coverage on small n. Null where n is 0.
 *
 * Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
 * JASA 22 (1927), 209–212; recommended by Brown, Cai and DasGupta, Statistical Science 16 (2001),
 * 101–133. Without continuity correction, as R's `prop.test(correct = FALSE)` and scipy's
 * `binomtest(…).proportion_ci(method='wilson')`.
 */
export function wilsonInterval(successes: number, n: number, confidence: number): Interval | null {
  requireConfidence(confidence);
  requireCount(n);
  requireCount(successes);
  if (successes > n) throw new RangeError('there are more successes than trials');
  if (n === 0) return null;
  return wilsonAt(successes, n, normalQuantile((1 + confidence) / 2, 0, 1));
}

/**
 * Interval for a proportion whose values come in clusters, as the repeats of an item do: Wilson's with
 * both counts divided by the design effect, and Student's t with the degrees of freedom of
 * `clusteredMean` in place of z. Where the design effect is 0 or unknown, as where all values are the
 * same, it is taken as 1. Null where n is 0.
 *
 * Why not the t interval of `clusteredMean`: near 0 and 1 it is too narrow, and at them it has no width.
 *
 * Source: E. L. Korn and B. I. Graubard, "Confidence intervals for proportions with small expected number
 * of positive counts estimated from survey data", Survey Methodology 24 (1998), 193–201, for the counts
 * over the design effect; with Wilson's interval in C. Franco et al., "Comparative study of confidence
 * intervals for proportions in complex sample surveys", Journal of Survey Statistics and Methodology 7
 * (2019), 334–364.
 * @param robust what `clusteredMean` says of the values, 1 or 0
 */
export function clusteredWilsonInterval(
  successes: number,
  n: number,
  robust: { designEffect: number | null; degreesOfFreedom: number },
  confidence: number,
): Interval | null {
  requireConfidence(confidence);
  requireCount(n);
  requireCount(successes);
  if (successes > n) throw new RangeError('there are more successes than trials');
  if (n === 0) return null;
  const t = tQuantile((1 + confidence) / 2, robust.degreesOfFreedom);
  return wilsonAt(successes, n, t * inflationOf(robust));
}

function wilsonAt(successes: number, n: number, z: number): Interval {
  const p = successes / n;
  const shrink = 1 + z ** 2 / n;
  const centre = (p + z ** 2 / (2 * n)) / shrink;
  const half = (z / shrink) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  // The formula gives exactly 0 and 1 at the two ends; rounding would miss them by a hair.
  return {
    low: successes === 0 ? 0 : centre - half,
    high: successes === n ? 1 : centre + half,
  };
}

/**
 * Interval for the mean of a population, from a sample of independent values:
 * mean ± t · standardDeviation / √n, with t the quantile of (1 + confidence) / 2 of Student's t
 * distribution with n − 1 degrees of freedom. Null where n is below 2, since one value says nothing
 * about its spread.
 *
 * Exact for normal values, and close to it for the mean of many values of any other shape. It is not
 * cut to the range that the values may have.
 *
 * Source: "Student", "The probable error of a mean", Biometrika 6 (1908), 1–25; as scipy's
 * `t.interval(confidence, n - 1, mean, sd / sqrt(n))`.
 */
export function meanInterval(
  sample: { n: number; mean: number; standardDeviation: number },
  confidence: number,
): Interval | null {
  requireConfidence(confidence);
  requireCount(sample.n);
  if (sample.n < 2) return null;
  const t = tQuantile((1 + confidence) / 2, sample.n - 1);
  const half = (t * sample.standardDeviation) / Math.sqrt(sample.n);
  return { low: sample.mean - half, high: sample.mean + half };
}
