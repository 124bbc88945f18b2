import type { RunFilter, RunMetricSpec, RunState, SettledTarget, StopCode } from '#libs/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import { createdAt, uuidKey, verbatimJson } from './columns.ts';

export const RunEntity = defineEntity({
  name: 'Run',
  tableName: 'evaluation_runs',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    name: p.text(),
    state: p.text().$type<RunState>(),
    reason: p.text().nullable(),
    datasetId: p.uuid(),
    datasetVersionId: p.uuid(),
    target: p.json<SettledTarget>().columnType('json'),
    metrics: p.json<RunMetricSpec[]>().columnType('json'),
    /** The part of the dataset version that is run; null: all of it. */
    filter: p.json<RunFilter>().columnType('json').nullable(),
    repeats: p.integer(),
    concurrency: p.integer(),
    /** Which queue its batches go through: of what is computed here, or of calls elsewhere. */
    queue: p.text().$type<'batches' | 'calls'>().default('batches'),
    maxCostUsd: p.double().nullable(),
    maxDurationMs: p.bigint('number').nullable(),
    /** When its time is over; moves on by every pause. */
    deadlineAt: p.datetime().nullable(),
    pausedAt: p.datetime().nullable(),
    timeoutMs: p.integer().default(120_000),
    maxRetries: p.integer().default(4),
    cache: p.boolean().default(false),
    tags: p.array().defaultRaw(`'{}'`),
    metadata: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    /** Evaluation items, counters of the closed ones, and what they cost. */
    total: p.integer(),
    done: p.integer().default(0),
    failed: p.integer().default(0),
    costUsd: p.decimal().columnType('numeric').default('0'),
    inputTokens: p.bigint('number').default(0),
    outputTokens: p.bigint('number').default(0),
    judgeCostUsd: p.decimal().columnType('numeric').default('0'),
    judgeInputTokens: p.bigint('number').default(0),
    judgeOutputTokens: p.bigint('number').default(0),
    cacheHits: p.integer().default(0),
    /** Why it stopped early, and the failures in a row that may make it stop. */
    stopCode: p.text().$type<StopCode>().nullable(),
    streakClass: p.text().nullable(),
    streak: p.integer().default(0),
    /** Rises with every change that a client may see. */
    version: p.bigint('number').default(1),
    /** Rises each time the run is opened again; names the jobs that happen once per opening. */
    generation: p.integer().default(1),
    /** How the run is cut, settled at submit. */
    batchSize: p.integer(),
    batchWindow: p.integer(),
    /** Items from here on are in no batch yet; the next batch gets this number. */
    nextItem: p.integer().default(0),
    nextBatch: p.integer().default(0),
    createdAt: createdAt(),
    updatedAt: p.datetime().defaultRaw('now()'),
    startedAt: p.datetime().nullable(),
    finishedAt: p.datetime().nullable(),
    /** Deleted for people, and restorable. */
    deletedAt: p.datetime().nullable(),
    /** The key that made it; null: the product itself, or a version of it that did not write it down. */
    createdBy: p.uuid().nullable(),
    /** What lists are filtered and ordered by. */
    targetKind: p.text().generated(`(target ->> 'kind') stored`).nullable(),
    model: p.text().generated(`(target ->> 'model') stored`).nullable(),
    sortName: p.text().collation('C').generated('(lower(name)) stored').nullable(),
    durationMs: p
      .double()
      .generated('(extract(epoch from finished_at - started_at) * 1000) stored')
      .nullable(),
  },
  indexes: [
    {
      name: 'evaluation_runs_creator_index',
      properties: ['projectId', 'createdBy', 'createdAt', 'id'],
    },
    {
      name: 'evaluation_runs_target_index',
      properties: ['projectId', 'targetKind', 'createdAt', 'id'],
    },
    { name: 'evaluation_runs_model_index', properties: ['projectId', 'model', 'createdAt', 'id'] },
    { name: 'evaluation_runs_name_index', properties: ['projectId', 'sortName', 'id'] },
    { name: 'evaluation_runs_finished_index', properties: ['projectId', 'finishedAt', 'id'] },
    { name: 'evaluation_runs_duration_index', properties: ['projectId', 'durationMs', 'id'] },
    { name: 'evaluation_runs_tags_index', properties: ['tags'], type: 'gin' },
    {
      name: 'evaluation_runs_deleted_index',
      properties: ['projectId', 'createdAt', 'id'],
      where: 'deleted_at is not null',
    },
    {
      name: 'evaluation_runs_project_index',
      properties: ['projectId', 'createdAt', 'id', 'state'],
    },
    { name: 'evaluation_runs_state_index', properties: ['projectId', 'state', 'createdAt', 'id'] },
    { name: 'evaluation_runs_dataset_index', properties: ['datasetId', 'createdAt', 'id'] },
    {
      name: 'evaluation_runs_series_index',
      properties: ['datasetId', 'name', 'createdAt', 'id'],
    },
    {
      name: 'evaluation_runs_deadline_index',
      properties: ['deadlineAt'],
      where: `state = 'running' and deadline_at is not null`,
    },
    {
      // Not on updatedAt: an index on a column that every batch changes would make each change dearer.
      name: 'evaluation_runs_unfinished_index',
      properties: ['createdAt'],
      where: `state in ('queued', 'running')`,
    },
  ],
});

/** The dataset items of a run that has a filter, by their place in the run. */
export const RunSelectionEntity = defineEntity({
  name: 'RunSelection',
  tableName: 'run_selections',
  properties: {
    runId: p.uuid().primary(),
    place: p.integer().primary(),
    position: p.integer(),
  },
});

export const RunBatchEntity = defineEntity({
  name: 'RunBatch',
  tableName: 'run_batches',
  properties: {
    runId: p.uuid().primary(),
    no: p.integer().primary(),
    /** The evaluation items `first` to `first + count - 1`. */
    first: p.integer(),
    count: p.integer(),
    /** Rises with each claim; with run and number it names the job. */
    attempt: p.integer(),
    state: p.text().$type<'open' | 'claimed' | 'leased' | 'done' | 'split'>(),
    /** Starts that ended neither in a result nor in an error: the worker was lost. */
    losses: p.integer().default(0),
    /** Starts that ended in an unexpected error. */
    faults: p.integer().default(0),
    claimedAt: p.datetime(),
    checkedAt: p.datetime(),
    /** Tries of its one item that failed before it was deferred. */
    tries: verbatimJson().nullable(),
    /** Whose code has it, and until when. */
    leaseId: p.uuid().nullable(),
    leaseExpiresAt: p.datetime().nullable(),
  },
  indexes: [
    {
      name: 'run_batches_claimed_index',
      properties: ['runId'],
      where: `state = 'claimed'`,
    },
    { name: 'run_batches_open_index', properties: ['runId', 'no'], where: `state = 'open'` },
    { name: 'run_batches_check_index', properties: ['checkedAt'], where: `state = 'claimed'` },
    { name: 'run_batches_range_index', properties: ['runId', 'first'] },
    { name: 'run_batches_leased_index', properties: ['runId', 'no'], where: `state = 'leased'` },
  ],
});

export const EvaluationItemEntity = defineEntity({
  name: 'EvaluationItem',
  tableName: 'evaluation_items',
  properties: {
    runId: p.uuid().primary(),
    /** Its place in the run: place of the dataset item in the run × repeats + repeat. */
    no: p.integer().primary(),
    key: p.text(),
    repeat: p.integer(),
    /** An item without a row is open too; `open` rows are items that were opened again. */
    status: p.text().$type<'open' | 'completed' | 'failed'>(),
    attempt: p.integer(),
    output: verbatimJson().nullable(),
    errorClass: p.text().nullable(),
    errorMessage: p.text().nullable(),
    latencyMs: p.double().nullable(),
    inputTokens: p.integer().nullable(),
    outputTokens: p.integer().nullable(),
    costUsd: p.double().nullable(),
    finishReason: p.text().nullable(),
    toolCalls: verbatimJson().nullable(),
    /** From when the item was taken up until the call that gave the output. */
    queueMs: p.double().nullable(),
    cached: p.boolean().default(false),
    traceId: p.text().nullable(),
    /** What the target said that it had retrieved. */
    context: verbatimJson().nullable(),
    judgeCostUsd: p.double().nullable(),
    createdAt: createdAt(),
  },
  indexes: [
    { name: 'evaluation_items_status_index', properties: ['runId', 'status', 'no'] },
    {
      name: 'evaluation_items_error_index',
      properties: ['runId', 'errorClass', 'no'],
      where: 'error_class is not null',
    },
    {
      // Failures of one class across runs, by time.
      name: 'evaluation_items_failed_index',
      properties: ['errorClass', 'createdAt', 'runId', 'no'],
      where: `status = 'failed'`,
    },
  ],
  uniques: [{ name: 'evaluation_items_key_unique', properties: ['runId', 'key', 'repeat'] }],
});

export const ScoreEntity = defineEntity({
  name: 'Score',
  tableName: 'scores',
  properties: {
    runId: p.uuid().primary(),
    no: p.integer().primary(),
    /** Index of the metric in the run's list. */
    metric: p.smallint().primary(),
    outcome: p.text().$type<'scored' | 'not_applicable' | 'error'>(),
    value: p.double().nullable(),
    category: p.text().nullable(),
    passed: p.boolean().nullable(),
    reason: p.text().nullable(),
    details: verbatimJson().nullable(),
    errorClass: p.text().nullable(),
    /** What its judge was paid. */
    costUsd: p.double().nullable(),
  },
  indexes: [
    {
      // "This metric under 0.5, worst first" and quantiles both read it in order, without the table.
      name: 'scores_value_index',
      properties: ['runId', 'metric', 'value', 'no'],
      where: 'value is not null',
    },
  ],
});

/** Calls that failed, whether the item was saved by a later one or not. */
export const ItemTryEntity = defineEntity({
  name: 'ItemTry',
  tableName: 'item_tries',
  properties: {
    runId: p.uuid().primary(),
    no: p.integer().primary(),
    /** Of the item, from 1. */
    attempt: p.integer().primary(),
    try: p.smallint().primary(),
    class: p.text(),
    message: p.text(),
    latencyMs: p.double().nullable(),
    at: p.datetime(),
  },
});

/** How often each class of errors came up in a run. */
export const RunErrorEntity = defineEntity({
  name: 'RunError',
  tableName: 'run_errors',
  properties: {
    runId: p.uuid().primary(),
    class: p.text().primary(),
    /** Items that failed with it, as things stand. */
    items: p.integer().default(0),
    tries: p.integer().default(0),
    scores: p.integer().default(0),
  },
  // Not only those with items: an index that a counter decides on would be written with each count.
  indexes: [{ name: 'run_errors_class_index', properties: ['class', 'runId'] }],
});

/** What a client's code answered for an item, before it is scored. */
export const ClientOutputEntity = defineEntity({
  name: 'ClientOutput',
  tableName: 'client_outputs',
  properties: {
    runId: p.uuid().primary(),
    no: p.integer().primary(),
    /** How often the item had been closed before. */
    attempt: p.integer().primary(),
    output: verbatimJson().nullable(),
    error: p.text().nullable(),
    latencyMs: p.double().nullable(),
    inputTokens: p.integer().nullable(),
    outputTokens: p.integer().nullable(),
    costUsd: p.double().nullable(),
    finishReason: p.text().nullable(),
    toolCalls: verbatimJson().nullable(),
    context: verbatimJson().nullable(),
    traceId: p.text().nullable(),
  },
});

/** What was handed out under a lease: an answer counts for the attempt that it was asked for. */
export const ClientLeaseEntity = defineEntity({
  name: 'ClientLease',
  tableName: 'client_leases',
  properties: {
    id: uuidKey(),
    runId: p.uuid(),
    items: p.json<{ no: number; attempt: number }[]>().columnType('json'),
    createdAt: createdAt(),
  },
  indexes: [{ name: 'client_leases_created_index', properties: ['createdAt'] }],
});

/** Exact running sums per run and metric: decimal, so that no order of batches changes a digit. */
export const RunMetricSumEntity = defineEntity({
  name: 'RunMetricSum',
  tableName: 'run_metric_sums',
  properties: {
    runId: p.uuid().primary(),
    metric: p.smallint().primary(),
    n: p.integer().default(0),
    sum: p.decimal().columnType('numeric').default('0'),
    sumOfSquares: p.decimal().columnType('numeric').default('0'),
    judged: p.integer().default(0),
    passed: p.integer().default(0),
    errors: p.integer().default(0),
    notApplicable: p.integer().default(0),
  },
});

/** Final aggregates, written when a run finishes. */
export const RunMetricEntity = defineEntity({
  name: 'RunMetric',
  tableName: 'run_metrics',
  properties: {
    runId: p.uuid().primary(),
    metric: p.smallint().primary(),
    /** Null where a worker of an older version finished the run. */
    projectId: p.uuid().nullable(),
    name: p.text(),
    n: p.integer(),
    mean: p.double().nullable(),
    standardDeviation: p.double().nullable(),
    standardError: p.double().nullable(),
    confidenceLow: p.double().nullable(),
    confidenceHigh: p.double().nullable(),
    min: p.double().nullable(),
    max: p.double().nullable(),
    p50: p.double().nullable(),
    p95: p.double().nullable(),
    passed: p.integer().nullable(),
    errors: p.integer(),
    notApplicable: p.integer(),
    failed: p.integer().default(0),
    worstCase: p.double().nullable(),
    bestCase: p.double().nullable(),
    reduced: p.json<unknown>().columnType('json').nullable(),
    categories: p.json<unknown>().columnType('json').nullable(),
    runLevel: p.json<unknown>().columnType('json').nullable(),
  },
  uniques: [{ name: 'run_metrics_name_unique', properties: ['runId', 'name'] }],
  indexes: [
    {
      // Runs of a project in the order of a metric.
      name: 'run_metrics_mean_index',
      properties: ['projectId', 'name', 'mean', 'runId'],
      where: 'mean is not null',
    },
  ],
});

/** What somebody wants to see again of the list of runs, under a name. */
export const RunViewEntity = defineEntity({
  name: 'RunView',
  tableName: 'run_views',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    name: p.text(),
    /** The parameters of the page's address. */
    search: verbatimJson(),
    createdAt: createdAt(),
  },
  uniques: [{ name: 'run_views_name_unique', properties: ['projectId', 'name'] }],
});

/** Jobs that a transaction decided on; they are sent after it commits, and again until that worked. */
export const OutboxEntity = defineEntity({
  name: 'Outbox',
  tableName: 'outbox',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    runId: p.uuid(),
    generation: p.integer(),
    job: p.text().$type<'start' | 'finish'>(),
    createdAt: createdAt(),
  },
  uniques: [{ name: 'outbox_job_unique', properties: ['runId', 'generation', 'job'] }],
});

export const IdempotencyKeyEntity = defineEntity({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  properties: {
    projectId: p.uuid().primary(),
    key: p.text().primary(),
    /** SHA-256 of the canonical body, hexadecimal. */
    bodyHash: p.text(),
    runId: p.uuid(),
    createdAt: createdAt(),
  },
  indexes: [{ name: 'idempotency_keys_created_index', properties: ['createdAt'] }],
});
