import { workOnComparison, type ComparisonContext, type Resampler } from '#libs/comparisons';
import type { Handler } from '#libs/queues';

/** Computes comparisons. */
export const createComparisonHandler =
  (context: ComparisonContext, resampler: Resampler): Handler<'comparisons'> =>
  (payload) =>
    workOnComparison(context, resampler, payload);
