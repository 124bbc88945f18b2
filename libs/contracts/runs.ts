import { z } from 'zod';
import { flag, id, json, metadata, page, pageQuery, tags, text, timestamp } from './common.ts';
import { defineOperation } from './operation.ts';
import { toolCall } from './recordings.ts';

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

/** What produces an output for an item. */
export const target = z
  .union(
    [
      z.strictObject({ kind: z.literal('recorded'), recordingId: id }),
      z.strictObject({ kind: z.literal('recorded'), runId: id }),
    ],
    {
      error:
        'must be {"kind": "recorded", "recordingId": …} or {"kind": "recorded", "runId": …}; other kinds of target are not built yet',
    },
  )
  .meta({ id: 'Target' });
export type Target = z.infer<typeof target>;

const dottedPath = text(500).regex(
  /^[^.]+(\.[^.]+)*$/,
  'must be a dotted path such as answer.text',
);

export const reducers = ['mean', 'any', 'all', 'majority'] as const;
/** How the scores of one item's repeats become one. */
export const reducer = z.enum(reducers);
export type Reducer = z.infer<typeof reducer>;

export const threshold = z.union(
  [
    z.number(),
    z
      .strictObject({ min: z.number().optional(), max: z.number().optional() })
      .refine(({ min, max }) => min !== undefined || max !== undefined, 'give min, max or both')
      .refine(({ min, max }) => (min ?? -Infinity) <= (max ?? Infinity), 'min is above max'),
  ],
  { error: 'must be a number, or an object with min, max or both' },
);

/** A metric as a run uses it: which one, under which name, configured how, applied to what. */
export const metricSpec = z
  .strictObject({
    metric: text(100).meta({ description: 'From the catalogue', example: 'exact_match' }),
    name: text(100).optional().meta({ description: 'Its name in this run; left out: the metric' }),
    config: z.record(z.string(), json).optional(),
    output: dottedPath.optional().meta({ description: 'Path to what is scored in a JSON output' }),
    expected: dottedPath.optional().meta({ description: 'Path to the reference in expected' }),
    extract: text(1000).optional().meta({
      description: 'A regular expression (RE2); the first group of its last match is scored',
    }),
    threshold: threshold.optional().meta({
      description:
        'When a score passes: a number is the least value, or the greatest where lower is better; an object gives both ends',
    }),
    reducer: reducer.optional().meta({
      description:
        'How the repeats of an item become one value; left out: mean. `any`, `all` and `majority` (more than half) count those that passed',
    }),
  })
  .meta({ id: 'MetricSpec' });
export type MetricSpec = z.infer<typeof metricSpec>;

/** A metric of a stored run: its name is settled. */
export const runMetricSpec = metricSpec.extend({ name: z.string() }).meta({ id: 'RunMetricSpec' });
export type RunMetricSpec = z.infer<typeof runMetricSpec>;

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

/** A metric of a run at a glance, on what is done so far. */
export const metricSnapshot = z
  .object({
    name: z.string(),
    n: z.int(),
    mean: z.number().nullable(),
    errors: z.int(),
    notApplicable: z.int(),
  })
  .meta({ id: 'MetricSnapshot' });
export type MetricSnapshot = z.infer<typeof metricSnapshot>;

export const run = z
  .object({
    id,
    name: z.string(),
    state: runState,
    reason: z.string().nullable().meta({ description: 'Why it failed, where it did' }),
    datasetId: id,
    datasetName: z.string(),
    datasetVersion: z.int(),
    filter: runFilter.nullable(),
    target,
    metrics: z.array(runMetricSpec),
    repeats: z.int(),
    concurrency: z.int(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), json),
    total: z.int().meta({ description: 'Evaluation items: dataset items × repeats' }),
    done: z.int().meta({ description: 'Closed items, failed ones included' }),
    failed: z.int(),
    costUsd: z.number(),
    inputTokens: z.int(),
    outputTokens: z.int(),
    summary: z.array(metricSnapshot),
    version: z.int().meta({ description: 'Rises with every change of the run' }),
    createdAt: timestamp,
    startedAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
    deletedAt: timestamp.nullable(),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof run>;

/** The closed set of reasons for which an item fails; issue by issue it grows with the targets. */
export const errorClasses = [
  'output_missing',
  'recorded_error',
  'target_error',
  'internal_error',
  'worker_lost',
] as const;
export const errorClass = z.enum(errorClasses);
export type ErrorClass = z.infer<typeof errorClass>;

export const score = z
  .object({
    name: z.string(),
    value: z.union([z.number(), z.boolean(), z.string()]).nullable(),
    passed: z.boolean().optional(),
    reason: z.string().optional(),
    notApplicable: z.boolean().optional().meta({ description: 'The item lacks what it needs' }),
    error: z.string().optional().meta({ description: 'The scorer broke; never counted as 0' }),
    details: json.optional().meta({ description: 'How the value came about' }),
  })
  .meta({ id: 'Score' });
export type Score = z.infer<typeof score>;

export const evaluationItem = z
  .object({
    no: z.int().meta({ description: 'Its place in the run, from 0' }),
    key: z.string(),
    repeat: z.int().meta({ description: 'Counted from 0' }),
    status: z.enum(['completed', 'failed']),
    input: json,
    expected: json.nullable(),
    output: json.nullable(),
    scores: z.array(score),
    error: z.object({ class: errorClass, message: z.string() }).optional(),
    attempt: z.int().meta({ description: '1, and one more for each retry' }),
    latencyMs: z.number().optional(),
    inputTokens: z.int().optional(),
    outputTokens: z.int().optional(),
    costUsd: z.number().optional(),
    finishReason: z.string().optional(),
    toolCalls: z.array(toolCall).optional(),
  })
  .meta({ id: 'EvaluationItem' });
export type EvaluationItem = z.infer<typeof evaluationItem>;

/** One of the values of pass@k or pass^k. */
const atK = z.object({
  k: z.int(),
  value: z.number().meta({ description: 'Mean over the items that have at least k repeats' }),
  n: z.int().meta({ description: 'Items that have at least k scored repeats' }),
});

/** A metric over dataset items, where each was repeated: what their repeats say together. */
export const reducedMetric = z
  .object({
    reducer,
    n: z.int().meta({ description: 'Items with at least one score' }),
    mean: z.number().nullable(),
    standardDeviation: z.number().nullable().meta({ description: 'Between items' }),
    standardError: z.number().nullable(),
    confidenceLow: z.number().nullable(),
    confidenceHigh: z.number().nullable(),
    mixed: z.int().nullable().meta({
      description: 'Items of which some repeats passed and some did not; null: nothing passes here',
    }),
    passAt: z.array(atK).meta({
      description: 'pass@k: the chance that at least one of k repeats passes; unbiased',
    }),
    passAll: z.array(atK).meta({
      description: 'pass^k: the chance that all of k repeats pass; unbiased',
    }),
  })
  .meta({ id: 'ReducedMetric' });
export type ReducedMetric = z.infer<typeof reducedMetric>;

export const runMetric = z
  .object({
    name: z.string(),
    metric: z.string(),
    n: z.int().meta({ description: 'Scores that count' }),
    mean: z.number().nullable(),
    standardDeviation: z.number().nullable().meta({ description: 'Of the sample (n − 1)' }),
    standardError: z.number().nullable(),
    confidenceLow: z.number().nullable().meta({
      description: 'Lower end of the 95 % interval: Wilson for boolean scores, t for numeric ones',
    }),
    confidenceHigh: z.number().nullable(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    p50: z.number().nullable().meta({ description: 'Only once the run is completed' }),
    p95: z.number().nullable(),
    passed: z.int().nullable().meta({ description: 'Scores that passed, where the metric judges' }),
    errors: z.int(),
    notApplicable: z.int(),
    failed: z.int().meta({ description: 'Closed items that failed, and so have no score' }),
    worstCase: z.number().nullable().meta({
      description:
        'The mean if every item without a score (error, not applicable, failed) had the worst value; null where there is no worst value',
    }),
    bestCase: z.number().nullable(),
    reduced: reducedMetric.nullable().meta({
      description: 'Over items; null without repeats, and until the run is completed',
    }),
    categories: z
      .array(z.object({ category: z.string(), count: z.int() }))
      .nullable()
      .meta({ description: 'Of a categorical metric, the most frequent first, at most 100' }),
    runLevel: z
      .object({
        values: z.array(
          z.object({ name: z.string(), title: z.string(), value: z.number().nullable() }),
        ),
        details: json.nullable(),
      })
      .nullable()
      .meta({ description: 'Values of the run as a whole; null until the run is completed' }),
  })
  .meta({ id: 'RunMetric' });
export type RunMetric = z.infer<typeof runMetric>;

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
  listRuns: defineOperation({
    id: 'listRuns',
    method: 'GET',
    path: '/runs',
    summary: 'List the runs, newest first',
    tag: 'Runs',
    role: 'viewer',
    query: pageQuery.extend({
      state: runState.optional(),
      datasetId: id.optional(),
      deleted: flag.optional().meta({ description: 'true: the deleted ones' }),
    }),
    status: 200,
    response: page(run),
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
    description:
      'In the order of the dataset, or, with `metric`, in the order of its scores: `sort=worst` or `sort=best`, by the direction of the metric; `min` and `max` bound the value.',
    tag: 'Runs',
    role: 'viewer',
    params: runParams,
    query: pageQuery.extend({
      status: z.enum(['completed', 'failed']).optional(),
      metric: text(100).optional().meta({ description: "A metric's name in this run" }),
      min: z.coerce.number().optional(),
      max: z.coerce.number().optional(),
      sort: z.enum(['position', 'worst', 'best']).default('position'),
    }),
    status: 200,
    response: page(evaluationItem),
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
  retryRun: control('retryRun', '/runs/{id}/retry', 'Open the failed items of a run again'),
};
