import type { RunMetric } from '#libs/contracts';
import { formatCount, formatScore } from '../../format/numbers.ts';

/** Closed items that gave the metric no score, whatever the reason. */
export const missingOf = ({ notApplicable, errors, failed }: RunMetric): number =>
  notApplicable + errors + failed;

/** What the missing scores leave open of the mean, in words; undefined where none is missing. */
export function openRange(metric: RunMetric): string | undefined {
  const missing = missingOf(metric);
  const { worstCase: worst, bestCase: best } = metric;
  if (missing === 0 || metric.categories !== null) return undefined;
  const these = `with the ${formatCount(missing)} missing`;
  if (worst !== null && best !== null) {
    // Of two ends that are written in the order of the scale, either may be the worse one.
    const [low, high] = worst <= best ? [worst, best] : [best, worst];
    return `${formatScore(low)} … ${formatScore(high)} ${these}`;
  }
  if (best !== null) return `at best ${formatScore(best)} ${these}`;
  if (worst !== null) return `at worst ${formatScore(worst)} ${these}`;
  return `nothing bounds it ${these}`;
}

/** The sort of missing scores, each with how many there are; empty where none is missing. */
export function reasonsMissing({ notApplicable, errors, failed }: RunMetric) {
  return [
    {
      name: 'not applicable',
      count: notApplicable,
      broken: false,
      title: 'The item lacks what the metric needs; not counted as 0',
    },
    {
      name: errors === 1 ? 'error' : 'errors',
      count: errors,
      broken: true,
      title: 'The scorer broke; not counted as 0',
    },
    {
      name: 'failed',
      count: failed,
      broken: true,
      title: 'The item failed, so there was nothing to score; not counted as 0',
    },
  ].filter(({ count }) => count > 0);
}
