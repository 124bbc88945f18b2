import type { BatchJob, ComparisonJob, RunJob } from '#libs/contracts';
import type { Config, Logger } from '#libs/config';
import { DelayedError, type Job } from 'bullmq';
import {
  postgresBackend,
  redisBackend,
  type AnyQueue,
  type QueueBackend,
  type RunningWorker,
} from './backend.ts';
import { queueCatalogue, type BatchQueue, type QueueName } from './catalogue.ts';

/** What the jobs of each queue carry. */
export interface Payloads {
  batches: BatchJob;
  calls: BatchJob;
  runs: RunJob;
  comparisons: ComparisonJob;
}
const payloads: { [Name in QueueName]: { parse(data: unknown): Payloads[Name] } } = {
  batches: queueCatalogue.batches.payload,
  calls: queueCatalogue.calls.payload,
  runs: queueCatalogue.runs.payload,
  comparisons: queueCatalogue.comparisons.payload,
};

/** A step of a run's life that happens once per generation. */
export type RunStep = 'start' | 'finish';

/** What the queue says of a job, for the reconciler. */
export type JobVerdict = 'pending' | 'missing' | 'finished';

/** Hears of each job that is begun here, and then how it ended. */
export type JobObserver = (
  queue: QueueName,
  jobId: string,
) => (outcome: 'done' | 'failed' | 'deferred') => void;

/** Why a job failed, in words made for people: the queue keeps and shows them as they are. */
export class JobFailure extends Error {
  override name = 'JobFailure';
}

/** A job that failed and is kept; what it carried are ids. */
export interface FailedJob {
  id: string;
  name: string;
  payload: BatchJob | RunJob | ComparisonJob;
  reason: string;
  attempts: number;
  /** Milliseconds since the epoch. */
  failedAt: number;
}

/** How many jobs a queue holds, by their state; those of a paused queue wait. */
export interface QueueState {
  paused: boolean;
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  /** Age of the oldest job that waits; null where none does. */
  oldestWaitSeconds: number | null;
}

/** What a handler may ask of the job that it works on. */
export interface JobHandle {
  /** The job's name: for the queue `runs`, the step. */
  name: string;
  /** How often this job has ended before: more than 0 means that a person retried it. */
  attemptsMade: number;
  /** Hints to every API replica that a run has a new version. Never throws: hints may be lost. */
  hint(runId: string): Promise<void>;
  /**
   * Gives the worker's place to other jobs and comes back after that many milliseconds, as the same
   * job, which has not ended: `attemptsMade` stays. Throws what the handler must let through.
   */
  defer(delayMs: number): Promise<never>;
}

export type Handler<Name extends QueueName> = (
  payload: Payloads[Name],
  job: JobHandle,
) => Promise<void>;

/** The queues of one process, on whichever backend: producers, workers, and a look at jobs. */
export interface Queues {
  kind: QueueBackend['kind'];
  /** For Bull Board. */
  boards: AnyQueue[];
  /** Adds batches in one call. A batch whose id the queue holds already is left as it is. */
  addBatches(queue: BatchQueue, jobs: readonly BatchJob[]): Promise<void>;
  addRunStep(step: RunStep, job: RunJob): Promise<void>;
  batchVerdict(queue: BatchQueue, job: BatchJob): Promise<JobVerdict>;
  runStepVerdict(step: RunStep, job: RunJob): Promise<JobVerdict>;
  addComparison(job: ComparisonJob): Promise<void>;
  comparisonVerdict(job: ComparisonJob): Promise<JobVerdict>;
  /** Tells every API replica that a comparison has a new version. Never throws: it may be lost. */
  announceComparison(comparisonId: string): Promise<void>;
  startWorker<Name extends QueueName>(
    name: Name,
    concurrency: number,
    handler: Handler<Name>,
    observer?: JobObserver,
  ): RunningWorker;
  state(name: QueueName): Promise<QueueState>;
  /** The failed jobs, newest first: `count` of them from the place `from` on. */
  failedJobs(name: QueueName, from: number, count: number): Promise<FailedJob[]>;
  /** Those of the jobs that have failed and are kept. */
  findFailedJobs(name: QueueName, ids: readonly string[]): Promise<FailedJob[]>;
  /** Sends a failed job again, as itself. False where it is no failed job any more. */
  retryJob(name: QueueName, id: string): Promise<boolean>;
  /** Takes a failed job off the list. */
  removeJob(name: QueueName, id: string): Promise<void>;
  /** Workers take no more jobs of it, on all machines; those at work go on. */
  pause(name: QueueName): Promise<void>;
  resume(name: QueueName): Promise<void>;
  /** Removes what waits, delayed jobs too. Claims of the tables whose jobs are gone are found. */
  drain(name: QueueName): Promise<void>;
  /** Removes every job, those at work too. The queue is paused afterwards where it was before. */
  obliterate(name: QueueName): Promise<void>;
  /** Calls back with whatever hint arrives; see `JobHandle.hint` and `hintInTransaction`. */
  listenForHints(onHint: (payload: unknown) => void): Promise<() => Promise<void>>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

const batchJobId = ({ runId, batch, attempt }: BatchJob): string => `${runId}-${batch}-${attempt}`;
const runStepJobId = (step: RunStep, { runId, generation }: RunJob): string =>
  `${step}-${runId}-${generation}`;
const comparisonJobId = ({ comparisonId, round }: ComparisonJob): string =>
  `compare-${comparisonId}-${round}`;

/**
 * Opens the queues on Redis where `config.redisUrl` is set, else on PostgreSQL, whose tables for the
 * queue it then brings up to date. A Redis that is away at the start is no error.
 */
export async function openQueues(
  config: Pick<Config, 'redisUrl' | 'databaseUrl' | 'queuePrefix' | 'queueLockMs'>,
  logger: Logger,
): Promise<Queues> {
  const onError = throttled((error) => logger.warn({ err: error }, 'queue connection'));
  const backend = openBackend(config, onError);
  await backend.migrate();
  const queues = {
    batches: backend.openQueue('batches'),
    calls: backend.openQueue('calls'),
    runs: backend.openQueue('runs'),
    comparisons: backend.openQueue('comparisons'),
  };

  const ask = async <Answer>(question: () => Promise<Answer>): Promise<Answer> => {
    backend.expectReachable();
    return inTime(question());
  };

  return {
    kind: backend.kind,
    boards: Object.values(queues),

    async addBatches(queue, jobs) {
      if (jobs.length === 0) return;
      await ask(() =>
        queues[queue].addBulk(
          jobs.map((job) => ({
            name: 'batch',
            data: job,
            opts: { ...queueCatalogue[queue].options, jobId: batchJobId(job) },
          })),
        ),
      );
    },

    async addRunStep(step, job) {
      await ask(() =>
        queues.runs.add(step, job, {
          ...queueCatalogue.runs.options,
          jobId: runStepJobId(step, job),
        }),
      );
    },

    batchVerdict: async (queue, job) =>
      verdictOf(await ask(() => queues[queue].getJobState(batchJobId(job)))),

    runStepVerdict: async (step, job) =>
      verdictOf(await ask(() => queues.runs.getJobState(runStepJobId(step, job)))),

    async addComparison(job) {
      await ask(() =>
        queues.comparisons.add('compare', job, {
          ...queueCatalogue.comparisons.options,
          jobId: comparisonJobId(job),
        }),
      );
    },

    comparisonVerdict: async (job) =>
      verdictOf(await ask(() => queues.comparisons.getJobState(comparisonJobId(job)))),

    async announceComparison(comparisonId) {
      try {
        await backend.announce({ comparisonId });
      } catch (error) {
        logger.debug({ err: error, comparisonId }, 'a hint was lost');
      }
    },

    startWorker(name, concurrency, handler, observer) {
      const payload = payloads[name];
      return backend.startWorker(
        name,
        async (job, token) => {
          const ended = observer?.(name, job.id ?? '');
          try {
            await handler(payload.parse(job.data), handleOf(job, token, backend, logger));
            ended?.('done');
          } catch (error) {
            ended?.(error instanceof DelayedError ? 'deferred' : 'failed');
            throw forPeople(error, () =>
              logger.error({ err: error, queue: name, job: job.id }, 'a job failed unexpectedly'),
            );
          }
        },
        { concurrency, lockMs: config.queueLockMs },
      );
    },

    state: (name) => ask(() => stateOf(queues[name])),

    async failedJobs(name, from, count) {
      const jobs = await ask<Job[]>(() =>
        queues[name].getJobs(['failed'], from, from + count - 1, false),
      );
      return jobs.flatMap((job) => toFailedJob(name, job) ?? []);
    },

    async findFailedJobs(name, ids) {
      const jobs: FailedJob[] = [];
      for (const id of new Set(ids)) {
        const job = await ask<Job | undefined>(() => queues[name].getJob(id));
        const failed = job && (await ask(() => job.isFailed())) && toFailedJob(name, job);
        if (failed) jobs.push(failed);
      }
      return jobs;
    },

    async retryJob(name, id) {
      const job = await ask<Job | undefined>(() => queues[name].getJob(id));
      if (!job || !(await ask(() => job.isFailed()))) return false;
      await ask(() => job.retry('failed'));
      return true;
    },

    async removeJob(name, id) {
      await ask(() => queues[name].remove(id));
    },

    pause: (name) => ask(() => queues[name].pause()),
    resume: (name) => ask(() => queues[name].resume()),
    drain: (name) => ask(() => queues[name].drain(true)),

    async obliterate(name) {
      const queue = queues[name];
      const wasPaused = await ask(() => queue.isPaused());
      try {
        backend.expectReachable();
        // Not within the usual patience: half of a queue must not be left behind.
        await queue.obliterate({ force: true });
      } finally {
        // It pauses first, and forgets that in the end.
        await ask(() => (wasPaused ? queue.pause() : queue.resume()));
      }
    },

    listenForHints: (onHint) => backend.listenForHints(onHint),
    ping: () => ask(() => backend.ping()),

    async close() {
      await Promise.allSettled(Object.values(queues).map((queue) => queue.close()));
      await backend.close();
    },
  };
}

function openBackend(
  config: Pick<Config, 'redisUrl' | 'databaseUrl' | 'queuePrefix'>,
  onError: (error: Error) => void,
): QueueBackend {
  if (config.redisUrl !== undefined) {
    return redisBackend(config.redisUrl, config.queuePrefix, onError);
  }
  if (config.databaseUrl === undefined) throw new Error('A queue needs REDIS_URL or DATABASE_URL.');
  return postgresBackend(config.databaseUrl, onError);
}

function verdictOf(state: Awaited<ReturnType<AnyQueue['getJobState']>>): JobVerdict {
  if (state === 'unknown') return 'missing';
  return state === 'completed' || state === 'failed' ? 'finished' : 'pending';
}

async function stateOf(queue: AnyQueue): Promise<QueueState> {
  const [counts, waiting, paused, [oldest]] = await Promise.all([
    queue.getJobCounts('active', 'delayed', 'failed'),
    // Not by their state, in which those of a paused queue count on one backend and not on the other.
    queue.getCountsPerPriority([0]),
    queue.isPaused(),
    queue.getJobs(['waiting'], 0, 0, true),
  ]);
  return {
    paused,
    waiting: waiting['0'] ?? 0,
    active: counts.active ?? 0,
    delayed: counts.delayed ?? 0,
    failed: counts.failed ?? 0,
    oldestWaitSeconds: oldest ? Math.max(0, Date.now() - oldest.timestamp) / 1000 : null,
  };
}

/** Undefined for a job that carries what this version does not know. */
function toFailedJob(queue: QueueName, job: Job): FailedJob | undefined {
  const payload = queueCatalogue[queue].payload.safeParse(job.data);
  if (!payload.success || job.id === undefined) return undefined;
  return {
    id: job.id,
    name: job.name,
    payload: payload.data,
    reason: job.failedReason,
    attempts: job.attemptsMade,
    failedAt: job.finishedOn ?? job.timestamp,
  };
}

/**
 * What a job fails with is kept and shown. Errors of databases and models quote what they were given,
 * so of those that were not made for people the log alone tells, which knows what to leave out.
 */
function forPeople(error: unknown, log: () => void): unknown {
  if (error instanceof DelayedError || error instanceof JobFailure) return error;
  log();
  return new JobFailure('The job failed unexpectedly; the worker’s log says why.');
}

const handleOf = (
  job: Job,
  token: string | undefined,
  backend: QueueBackend,
  logger: Logger,
): JobHandle => ({
  name: job.name,
  attemptsMade: job.attemptsMade,
  async hint(runId) {
    try {
      await backend.hint(runId);
    } catch (error) {
      logger.debug({ err: error, runId }, 'a hint was lost');
    }
  },
  async defer(delayMs) {
    await job.moveToDelayed(Date.now() + Math.max(1, Math.ceil(delayMs)), token);
    throw new DelayedError();
  },
});

const PATIENCE_MS = 5_000;

/**
 * BullMQ waits without end for a Redis that was never there. Whoever asks here gives up in time: what
 * is sent late all the same does no harm, since every job's id is used once.
 */
async function inTime<Result>(asked: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the queue did not answer in time')), PATIENCE_MS);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A connection that is away reports an error many times a second; one line a second is enough. */
function throttled(log: (error: Error) => void): (error: Error) => void {
  let silentUntil = 0;
  return (error) => {
    const now = Date.now();
    if (now < silentUntil) return;
    silentUntil = now + 1_000;
    log(error);
  };
}
