import { RequestError, type RunFilter, type RunMetricSpec, type RunState } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';

/** A run, as far as a comparison needs it. */
export interface ComparedRun {
  id: string;
  name: string;
  state: RunState;
  datasetId: string;
  versionId: string;
  datasetVersion: number;
  /** Items of the dataset version. */
  versionItems: number;
  filter: RunFilter | null;
  metrics: RunMetricSpec[];
  repeats: number;
  total: number;
  done: number;
  failed: number;
  /** Changes whenever the results of the run do: no two states of one run share it. */
  holds: string;
}

/**
 * The runs, in the order of the ids.
 * @throws {RequestError} `run_not_found` where one is not of the project, naming it
 */
export async function readComparedRuns(
  database: Queryable,
  projectId: string,
  runIds: readonly string[],
): Promise<ComparedRun[]> {
  const rows = await database.query<ComparedRun & { deleted: boolean }>(sql`
    select r.id, r.name, r.state, r.dataset_id as "datasetId",
      r.dataset_version_id as "versionId", v.version as "datasetVersion",
      v.item_count as "versionItems", r.filter, r.metrics, r.repeats, r.total, r.done, r.failed,
      -- With one generation items are only ever added.
      r.generation || '.' || r.done as holds, r.deleted_at is not null as deleted
    from evaluation_runs r join dataset_versions v on v.id = r.dataset_version_id
    where r.project_id = ${projectId} and r.id = any(${[...runIds]}::uuid[])`);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return runIds.map((runId) => {
    const row = byId.get(runId);
    if (!row) {
      throw new RequestError(
        'not_found',
        'run_not_found',
        `There is no run ${runId} in this project; GET /api/v1/runs lists those that are.`,
      );
    }
    if (row.deleted) {
      throw new RequestError(
        'conflict',
        'run_deleted',
        `The run "${row.name}" (${runId}) is deleted; POST /api/v1/runs/${runId}/restore brings it back.`,
      );
    }
    const { deleted: _deleted, ...run } = row;
    return run;
  });
}
