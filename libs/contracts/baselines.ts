import { z } from 'zod';
import { id, page, pageQuery, timestamp } from './common.ts';
import { verdictOutcomes } from './comparisons.ts';
import { gateOutcome } from './gates.ts';
import { defineOperation } from './operation.ts';

export const baseline = z
  .object({
    datasetId: id,
    runId: id,
    runName: z.string(),
    datasetVersion: z.int().meta({ description: 'That the run is of' }),
    pinnedAt: timestamp,
  })
  .meta({ id: 'Baseline' });
export type Baseline = z.infer<typeof baseline>;

/** What one answer tells of each baseline. */
export const baselineLimits = { runs: 5, gates: 20 } as const;

export const heldRun = z
  .object({
    runId: id,
    runName: z.string(),
    createdAt: timestamp,
    comparisonId: id,
    verdicts: z.array(z.object({ metric: z.string(), outcome: z.enum(verdictOutcomes) })).meta({
      description: 'Of the run beside the baseline, when they were compared last',
    }),
    gates: z
      .array(z.object({ gateId: id, gateName: z.string(), outcome: gateOutcome }))
      .meta({ description: 'As they were checked last' }),
  })
  .meta({ id: 'HeldRun' });
export type HeldRun = z.infer<typeof heldRun>;

export const pinnedBaseline = baseline
  .extend({
    datasetName: z.string(),
    held: z.array(heldRun).meta({
      description: 'Runs that were compared with it as a whole, the newest first, at most 5',
    }),
  })
  .meta({ id: 'PinnedBaseline' });
export type PinnedBaseline = z.infer<typeof pinnedBaseline>;

const params = z.object({ id });

export const baselineOperations = {
  listBaselines: defineOperation({
    id: 'listBaselines',
    method: 'GET',
    path: '/baselines',
    summary: 'List pinned baselines, each with the runs that were held against it',
    description:
      'By dataset, the newest dataset first; those of deleted datasets only where their dataset is asked for.',
    tag: 'Gates',
    role: 'viewer',
    query: pageQuery.extend({
      datasetId: id.optional().meta({ description: 'Only the baseline of this dataset, if any' }),
    }),
    status: 200,
    response: page(pinnedBaseline),
  }),
  pinBaseline: defineOperation({
    id: 'pinBaseline',
    method: 'POST',
    path: '/datasets/{id}/baseline',
    summary: 'Pin a run as the baseline of its dataset',
    description:
      'In place of the one before. Every run of the dataset that completes from now on is compared with it, and its gates are checked, without being asked for.',
    tag: 'Gates',
    role: 'editor',
    params,
    body: z.strictObject({
      runId: id.meta({ description: 'A completed run of this dataset' }),
    }),
    status: 200,
    response: baseline,
  }),
  getBaseline: defineOperation({
    id: 'getBaseline',
    method: 'GET',
    path: '/datasets/{id}/baseline',
    summary: 'Get the pinned baseline of a dataset',
    tag: 'Gates',
    role: 'viewer',
    params,
    status: 200,
    response: baseline,
  }),
  unpinBaseline: defineOperation({
    id: 'unpinBaseline',
    method: 'DELETE',
    path: '/datasets/{id}/baseline',
    summary: 'Take the pin of a baseline away; the run stays',
    tag: 'Gates',
    role: 'editor',
    params,
    status: 204,
  }),
};
