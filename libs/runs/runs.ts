import type {
  EvaluationItem,
  Run,
  RunMetric,
  RunSnapshot,
  SubmitRun,
  operations,
  OperationInput,
} from '#libs/contracts';
import type { Database } from '#libs/database';

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/**
 * The runs of all projects: what the API asks of them. Every call that names a run refuses with a
 * `RequestError` (`run_not_found`) one that is not of the project.
 */
export interface Runs {
  /** Stores the run; it will be worked on whatever happens next. */
  submit(projectId: string, request: SubmitRun, idempotencyKey?: string): Promise<Run>;
  list(
    projectId: string,
    query: OperationInput<typeof operations.listRuns>['query'],
  ): Promise<Page<Run>>;
  get(projectId: string, runId: string): Promise<Run>;
  listItems(
    projectId: string,
    runId: string,
    query: OperationInput<typeof operations.listRunItems>['query'],
  ): Promise<Page<EvaluationItem>>;
  listMetrics(projectId: string, runId: string): Promise<Page<RunMetric>>;
  pause(projectId: string, runId: string): Promise<Run>;
  resume(projectId: string, runId: string): Promise<Run>;
  cancel(projectId: string, runId: string): Promise<Run>;
  retry(projectId: string, runId: string): Promise<Run>;
  /** Snapshots of many runs in one query, by id; what does not exist is left out. */
  snapshots(runIds: readonly string[]): Promise<(RunSnapshot & { projectId: string })[]>;
}

export declare function createRuns(options: { database: Database }): Runs;
