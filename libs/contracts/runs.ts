import { z } from 'zod';
import { id, json, metadata, page, pageQuery, tags, text, timestamp } from './common.ts';
import { errorClass } from './error-classes.ts';
import { evaluationItem, itemFilter, RUN_ITEMS_SEARCHED_AT_ONCE } from './evaluation-items.ts';
import { metricSpec, runMetricSpec } from './metric-specs.ts';
import { defineOperation } from './operation.ts';
import { metricSnapshot, runMetric } from './run-metrics.ts';
import { settledTarget, target } from './targets.ts';

export const runStates = [
  'queued',
  'running',
  'paused',
  'completed',
  'failed',
  'canceled',
] as const;
export const runState = z.enum(runStates);
export type RunState = z.infer<typeof runState>;

/** A part of a dataset version: items that meet all that is given, any of each list. */
export const runFilter = z
  .strictObject({
    splits: z.array(text(100)).min(1).max(50).optional(),
    tags: z.array(text(100)).min(1).max(50).optional(),
    keys: z.array(text(500)).min(1).max(10_000).optional(),
  })
  .refine(({ splits, tags, keys }) => splits ?? tags ?? keys, 'give splits, tags or keys')
  .meta({ id: 'RunFilter' });
export type RunFilter = z.infer<typeof runFilter>;

const maxCostUsd = z.number().positive().max(1e6).meta({
  description:
    'The run stops once target and judges have cost this much; what is in flight still ends. What recorded outputs cost when they were made does not count',
});
const maxDurationMs = z
  .int()
  .min(1000)
  .max(30 * 86_400_000)
  .meta({
    description: 'The run stops after this time, pauses left out; what is in flight is aborted',
  });

export const submitRun = z
  .strictObject({
    name: text(200),
    datasetId: id,
    datasetVersion: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .meta({ description: 'Left out: the latest' }),
    filter: runFilter.optional().meta({ description: 'Runs a part only; left out: every item' }),
    target,
    metrics: z.array(metricSpec).min(1, 'give at least one metric').max(50, 'at most 50 metrics'),
    repeats: z.int().min(1).max(100).default(1),
    concurrency: z.int().min(1).max(1000).default(10).meta({ description: 'Items in flight' }),
    maxCostUsd: maxCostUsd.optional(),
    maxDurationMs: maxDurationMs.optional(),
    timeoutMs: z.int().min(100).max(3_600_000).default(120_000).meta({
      description: 'For one call of the target or of a judge',
    }),
    maxRetries: z.int().min(0).max(20).default(4).meta({
      description:
        'Of one call, for what can heal: server errors, time-outs, broken connections; five times as many for rate limits',
    }),
    cache: z.boolean().default(false).meta({
      description:
        'Answers that were given before to the very same call, repeat included, are used again',
    }),
    tags: tags.default([]),
    metadata: metadata.default({}),
  })
  .meta({ id: 'SubmitRun' });
export type SubmitRun = z.infer<typeof submitRun>;

export const updateRun = z
  .strictObject({
    name: text(200).optional(),
    tags: tags.optional(),
    metadata: metadata.optional().meta({ description: 'Replaces all of it' }),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    message: 'give name, tags or metadata',
  })
  .meta({ id: 'UpdateRun' });
export type UpdateRun = z.infer<typeof updateRun>;

/** Opens items again; left out: all that failed. */
export const retryRun = z
  .strictObject({
    errorClasses: z.array(errorClass).min(1).optional().meta({
      description: 'Only items that failed with one of these',
    }),
    maxCostUsd: maxCostUsd.nullish().meta({ description: 'A new cap; null: none any more' }),
    maxDurationMs: maxDurationMs.nullish().meta({
      description: 'A new cap, counted from now; null: none any more. Left out: the same again',
    }),
  })
  .meta({ id: 'RetryRun' });
export type RetryRun = z.infer<typeof retryRun>;

/** What a clone does differently; what is left out is as in the run that is cloned. */
export const cloneRun = z
  .strictObject({
    // Without the defaults of a submit: what is left out is as it was.
    name: submitRun.shape.name.optional(),
    datasetId: id.optional(),
    datasetVersion: submitRun.shape.datasetVersion.nullable().meta({
      description: 'null: the latest; left out: as it was, or the latest of another dataset',
    }),
    filter: runFilter.nullish(),
    target: target.optional(),
    metrics: submitRun.shape.metrics.optional(),
    repeats: submitRun.shape.repeats.unwrap().optional(),
    concurrency: submitRun.shape.concurrency.unwrap().optional(),
    maxCostUsd: maxCostUsd.nullish(),
    maxDurationMs: maxDurationMs.nullish(),
    timeoutMs: submitRun.shape.timeoutMs.unwrap().optional(),
    maxRetries: submitRun.shape.maxRetries.unwrap().optional(),
    cache: submitRun.shape.cache.unwrap().optional(),
    tags: tags.optional(),
    metadata: metadata.optional(),
  })
  .meta({ id: 'CloneRun' });
export type CloneRun = z.infer<typeof cloneRun>;

/** Why a run stopped early. */
export const stopCodes = ['same_error', 'cost_cap', 'time_cap'] as const;
export const stopCode = z.enum(stopCodes);
export type StopCode = z.infer<typeof stopCode>;

/** How often errors of a class came up in a run. */
export const runError = z
  .object({
    class: errorClass,
    items: z.int().meta({ description: 'Items that failed with it, as things stand' }),
    tries: z
      .int()
      .meta({ description: 'Single tries that ended with it, those that healed included' }),
    scores: z.int().meta({ description: 'Scores that broke with it' }),
  })
  .meta({ id: 'RunError' });
export type RunError = z.infer<typeof runError>;

/** Whose key made a run. */
export const runCreator = z.object({ keyId: id, name: z.string() }).meta({ id: 'RunCreator' });
export type RunCreator = z.infer<typeof runCreator>;

export const run = z
  .object({
    id,
    name: z.string(),
    state: runState,
    reason: z.string().nullable().meta({
      description: 'Why it stopped early, where it did, with its figures as they are now',
    }),
    stopCode: stopCode.nullable(),
    datasetId: id,
    datasetName: z.string(),
    datasetVersion: z.int(),
    filter: runFilter.nullable(),
    target: settledTarget,
    metrics: z.array(runMetricSpec),
    repeats: z.int(),
    concurrency: z.int(),
    maxCostUsd: z.number().nullable(),
    maxDurationMs: z.int().nullable(),
    timeoutMs: z.int(),
    maxRetries: z.int(),
    cache: z.boolean(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), json),
    total: z.int().meta({ description: 'Evaluation items: dataset items × repeats' }),
    done: z.int().meta({ description: 'Closed items, failed ones included' }),
    failed: z.int(),
    errors: z.array(runError).meta({ description: 'By class, only those that came up' }),
    costUsd: z.number().meta({ description: 'Of the target; retried items are paid twice' }),
    inputTokens: z.int(),
    outputTokens: z.int(),
    judgeCostUsd: z
      .number()
      .meta({ description: 'Of judges and embeddings, as far as their prices are known' }),
    judgeInputTokens: z.int(),
    judgeOutputTokens: z.int(),
    cacheHits: z.int().meta({ description: 'Items whose output came from the response cache' }),
    summary: z.array(metricSnapshot),
    version: z.int().meta({ description: 'Rises with every change of the run' }),
    createdBy: runCreator.nullable().meta({ description: 'null: it is not known' }),
    createdAt: timestamp,
    startedAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
    deletedAt: timestamp.nullable(),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof run>;

const runParams = z.object({ id });

const control = <const Id extends string, const Path extends string>(
  operationId: Id,
  path: Path,
  summary: string,
) =>
  defineOperation({
    id: operationId,
    method: 'POST',
    path,
    summary,
    tag: 'Runs',
    role: 'editor',
    params: runParams,
    status: 200,
    response: run,
  });

export const runOperations = {
  submitRun: defineOperation({
    id: 'submitRun',
    method: 'POST',
    path: '/runs',
    summary: 'Submit a run',
    description:
      'What is answered with 201 always runs. With an Idempotency-Key, kept for 7 days, the same body gives the same run and another body gives 422.',
    tag: 'Runs',
    role: 'editor',
    headers: z.object({ 'idempotency-key': text(255).optional() }),
    body: submitRun,
    status: 201,
    response: run,
  }),
  getRun: defineOperation({
    id: 'getRun',
    method: 'GET',
    path: '/runs/{id}',
    summary: 'Get a run',
    tag: 'Runs',
    role: 'viewer',
    params: runParams,
    status: 200,
    response: run,
  }),
  listRunItems: defineOperation({
    id: 'listRunItems',
    method: 'GET',
    path: '/runs/{id}/items',
    summary: 'List the closed items of a run',
    description: `In the order of the dataset, or, with \`metric\`, in the order of its scores: \`sort=worst\` or \`sort=best\`, by the direction of the metric; \`min\` and \`max\` bound the value. For \`search\`, \`passed\`, \`category\` and slices ${RUN_ITEMS_SEARCHED_AT_ONCE} items are looked through for a page: it may hold fewer than \`limit\`, or none, and still have a \`nextCursor\`, which goes on where it ended.`,
    tag: 'Runs',
    role: 'viewer',
    params: runParams,
    query: pageQuery.extend(itemFilter.shape),
    status: 200,
    response: page(evaluationItem).extend({
      looked: z.int().optional().meta({
        description:
          'Of `search`, `passed`, `category` or a slice: how many items were looked through from the first page up to the end of this one',
      }),
    }),
  }),
  listRunMetrics: defineOperation({
    id: 'listRunMetrics',
    method: 'GET',
    path: '/runs/{id}/metrics',
    summary: 'Aggregates of a run, one per metric; on what is done while it still goes',
    tag: 'Runs',
    role: 'viewer',
    params: runParams,
    status: 200,
    response: page(runMetric),
  }),
  updateRun: defineOperation({
    id: 'updateRun',
    method: 'PATCH',
    path: '/runs/{id}',
    summary: 'Rename a run, or change its tags or metadata',
    tag: 'Runs',
    role: 'editor',
    params: runParams,
    body: updateRun,
    status: 200,
    response: run,
  }),
  deleteRun: defineOperation({
    id: 'deleteRun',
    method: 'DELETE',
    path: '/runs/{id}',
    summary: 'Delete a run; it can be restored',
    description: 'Only one that has finished or was canceled.',
    tag: 'Runs',
    role: 'editor',
    params: runParams,
    status: 204,
  }),
  restoreRun: control('restoreRun', '/runs/{id}/restore', 'Take the deletion of a run back'),
  pauseRun: control(
    'pauseRun',
    '/runs/{id}/pause',
    'Pause a run; what is in flight is still stored',
  ),
  resumeRun: control('resumeRun', '/runs/{id}/resume', 'Resume a paused run'),
  cancelRun: control('cancelRun', '/runs/{id}/cancel', 'Cancel a run for good'),
  retryRun: defineOperation({
    id: 'retryRun',
    method: 'POST',
    path: '/runs/{id}/retry',
    summary: 'Open the failed items of a run again, or continue one that stopped early',
    description:
      'A run that stopped at a cap goes on only with a higher one: give `maxCostUsd` or `maxDurationMs`.',
    tag: 'Runs',
    role: 'editor',
    params: runParams,
    body: retryRun.default({}),
    status: 200,
    response: run,
  }),
};
