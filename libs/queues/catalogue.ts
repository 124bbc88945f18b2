import { batchJob, comparisonJob, runJob } from '#libs/contracts';
import type { JobsOptions } from 'bullmq';

/** The queue keeps this many failed jobs for Bull Board; the tables keep everything. */
const KEEP_FAILED = 1_000;

const batches = {
  payload: batchJob,
  options: {
    attempts: 1,
    removeOnComplete: true,
    removeOnFail: { count: KEEP_FAILED },
  } satisfies JobsOptions,
};

/**
 * Every queue: what its jobs carry and how they are kept. A batch is tried once, because what becomes
 * of a batch that was lost is decided from the tables; a step of a run is retried by the queue too.
 */
export const queueCatalogue = {
  /** Batches whose items are computed here: as many at a time as there are cores. */
  batches,
  /** Batches that wait for calls elsewhere: many at a time. */
  calls: batches,
  runs: {
    payload: runJob,
    options: {
      attempts: 5,
      backoff: { type: 'exponential', delay: 500 },
      removeOnComplete: true,
      removeOnFail: { count: KEEP_FAILED },
    } satisfies JobsOptions,
  },
  /** Comparisons of runs: apart, so that they never hold up items. */
  comparisons: {
    payload: comparisonJob,
    options: {
      attempts: 3,
      backoff: { type: 'exponential', delay: 500 },
      removeOnComplete: true,
      removeOnFail: { count: KEEP_FAILED },
    } satisfies JobsOptions,
  },
} as const;

export type QueueName = keyof typeof queueCatalogue;
/** A queue that carries batches; each run has one, settled when it is submitted. */
export type BatchQueue = 'batches' | 'calls';
