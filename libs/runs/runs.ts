import type { Note } from '#libs/audit';
import type {
  ChangeRuns,
  CloneRun,
  LeaseResult,
  operations,
  OperationInput,
  RetryRun,
  Run,
  RunsFilter,
  UpdateRun,
} from '#libs/contracts';
import { briefsOf, briefsOfProjects } from './briefs.ts';
import { calibrate } from './calibration/calibrate.ts';
import { changeMany } from './change-many.ts';
import { clone } from './clone.ts';
import type { RunContext } from './context.ts';
import { control } from './control.ts';
import { distributionOf } from './distribution.ts';
import { remove, restore, update } from './edit.ts';
import { exportItems } from './export.ts';
import type { ItemsFilter, ItemsQuery } from './item-order.ts';
import { getItem, itemNumbers, listItems } from './items.ts';
import { extendLease, leaseItems, postLeaseResults } from './lease.ts';
import { countRuns, getFacets, listRuns } from './list.ts';
import { listMetrics } from './read.ts';
import { retry } from './reopen.ts';
import { getRun, snapshotsOf, versionsOf } from './rows.ts';
import { submit } from './submit.ts';

/**
 * The runs of all projects: what the API asks of them. Every call that names a run refuses one that
 * is not of the project with a `RequestError` (`run_not_found`).
 */
export function createRuns(context: RunContext) {
  const { database } = context;
  return {
    /** Stores the run; it will be worked on whatever happens next. */
    submit: (
      projectId: string,
      request: OperationInput<typeof operations.submitRun>['body'],
      idempotencyKey?: string,
      createdBy?: string,
    ): Promise<Run> => submit(context, projectId, request, idempotencyKey, createdBy),
    /** Submits a run like another one, with changes. */
    clone: (
      projectId: string,
      runId: string,
      change: CloneRun,
      idempotencyKey?: string,
      createdBy?: string,
    ) => clone(context, projectId, runId, change, idempotencyKey, createdBy),
    list: (projectId: string, query: OperationInput<typeof operations.listRuns>['query']) =>
      listRuns(database, projectId, query),
    count: (projectId: string, filter: RunsFilter) => countRuns(database, projectId, filter),
    facets: (projectId: string) => getFacets(database, projectId),
    get: (projectId: string, runId: string) => getRun(database, projectId, runId),
    listItems: (projectId: string, runId: string, query: ItemsQuery) =>
      listItems(database, projectId, runId, query),
    /** One item, by its place. */
    getItem: (projectId: string, runId: string, no: number) =>
      getItem(database, projectId, runId, no),
    /** The places of all completed items that a filter takes, some at a time. */
    itemNumbers: (projectId: string, runId: string, filter: ItemsFilter) =>
      itemNumbers(database, projectId, runId, filter),
    /** The items as a file, some at a time as they are asked for. */
    exportItems: (projectId: string, run: Run, query: Parameters<typeof exportItems>[3]) =>
      exportItems(database, projectId, run, query),
    /** How the values of a metric, or of what the target used, lie. */
    distribution: (projectId: string, runId: string, metric: string) =>
      distributionOf(database, projectId, runId, metric),
    listMetrics: (projectId: string, runId: string) => listMetrics(database, projectId, runId),
    calibrate: (
      projectId: string,
      runId: string,
      request: OperationInput<typeof operations.calibrateRun>['body'],
    ) => calibrate(database, projectId, runId, request),
    update: (projectId: string, runId: string, change: UpdateRun) =>
      update(context, projectId, runId, change),
    remove: (projectId: string, runId: string, note?: Note) =>
      remove(context, projectId, runId, note),
    restore: (projectId: string, runId: string, note?: Note) =>
      restore(context, projectId, runId, note),
    /** The same order for many runs, each as far as it lets that be done. */
    changeMany: (projectId: string, change: ChangeRuns, note?: Note) =>
      changeMany(context, projectId, change, note),
    pause: (projectId: string, runId: string) => control(context, 'pause', projectId, runId),
    resume: (projectId: string, runId: string) => control(context, 'resume', projectId, runId),
    cancel: (projectId: string, runId: string) => control(context, 'cancel', projectId, runId),
    retry: (projectId: string, runId: string, how: RetryRun = {}) =>
      retry(context, projectId, runId, how),
    /** Gives out items of a run whose target is the caller's own code. */
    leaseItems: (
      projectId: string,
      runId: string,
      how: OperationInput<typeof operations.leaseItems>['body'],
    ) => leaseItems(context, projectId, runId, how),
    extendLease: (projectId: string, runId: string, lease: { leaseId: string; leaseMs: number }) =>
      extendLease(context, projectId, runId, lease),
    postLeaseResults: (
      projectId: string,
      runId: string,
      answers: { leaseId: string; results: readonly LeaseResult[] },
    ) => postLeaseResults(context, projectId, runId, answers),
    /** Snapshots of many runs in one query; what does not exist is left out. */
    snapshots: (runIds: readonly string[]) => snapshotsOf(database, runIds),
    /** What lists show of these runs, each with its project, in one query. */
    briefs: (runIds: readonly string[]) => briefsOf(database, runIds),
    /** What lists show of the runs of these projects that go on or are new, in one query. */
    briefsOfProjects: (
      projectIds: readonly string[],
      fresh: Parameters<typeof briefsOfProjects>[2],
    ) => briefsOfProjects(database, projectIds, fresh),
    /** The versions of many runs in one query. */
    versions: (runIds: readonly string[]) => versionsOf(database, runIds),
  };
}

export type Runs = ReturnType<typeof createRuns>;
