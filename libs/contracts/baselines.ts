import { z } from 'zod';
import { id, timestamp } from './common.ts';
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

const params = z.object({ id });

export const baselineOperations = {
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
