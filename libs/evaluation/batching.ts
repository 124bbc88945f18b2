import type { TargetLocality } from './target.ts';

export interface BatchPlan {
  /** Items that one batch carries. */
  batchSize: number;
  /** Batches of this run that may be in the queue or at work at the same time. */
  window: number;
}

/** Items of the largest batch of what is computed here. */
export const LOCAL_BATCH_MAX = 250;
const LOCAL_BATCH_MIN = 25;
/** Enough batches for every worker of a cluster to have one, unless the run is so small that they cost more than it. */
const LOCAL_PARTS = 16;
const LOCAL_WINDOW = 16;

/**
 * How a run is cut. A network call is a batch of its own, so that each is retried, timed and aborted
 * alone; its window is twice the run's concurrency, so that when a call ends the next item is ready to
 * be called, while the result is still being stored. Items computed here share a batch, since they
 * share its statements.
 * @param total evaluation items of the run
 * @param concurrency items that the run may have in flight
 */
export function planBatches(
  locality: TargetLocality,
  total: number,
  concurrency: number,
): BatchPlan {
  if (locality === 'network') {
    return { batchSize: 1, window: 2 * concurrency };
  }
  const batchSize = Math.ceil(total / LOCAL_PARTS);
  return {
    batchSize: Math.min(LOCAL_BATCH_MAX, Math.max(LOCAL_BATCH_MIN, batchSize)),
    window: LOCAL_WINDOW,
  };
}
