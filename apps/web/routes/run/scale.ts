import type { RunMetric } from '#libs/contracts';

/** Whether all scores lie from 0 to 1, as most do: those are drawn on one common scale. */
export const isShare = ({ min, max, worstCase, bestCase }: RunMetric): boolean =>
  [min, max, worstCase, bestCase].every((value) => value === null || (value >= 0 && value <= 1));

/** The range that a metric is drawn on. */
export function scaleOf(metric: RunMetric): [number, number] {
  if (isShare(metric)) return [0, 1];
  const { min, max, confidenceLow, confidenceHigh, worstCase, bestCase } = metric;
  const ends = [worstCase ?? 0, bestCase ?? 0];
  const low = Math.min(0, min ?? 0, confidenceLow ?? 0, ...ends);
  const high = Math.max(max ?? 1, confidenceHigh ?? 1, ...ends);
  return [low, high];
}
