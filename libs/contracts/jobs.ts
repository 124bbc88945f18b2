import { z } from 'zod';
import { id } from './common.ts';

/** One batch of a run, at one attempt. Payloads are ids, never prompts or outputs. */
export const batchJob = z.object({ runId: id, batch: z.int(), attempt: z.int() });
export type BatchJob = z.infer<typeof batchJob>;

/** A step of a run's life that happens once per generation. */
export const runJob = z.object({ runId: id, generation: z.int() });
export type RunJob = z.infer<typeof runJob>;

/** A hint, on whatever way it comes, that a run's row has a new version. */
export const runChangedHint = z.object({ runId: id });

/** A hint that a comparison has a new version. */
export const comparisonChangedHint = z.object({ comparisonId: id });

/** One computation of a comparison. */
export const comparisonJob = z.object({ comparisonId: id, round: z.int() });
export type ComparisonJob = z.infer<typeof comparisonJob>;
