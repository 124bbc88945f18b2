import { multiply, subtract, toDecimal, toNumber } from './decimal.ts';
import { meanInterval, wilsonInterval } from './intervals.ts';

/**
 * What a run keeps of a metric's values while it goes. The sums may be text, as PostgreSQL's
 * `numeric` arrives: they are then exact, and so is what is computed from them.
 */
export interface RunningSums {
  n: number;
  sum: number | string;
  sumOfSquares: number | string;
}

export interface Summary {
  n: number;
  /** Arithmetic mean; null without values. */
  mean: number | null;
  /** Of the sample, with n − 1; null below two values. */
  standardDeviation: number | null;
  /** Of the mean: standardDeviation / √n; null below two values. */
  standardError: number | null;
}

/**
 * Mean, standard deviation and standard error from running sums:
 *
 *   mean = Σx / n        sd² = (n Σx² − (Σx)²) / (n (n − 1))        se = sd / √n
 *
 * The numerator of sd² is the difference of two numbers that can agree in nearly all their digits, so
 * it is taken in exact decimals; in doubles it can even come out negative.
 *
 * Source: the textbook identity for Bessel's corrected variance; why not in floating point: Chan,
 * Golub and LeVeque, "Algorithms for computing the sample variance", The American Statistician 37
 * (1983), 242–247.
 */
export function summarize(sums: RunningSums): Summary {
  const { n } = sums;
  if (!Number.isSafeInteger(n) || n < 0)
    throw new RangeError('n must be a whole number, 0 or more');
  if (n === 0) return { n, mean: null, standardDeviation: null, standardError: null };
  const sum = toDecimal(sums.sum);
  const mean = toNumber(sum) / n;
  if (n === 1) return { n, mean, standardDeviation: null, standardError: null };
  const scaled = subtract(multiply(toDecimal(n), toDecimal(sums.sumOfSquares)), multiply(sum, sum));
  // Sums that were themselves rounded can still fall a little below zero.
  const variance = Math.max(0, toNumber(scaled)) / n / (n - 1);
  const standardDeviation = Math.sqrt(variance);
  return { n, mean, standardDeviation, standardError: standardDeviation / Math.sqrt(n) };
}

export interface ScoreSummary extends Summary {
  confidenceLow: number | null;
  confidenceHigh: number | null;
}

/**
 * The summary of a metric's scores with the interval that fits their kind: Wilson's for booleans,
 * which count as 1 and 0, Student's t for numbers; a category has no mean. Scores that are not
 * applicable, and scorers that broke, are not among the n.
 *
 * The interval takes the n scores as independent draws, which several repeats of one item are not:
 * over repeats it is too narrow for a statement about other items.
 */
export function summarizeScores(
  kind: 'numeric' | 'boolean' | 'categorical',
  sums: RunningSums,
  confidence = 0.95,
): ScoreSummary {
  if (kind === 'categorical') {
    const none = { mean: null, standardDeviation: null, standardError: null };
    return { n: sums.n, ...none, confidenceLow: null, confidenceHigh: null };
  }
  const summary = summarize(sums);
  const { n, mean, standardDeviation } = summary;
  let interval = null;
  if (kind === 'boolean') interval = wilsonInterval(Number(sums.sum), n, confidence);
  else if (mean !== null && standardDeviation !== null) {
    interval = meanInterval({ n, mean, standardDeviation }, confidence);
  }
  return {
    ...summary,
    confidenceLow: interval?.low ?? null,
    confidenceHigh: interval?.high ?? null,
  };
}
