import { workOnComparison, type ComparisonContext, type Resampler } from '#libs/comparisons';
import { followUpComparison, type GateContext } from '#libs/gates';
import type { Handler } from '#libs/queues';

/** Computes comparisons, and checks the gates that have waited for them. */
export const createComparisonHandler =
  (context: ComparisonContext, gates: GateContext, resampler: Resampler): Handler<'comparisons'> =>
  async (payload) => {
    await workOnComparison(context, resampler, payload);
    await followUpComparison(gates, payload.comparisonId);
  };
