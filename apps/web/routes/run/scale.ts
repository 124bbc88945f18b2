import type { RunMetric } from '#libs/contracts';

/** Whether all scores lie from 0 to 1, as most do: those are drawn on one common scale. */
export const isShare = ({ min, max }: RunMetric): boolean =>
  (min === null || min >= 0) && (max === null || max <= 1);

/** The range that a metric is drawn on. */
export function scaleOf(metric: RunMetric): [number, number] {
  if (isShare(metric)) return [0, 1];
  const low = Math.min(0, metric.min ?? 0, metric.confidenceLow ?? 0);
  const high = Math.max(metric.max ?? 1, metric.confidenceHigh ?? 1);
  return [low, high];
}
