export {
  createComparisons,
  workOnComparison,
  type ComparisonContext,
  type Comparisons,
} from './comparisons.ts';
export { reconcileComparisons } from './reconcile.ts';
export { createResampler, type Resampler } from './resampler.ts';
export { getTrend, listSeries } from './trends.ts';
export { getRunSlices } from './run-slices.ts';
