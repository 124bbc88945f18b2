import { z } from 'zod';
import { id, json, page, pageQuery, text, timestamp } from './common.ts';
import { errorClass } from './error-classes.ts';
import { defineOperation } from './operation.ts';

/** Every queue, by the kind of its jobs. */
export const queueNames = ['batches', 'calls', 'runs', 'comparisons'] as const;
export const queueName = z.enum(queueNames);

/** Everything of which the audit log keeps who did it. */
export const auditActions = [
  'project.create',
  'key.create',
  'key.revoke',
  'provider.create',
  'provider.update',
  'provider.delete',
  'secret.create',
  'secret.update',
  'secret.delete',
  'dataset.delete',
  'dataset.restore',
  'run.delete',
  'run.restore',
  'queue.pause',
  'queue.resume',
  'queue.drain',
  'queue.obliterate',
  'failures.retry',
  'board.retry',
] as const;
export const auditAction = z.enum(auditActions);
export type AuditAction = z.infer<typeof auditAction>;

export const auditEvent = z
  .object({
    id,
    at: timestamp,
    keyId: id,
    keyName: z.string().meta({ description: 'As the key was called then' }),
    projectId: id.nullable().meta({ description: 'null: it concerns the instance' }),
    address: z.string().meta({ description: 'Where the call came from' }),
    requestId: z.string(),
    action: auditAction,
    target: z.string().nullable().meta({ description: 'What was acted upon: an id, or a queue' }),
    details: z.record(z.string(), json),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEvent = z.infer<typeof auditEvent>;

const workerJob = z.object({
  queue: queueName,
  id: z.string(),
  since: timestamp,
});

export const worker = z
  .object({
    id,
    state: z
      .enum(['alive', 'lost'])
      .meta({ description: 'lost: silent for 15 seconds; after a minute it is left out' }),
    version: z.string(),
    hostname: z.string(),
    pid: z.int(),
    queues: z.array(z.object({ queue: queueName, concurrency: z.int() })),
    memoryBytes: z.int().meta({ description: 'Resident' }),
    jobCount: z.int().meta({ description: 'Jobs at work' }),
    jobs: z.array(workerJob).meta({ description: 'The oldest of them, 50 at most' }),
    startedAt: timestamp,
    seenAt: timestamp,
  })
  .meta({ id: 'Worker' });
export type Worker = z.infer<typeof worker>;

/** A replica of the API, as it told of itself within the last seconds. */
export const apiReplica = z
  .object({
    id,
    state: worker.shape.state,
    version: z.string(),
    hostname: z.string(),
    pid: z.int(),
    sockets: z.int().meta({ description: 'Open connections of clients' }),
    subscriptions: z.int().meta({ description: 'What its sockets watch, counted for each' }),
    rooms: z.int().meta({ description: 'Runs, comparisons and lists that are watched here' }),
    bufferedBytes: z.int().meta({ description: 'That wait for sockets to read them' }),
    databaseConnections: z.object({
      total: z.int(),
      idle: z.int(),
      waiting: z.int().meta({ description: 'Callers that wait for one' }),
    }),
    memoryBytes: z.int().meta({ description: 'Resident' }),
    memoryLimitBytes: z.int().meta({ description: 'From which on it takes no new sockets' }),
    memoryBusy: z.boolean().meta({ description: 'It takes none now' }),
    startedAt: timestamp,
    seenAt: timestamp,
  })
  .meta({ id: 'ApiReplica' });
export type ApiReplica = z.infer<typeof apiReplica>;

const rates = {
  donePerMinute: z.number().meta({ description: 'Jobs that ended well, in the last minute' }),
  failedPerMinute: z.number(),
  itemsPerMinute: z
    .number()
    .meta({ description: 'Evaluation items that were closed, in the last minute' }),
};

export const queue = z
  .object({
    name: queueName,
    paused: z.boolean(),
    waiting: z.int(),
    active: z.int(),
    delayed: z.int(),
    failed: z.int().meta({ description: 'Kept; the oldest beyond 1,000 are forgotten' }),
    oldestWaitSeconds: z
      .number()
      .nullable()
      .meta({ description: 'Age of the oldest waiting job; null where none waits' }),
    ...rates,
  })
  .meta({ id: 'Queue' });
export type Queue = z.infer<typeof queue>;

export const queueScaling = z
  .object({
    name: queueName,
    backlog: z.int().meta({
      description:
        'Of `batches` and `calls` the open items of runs, whether or not they are in the queue yet; of the others jobs',
    }),
    oldestWaitSeconds: queue.shape.oldestWaitSeconds,
    paused: z.boolean().nullable().meta({ description: 'null: the queue is away' }),
    ...rates,
    slots: z.int().meta({ description: 'Jobs that living workers do at the same time' }),
    drainSeconds: z
      .number()
      .nullable()
      .meta({ description: 'With the workers there are; null where that is not known' }),
    workersWanted: z.int(),
  })
  .meta({ id: 'QueueScaling' });
export type QueueScaling = z.infer<typeof queueScaling>;

export const scaling = z
  .object({
    targetSeconds: z.int(),
    workers: z.object({
      alive: z.int(),
      lost: z.int(),
      wanted: z.int().meta({
        description: 'That would drain every queue within the target; the most of its queues',
      }),
    }),
    queues: z.array(queueScaling),
  })
  .meta({ id: 'Scaling' });
export type Scaling = z.infer<typeof scaling>;

export const failedJob = z
  .object({
    id: z.string(),
    name: z.string(),
    runId: id.nullable(),
    batch: z.int().nullable(),
    comparisonId: id.nullable(),
    reason: z.string(),
    attempts: z.int(),
    failedAt: timestamp,
  })
  .meta({ id: 'FailedJob' });
export type FailedJob = z.infer<typeof failedJob>;

export const failureCount = z
  .object({
    runId: id,
    runName: z.string(),
    projectId: id,
    errorClass,
    items: z.int(),
  })
  .meta({ id: 'FailureCount' });
export type FailureCount = z.infer<typeof failureCount>;

export const failedItem = z
  .object({
    runId: id,
    projectId: id,
    no: z.int(),
    key: z.string(),
    repeat: z.int(),
    attempt: z.int(),
    errorClass,
    message: z.string().nullable(),
    failedAt: timestamp,
  })
  .meta({ id: 'FailedItem' });
export type FailedItem = z.infer<typeof failedItem>;

const dryRun = z
  .boolean()
  .default(false)
  .meta({ description: 'true: answers what it would touch, and touches nothing' });

/** What of all that failed is to be tried again. */
export const retryFailures = z
  .strictObject({
    jobs: z
      .strictObject({ queue: queueName, ids: z.array(text(200)).min(1).max(1000) })
      .optional()
      .meta({ description: 'Failed jobs: of batches, their failed items' }),
    runId: id.optional().meta({ description: 'Failed items of this run' }),
    projectId: id.optional().meta({
      description: 'Failed items of all runs of this project; `errorClasses` must be given',
    }),
    errorClasses: z.array(errorClass).min(1).optional(),
    dryRun,
  })
  .refine(
    ({ jobs, runId, projectId }) =>
      [jobs, runId, projectId].filter((given) => given !== undefined).length === 1,
    'give one of jobs, runId and projectId',
  )
  .refine(({ projectId, errorClasses }) => projectId === undefined || errorClasses !== undefined, {
    message: 'must be given with projectId',
    path: ['errorClasses'],
  })
  .refine(({ jobs, errorClasses }) => jobs === undefined || errorClasses === undefined, {
    message: 'goes with runId or projectId',
    path: ['errorClasses'],
  })
  .meta({ id: 'RetryFailures' });
export type RetryFailures = z.infer<typeof retryFailures>;

export const retriedFailures = z
  .object({
    dryRun: z.boolean(),
    items: z.int().meta({ description: 'Items that were opened again, or would be' }),
    jobs: z.int().meta({ description: 'Jobs that were sent again, or taken off the failed ones' }),
    runs: z.array(z.object({ runId: id, items: z.int() })),
    refused: z
      .array(z.object({ runId: id, code: z.string(), message: z.string() }))
      .meta({ description: 'Runs that cannot be retried as they are, and why' }),
    more: z.boolean().meta({ description: 'There are more runs than one call does: call again' }),
  })
  .meta({ id: 'RetriedFailures' });
export type RetriedFailures = z.infer<typeof retriedFailures>;

const queueParams = z.object({ queue: queueName });
const period = {
  from: timestamp.optional(),
  to: timestamp.optional().meta({ description: 'Exclusive' }),
};
const TAG = 'Administration';
const forInstance = 'For admin keys of the instance only.';
const confirmation = z.strictObject({
  confirm: z.string().meta({ description: "The queue's name, to say that it is meant" }),
});

const changeQueue = <const Id extends string, const Path extends string>(
  operationId: Id,
  path: Path,
  summary: string,
  description: string,
) =>
  defineOperation({
    id: operationId,
    method: 'POST',
    path,
    summary,
    description: `${forInstance} ${description}`,
    tag: TAG,
    role: 'admin',
    params: queueParams,
    status: 200,
    response: queue,
  });

const clearQueue = <const Id extends string, const Path extends string>(
  operationId: Id,
  path: Path,
  summary: string,
  description: string,
) =>
  defineOperation({
    id: operationId,
    method: 'POST',
    path,
    summary,
    description: `${forInstance} ${description}`,
    tag: TAG,
    role: 'admin',
    params: queueParams,
    body: confirmation,
    status: 200,
    response: queue,
  });

export const adminOperations = {
  listWorkers: defineOperation({
    id: 'listWorkers',
    method: 'GET',
    path: '/admin/workers',
    summary: 'List the worker processes, oldest first',
    description: forInstance,
    tag: TAG,
    role: 'admin',
    status: 200,
    response: page(worker),
  }),
  listReplicas: defineOperation({
    id: 'listReplicas',
    method: 'GET',
    path: '/admin/replicas',
    summary: 'List the replicas of the API with what they hold, oldest first',
    description: forInstance,
    tag: TAG,
    role: 'admin',
    status: 200,
    response: page(apiReplica),
  }),
  getScaling: defineOperation({
    id: 'getScaling',
    method: 'GET',
    path: '/admin/scaling',
    summary: 'How much there is to do, and how many workers it asks for',
    description: forInstance,
    tag: TAG,
    role: 'admin',
    query: z.object({
      target: z.coerce
        .number()
        .int()
        .min(1)
        .max(86_400)
        .default(60)
        .meta({ description: 'Seconds in which the backlog should be done' }),
    }),
    status: 200,
    response: scaling,
  }),
  listQueues: defineOperation({
    id: 'listQueues',
    method: 'GET',
    path: '/admin/queues',
    summary: 'List the queues with their counts, oldest wait and rates',
    description: forInstance,
    tag: TAG,
    role: 'admin',
    status: 200,
    response: page(queue),
  }),
  pauseQueue: changeQueue(
    'pauseQueue',
    '/admin/queues/{queue}/pause',
    'Pause a queue',
    'Jobs at work go on to their end; no worker takes another one.',
  ),
  resumeQueue: changeQueue(
    'resumeQueue',
    '/admin/queues/{queue}/resume',
    'Resume a queue',
    'Workers take jobs again.',
  ),
  drainQueue: clearQueue(
    'drainQueue',
    '/admin/queues/{queue}/drain',
    'Remove what waits in a queue',
    'Waiting and delayed jobs go; what runs still need is queued again by itself.',
  ),
  obliterateQueue: clearQueue(
    'obliterateQueue',
    '/admin/queues/{queue}/obliterate',
    'Remove everything from a queue',
    'Failed jobs and those at work too; what runs still need is queued again by itself.',
  ),
  listFailedJobs: defineOperation({
    id: 'listFailedJobs',
    method: 'GET',
    path: '/admin/queues/{queue}/failed-jobs',
    summary: 'List the failed jobs of a queue, newest first',
    description: forInstance,
    tag: TAG,
    role: 'admin',
    params: queueParams,
    query: pageQuery.extend({ runId: id.optional(), ...period }),
    status: 200,
    response: page(failedJob),
  }),
  listFailures: defineOperation({
    id: 'listFailures',
    method: 'GET',
    path: '/admin/failures',
    summary: 'Count failed items by run and class of error, newest run first',
    description: forInstance,
    tag: TAG,
    role: 'admin',
    query: pageQuery.extend({
      projectId: id.optional(),
      runId: id.optional(),
      errorClass: errorClass.optional(),
    }),
    status: 200,
    response: page(failureCount),
  }),
  listFailedItems: defineOperation({
    id: 'listFailedItems',
    method: 'GET',
    path: '/admin/failed-items',
    summary: 'List failed items across runs, newest first',
    description: forInstance,
    tag: TAG,
    role: 'admin',
    query: pageQuery.extend({
      runId: id.optional(),
      errorClass: errorClass.optional(),
      ...period,
    }),
    status: 200,
    response: page(failedItem),
  }),
  retryFailures: defineOperation({
    id: 'retryFailures',
    method: 'POST',
    path: '/admin/retries',
    summary: 'Try again what failed: jobs, a run, or a class of errors',
    description: `${forInstance} With \`dryRun\` nothing is touched.`,
    tag: TAG,
    role: 'admin',
    body: retryFailures,
    status: 200,
    response: retriedFailures,
  }),
  listAuditEvents: defineOperation({
    id: 'listAuditEvents',
    method: 'GET',
    path: '/admin/audit',
    summary: 'List what admins did, newest first',
    description: forInstance,
    tag: TAG,
    role: 'admin',
    query: pageQuery.extend({ action: auditAction.optional(), ...period }),
    status: 200,
    response: page(auditEvent),
  }),
};
