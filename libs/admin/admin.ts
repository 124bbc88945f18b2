import type { Note } from '#libs/audit';
import type { Logger } from '#libs/config';
import {
  RequestError,
  type FailedItem,
  type FailedJob,
  type FailureCount,
  type operations,
  type OperationInput,
  type Queue,
  type RetriedFailures,
  type RetryFailures,
  type Scaling,
} from '#libs/contracts';
import type { Database } from '#libs/database';
import type { Page } from '#libs/paging';
import type { QueueName, Queues } from '#libs/queues';
import { listFailedItems, listFailedJobs, listFailures } from './failures.ts';
import { listQueues, oneQueue } from './queues.ts';
import { retryFailures } from './retries.ts';
import { readScaling } from './scaling.ts';

export interface AdminContext {
  database: Database;
  queues: Queues;
  logger: Logger;
}

type Query<Id extends keyof typeof operations> = OperationInput<(typeof operations)[Id]>['query'];

/** What admins of the instance see of all projects, and do. Every act is noted before it is done. */
export interface Admin {
  listQueues(): Promise<Queue[]>;
  pauseQueue(name: QueueName, note: Note): Promise<Queue>;
  resumeQueue(name: QueueName, note: Note): Promise<Queue>;
  /** Removes what waits. @throws {RequestError} `not_confirmed` */
  drainQueue(name: QueueName, confirm: string, note: Note): Promise<Queue>;
  /** Removes everything. @throws {RequestError} `not_confirmed` */
  obliterateQueue(name: QueueName, confirm: string, note: Note): Promise<Queue>;
  listFailedJobs(name: QueueName, query: Query<'listFailedJobs'>): Promise<Page<FailedJob>>;
  listFailures(query: Query<'listFailures'>): Promise<Page<FailureCount>>;
  listFailedItems(query: Query<'listFailedItems'>): Promise<Page<FailedItem>>;
  retryFailures(request: RetryFailures, note: Note): Promise<RetriedFailures>;
  /** @throws what the database says; a queue that is away is left out */
  scaling(targetSeconds: number): Promise<Scaling>;
}

/** @param defaults jobs that one worker does at the same time, where none lives to tell */
export function createAdmin(context: AdminContext, defaults: Record<QueueName, number>): Admin {
  const { database, queues } = context;

  const change = async (
    name: QueueName,
    action: 'pause' | 'resume' | 'drain' | 'obliterate',
    note: Note,
  ): Promise<Queue> => {
    const before = await oneQueue(context, name);
    const { waiting, active, delayed, failed, paused } = before;
    const details = { waiting, active, delayed, failed, paused };
    await note(database, { action: `queue.${action}`, projectId: null, target: name, details });
    await queues[action](name);
    return oneQueue(context, name);
  };
  const confirmed = (name: QueueName, confirm: string): void => {
    if (confirm === name) return;
    throw new RequestError(
      'invalid',
      'not_confirmed',
      `This removes jobs for good; say that it is meant with {"confirm": "${name}"}.`,
      [{ field: 'confirm', message: `must be "${name}"` }],
    );
  };

  return {
    listQueues: () => listQueues(context),
    pauseQueue: (name, note) => change(name, 'pause', note),
    resumeQueue: (name, note) => change(name, 'resume', note),
    async drainQueue(name, confirm, note) {
      confirmed(name, confirm);
      return change(name, 'drain', note);
    },
    async obliterateQueue(name, confirm, note) {
      confirmed(name, confirm);
      return change(name, 'obliterate', note);
    },
    listFailedJobs: (name, query) => listFailedJobs(context, name, query),
    listFailures: (query) => listFailures(database, query),
    listFailedItems: (query) => listFailedItems(database, query),
    retryFailures: (request, note) => retryFailures(context, request, note),

    async scaling(targetSeconds) {
      const jobs = await listQueues(context).then(
        (states) => new Map(states.map((state) => [state.name, state])),
        () => undefined,
      );
      return readScaling(database, { targetSeconds, jobs, defaults });
    },
  };
}
