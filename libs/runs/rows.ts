import type {
  MetricSnapshot,
  Run,
  RunError,
  RunFilter,
  RunMetricSpec,
  RunSnapshot,
  RunState,
  SettledTarget,
  StopCode,
} from '#libs/contracts';
import { RequestError } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { reasonOf, spentUsd } from './stop.ts';

/** A run as PostgreSQL answers: bigint and numeric come as text. */
export interface RunRow {
  id: string;
  project_id: string;
  name: string;
  state: RunState;
  cause: string | null;
  spent_usd: number;
  stop_code: StopCode | null;
  dataset_id: string;
  dataset_name: string;
  dataset_version: number;
  filter: RunFilter | null;
  target: SettledTarget;
  metrics: RunMetricSpec[];
  repeats: number;
  concurrency: number;
  max_cost_usd: number | null;
  max_duration_ms: string | null;
  timeout_ms: number;
  max_retries: number;
  cache: boolean;
  tags: string[];
  metadata: Run['metadata'];
  total: number;
  done: number;
  failed: number;
  cost_usd: string;
  input_tokens: string;
  output_tokens: string;
  judge_cost_usd: string;
  judge_input_tokens: string;
  judge_output_tokens: string;
  cache_hits: number;
  errors: RunError[];
  version: string;
  created_by: string | null;
  creator: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  deleted_at: string | null;
  sums: SumRow[];
}

/** Running sums of one metric, as JSON inside a run's row: the mean is exact until its last division. */
interface SumRow {
  metric: number;
  n: number;
  mean: number | null;
  errors: number;
  notApplicable: number;
}

const iso = (column: string) =>
  sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

const sumsOfRun = sql`(
  select coalesce(json_agg(json_build_object(
    'metric', s.metric, 'n', s.n, 'mean', (s.sum / nullif(s.n, 0))::double precision,
    'errors', s.errors, 'notApplicable', s.not_applicable
  ) order by s.metric), '[]'::json)
  from run_metric_sums s where s.run_id = r.id
)`;

const errorsOfRun = sql`(
  select coalesce(json_agg(json_build_object(
    'class', x.class, 'items', x.items, 'tries', x.tries, 'scores', x.scores
  ) order by x.items desc, x.scores desc, x.tries desc, x.class), '[]'::json)
  from run_errors x where x.run_id = r.id and (x.items > 0 or x.tries > 0 or x.scores > 0)
)`;

/**
 * `select … from evaluation_runs r …`, to be followed by a `join` or a `where`.
 * @param more columns, after a comma
 */
export const selectRuns = (more = sql``) => sql`
  select r.id, r.project_id, r.name, r.state, r.reason as cause, r.stop_code,
    ${spentUsd('r')}::float8 as spent_usd, r.dataset_id, d.name as dataset_name,
    v.version as dataset_version, r.filter, r.target, r.metrics, r.repeats, r.concurrency,
    r.max_cost_usd, r.max_duration_ms, r.timeout_ms, r.max_retries, r.cache, r.tags, r.metadata,
    r.total, r.done, r.failed, r.cost_usd, r.input_tokens, r.output_tokens,
    r.judge_cost_usd, r.judge_input_tokens, r.judge_output_tokens, r.cache_hits,
    ${errorsOfRun} as errors, r.version,
    r.created_by, k.name as creator, ${iso('r.created_at')} as created_at,
    ${iso('r.started_at')} as started_at, ${iso('r.finished_at')} as finished_at,
    ${iso('r.deleted_at')} as deleted_at, ${sumsOfRun} as sums ${more}
  from evaluation_runs r
  join datasets d on d.id = r.dataset_id
  join dataset_versions v on v.id = r.dataset_version_id
  left join api_keys k on k.id = r.created_by`;

const summaryOf = (
  metrics: readonly RunMetricSpec[],
  sums: readonly SumRow[],
): MetricSnapshot[] => {
  const byMetric = new Map(sums.map((sum) => [sum.metric, sum]));
  return metrics.map(({ name }, index) => {
    const sum = byMetric.get(index);
    return {
      name,
      n: sum?.n ?? 0,
      mean: sum?.mean ?? null,
      errors: sum?.errors ?? 0,
      notApplicable: sum?.notApplicable ?? 0,
    };
  });
};

export const toRun = (row: RunRow): Run => ({
  id: row.id,
  name: row.name,
  state: row.state,
  reason: reasonOf(row),
  stopCode: row.stop_code,
  datasetId: row.dataset_id,
  datasetName: row.dataset_name,
  datasetVersion: row.dataset_version,
  filter: row.filter,
  target: row.target,
  metrics: row.metrics,
  repeats: row.repeats,
  concurrency: row.concurrency,
  maxCostUsd: row.max_cost_usd,
  maxDurationMs: row.max_duration_ms === null ? null : Number(row.max_duration_ms),
  timeoutMs: row.timeout_ms,
  maxRetries: row.max_retries,
  cache: row.cache,
  tags: row.tags,
  metadata: row.metadata,
  total: row.total,
  done: row.done,
  failed: row.failed,
  errors: row.errors,
  costUsd: Number(row.cost_usd),
  inputTokens: Number(row.input_tokens),
  outputTokens: Number(row.output_tokens),
  judgeCostUsd: Number(row.judge_cost_usd),
  judgeInputTokens: Number(row.judge_input_tokens),
  judgeOutputTokens: Number(row.judge_output_tokens),
  cacheHits: row.cache_hits,
  summary: summaryOf(row.metrics, row.sums),
  version: Number(row.version),
  createdBy:
    row.created_by === null || row.creator === null
      ? null
      : { keyId: row.created_by, name: row.creator },
  createdAt: row.created_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  deletedAt: row.deleted_at,
});

export const runNotFound = (): RequestError =>
  new RequestError(
    'not_found',
    'run_not_found',
    'There is no such run in this project; GET /api/v1/runs lists those that are.',
  );

export const runIsDeleted = (field?: string): RequestError =>
  new RequestError(
    'conflict',
    'run_deleted',
    'The run is deleted; POST /api/v1/runs/{id}/restore brings it back.',
    field === undefined ? [] : [{ field, message: 'names a run that is deleted' }],
  );

/** @throws {RequestError} `run_not_found` */
export async function getRun(database: Queryable, projectId: string, runId: string): Promise<Run> {
  const row = await database.queryOne<RunRow>(
    sql`${selectRuns()} where r.id = ${runId} and r.project_id = ${projectId}`,
  );
  if (!row) throw runNotFound();
  return toRun(row);
}

interface SnapshotRow {
  id: string;
  project_id: string;
  state: RunState;
  metrics: RunMetricSpec[];
  total: number;
  done: number;
  failed: number;
  version: string;
  sums: SumRow[];
}

/** Snapshots of many runs in one query; what does not exist is left out. */
export async function snapshotsOf(
  database: Queryable,
  runIds: readonly string[],
): Promise<(RunSnapshot & { projectId: string })[]> {
  if (runIds.length === 0) return [];
  const rows = await database.query<SnapshotRow>(sql`
    select r.id, r.project_id, r.state, r.metrics, r.total, r.done, r.failed, r.version,
      ${sumsOfRun} as sums
    from evaluation_runs r where r.id = any(${[...runIds]}::uuid[])`);
  return rows.map((row) => ({
    runId: row.id,
    projectId: row.project_id,
    version: Number(row.version),
    state: row.state,
    total: row.total,
    done: row.done,
    failed: row.failed,
    metrics: summaryOf(row.metrics, row.sums),
  }));
}

/** The versions of many runs, for whoever wants to know which have changed. */
export async function versionsOf(
  database: Queryable,
  runIds: readonly string[],
): Promise<Map<string, number>> {
  if (runIds.length === 0) return new Map();
  const rows = await database.query<{ id: string; version: string }>(
    sql`select id, version from evaluation_runs where id = any(${[...runIds]}::uuid[])`,
  );
  return new Map(rows.map(({ id, version }) => [id, Number(version)]));
}
