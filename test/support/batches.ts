import { planBatches } from '#libs/evaluation';

/**
 * How small runs that are computed here are cut: items of each batch, and batches that may be claimed
 * at the same time. A run of fewer items is one batch; one of `SMALL_RUN` has all of its batches claimed.
 */
export const { batchSize: SMALL_BATCH, window: WINDOW } = planBatches('local', 1, 1);

/** Items of the largest run of the smallest batches: as many batches as the window holds. */
export const SMALL_RUN = WINDOW * SMALL_BATCH;
