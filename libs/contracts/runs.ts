import { z } from 'zod';
import { flag, id, json, metadata, page, pageQuery, tags, text, timestamp } from './common.ts';
import { errorClass } from './error-classes.ts';
import { defineOperation } from './operation.ts';
import { toolCall } from './recordings.ts';
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
    judgeCostUsd: z.number().meta({ description: 'Of judges and embeddings' }),
    judgeInputTokens: z.int(),
    judgeOutputTokens: z.int(),
    cacheHits: z.int().meta({ description: 'Items whose output came from the response cache' }),
    summary: z.array(metricSnapshot),
    version: z.int().meta({ description: 'Rises with every change of the run' }),
    createdAt: timestamp,
    startedAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
    deletedAt: timestamp.nullable(),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof run>;

export const score = z
  .object({
    name: z.string(),
    value: z.union([z.number(), z.boolean(), z.string()]).nullable(),
    passed: z.boolean().optional(),
    reason: z.string().optional(),
    notApplicable: z.boolean().optional().meta({ description: 'The item lacks what it needs' }),
    error: z.string().optional().meta({ description: 'The scorer broke; never counted as 0' }),
    errorClass: errorClass.optional(),
    costUsd: z.number().optional().meta({ description: 'What its judge cost' }),
    details: json.optional().meta({ description: 'How the value came about' }),
  })
  .meta({ id: 'Score' });
export type Score = z.infer<typeof score>;

/** A call that failed, before the item was tried again or given up; or why an attempt failed without one. */
export const failedTry = z
  .object({
    attempt: z
      .int()
      .meta({ description: 'Of the item: 1, and one more for each retry of the run' }),
    class: errorClass,
    message: z.string(),
    latencyMs: z.number().optional(),
    at: timestamp,
  })
  .meta({ id: 'FailedTry' });

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
    tries: z.array(failedTry).meta({
      description:
        'The calls that failed, of all attempts, in their order; and why an earlier attempt failed where no call did',
    }),
    attempt: z.int().meta({ description: '1, and one more for each retry' }),
    latencyMs: z.number().optional().meta({ description: 'Of the call that gave the output' }),
    queueMs: z.number().optional().meta({
      description:
        'From the moment at which the item was taken up until that call: limits, pauses, failed tries',
    }),
    inputTokens: z.int().optional(),
    outputTokens: z.int().optional(),
    costUsd: z.number().optional(),
    judgeCostUsd: z.number().optional(),
    cached: z.boolean().optional().meta({ description: 'The output came from the response cache' }),
    finishReason: z.string().optional(),
    traceId: z.string().optional(),
    context: json.optional().meta({ description: 'What the target said that it had retrieved' }),
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
      errorClass: errorClass.optional().meta({
        description: 'Only items that failed with it',
      }),
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
