import {
  baselineLimits,
  RequestError,
  type Baseline,
  type PinnedBaseline,
  type RunState,
} from '#libs/contracts';
import { exactTime, isoTime, sql, type Database, type Queryable } from '#libs/database';
import { getDataset, getOpenDataset } from '#libs/datasets';
import { decodeCursor, timeCursor, toPage, type Page, type PageQuery } from '#libs/paging';

/**
 * Pins a run as the baseline of its dataset, in place of the one before.
 * @throws {RequestError} `dataset_not_found`, `dataset_deleted`; naming `runId`: `run_not_found`,
 *   `run_deleted`, `other_dataset`, `run_not_finished`
 */
export async function pinBaseline(
  database: Database,
  projectId: string,
  datasetId: string,
  runId: string,
): Promise<Baseline> {
  const dataset = await getOpenDataset(database, projectId, datasetId);
  const run = await readGatedRun(database, projectId, runId, 'runId');
  if (run.datasetId !== datasetId) {
    throw new RequestError(
      'unprocessable',
      'other_dataset',
      `The run "${run.name}" is of another dataset; pin a run of "${dataset.name}", as GET /api/v1/runs?datasetId=${datasetId} lists them.`,
      [{ field: 'runId', message: 'is a run of another dataset' }],
    );
  }
  requireCompleted(run, 'runId', 'pinned');
  await database.query(sql`
    insert into dataset_baselines as b (dataset_id, run_id) values (${datasetId}, ${runId})
    on conflict (dataset_id) do update set run_id = excluded.run_id, pinned_at = now()
    where b.run_id <> excluded.run_id`);
  return getBaseline(database, projectId, datasetId);
}

/** @throws {RequestError} `dataset_not_found`, `no_baseline` */
export async function getBaseline(
  database: Queryable,
  projectId: string,
  datasetId: string,
): Promise<Baseline> {
  await getDataset(database, projectId, datasetId);
  const baseline = await database.queryOne<Baseline>(sql`
    select b.dataset_id as "datasetId", b.run_id as "runId", r.name as "runName",
      v.version as "datasetVersion", ${isoTime('b.pinned_at')} as "pinnedAt"
    from dataset_baselines b
    join evaluation_runs r on r.id = b.run_id
    join dataset_versions v on v.id = r.dataset_version_id
    where b.dataset_id = ${datasetId}`);
  if (baseline) return baseline;
  throw new RequestError(
    'not_found',
    'no_baseline',
    `This dataset has no pinned baseline; POST /api/v1/datasets/${datasetId}/baseline pins a run.`,
  );
}

/** Comparisons with one baseline among which the newest of each run are looked for. */
const LOOKED_AT = 50;

/**
 * The pinned baselines of datasets that are not deleted, each with the newest runs that were compared
 * with it: all items, whatever else was asked. With `datasetId`, only that of this dataset, which may
 * be deleted.
 * @throws {RequestError} `invalid_cursor`
 */
export async function listBaselines(
  database: Queryable,
  projectId: string,
  { limit, cursor, datasetId: one }: PageQuery & { datasetId?: string | undefined },
): Promise<Page<PinnedBaseline>> {
  const after = decodeCursor(timeCursor, cursor);
  const rows = await database.query<PinnedBaseline & { at: string }>(sql`
    select d.id as "datasetId", d.name as "datasetName", b.run_id as "runId", r.name as "runName",
      v.version as "datasetVersion", ${isoTime('b.pinned_at')} as "pinnedAt",
      coalesce(h.held, '[]') as held, ${exactTime('d.created_at')} as at
    from datasets d
    join dataset_baselines b on b.dataset_id = d.id
    join evaluation_runs r on r.id = b.run_id
    join dataset_versions v on v.id = r.dataset_version_id
    left join lateral (
      select json_agg(json_build_object('runId', n.run_id, 'runName', n.name,
        'createdAt', ${isoTime('n.created_at')}, 'comparisonId', n.id,
        'verdicts', n.verdicts, 'gates', coalesce(g.gates, '[]')) order by n.created_at desc) as held
      from (
        select * from (
          select distinct on (c.run_id) c.*, x.name, x.created_at
          from (
            select id, run_ids[2] as run_id, verdicts from comparisons
            where run_ids[1] = b.run_id and project_id = d.project_id
              and cardinality(run_ids) = 2 and state in ('refining', 'completed')
              and options->'filter' is null
            order by id desc limit ${LOOKED_AT}
          ) c
          join evaluation_runs x on x.id = c.run_id and x.deleted_at is null
          order by c.run_id, c.id desc
        ) newest
        order by newest.created_at desc limit ${baselineLimits.runs}
      ) n
      left join lateral (
        select json_agg(json_build_object(
          'gateId', o.gate_id, 'gateName', o.name, 'outcome', o.outcome) order by o.name) as gates
        from (
          select y.gate_id, g.name, y.outcome
          from gate_results y join gates g on g.id = y.gate_id
          where y.run_id = n.run_id and y.baseline_run_id = b.run_id
          order by y.id desc limit ${baselineLimits.gates}
        ) o
      ) g on true
    ) h on true
    where d.project_id = ${projectId}
      ${one === undefined ? sql`and d.deleted_at is null` : sql`and d.id = ${one}`}
      ${after ? sql`and (d.created_at, d.id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
    order by d.created_at desc, d.id desc limit ${limit + 1}`);
  return toPage(
    rows,
    limit,
    ({ datasetId, datasetName, runId, runName, datasetVersion, pinnedAt, held }) => ({
      datasetId,
      datasetName,
      runId,
      runName,
      datasetVersion,
      pinnedAt,
      held: held.map((one) => ({
        ...one,
        verdicts: one.verdicts.map(({ metric, outcome }) => ({ metric, outcome })),
      })),
    }),
    ({ at, datasetId }) => ({ at, id: datasetId }),
  );
}

/** Does nothing where none is pinned. @throws {RequestError} `dataset_not_found` */
export async function unpinBaseline(
  database: Queryable,
  projectId: string,
  datasetId: string,
): Promise<void> {
  await getDataset(database, projectId, datasetId);
  await database.query(sql`delete from dataset_baselines where dataset_id = ${datasetId}`);
}

/** A run that is pinned or checked. */
export interface GatedRun {
  id: string;
  name: string;
  state: RunState;
  datasetId: string;
}

/** @throws {RequestError} `run_not_found`, `run_deleted`, naming the field */
export async function readGatedRun(
  database: Queryable,
  projectId: string,
  runId: string,
  field: string,
): Promise<GatedRun> {
  const run = await database.queryOne<GatedRun & { deleted: boolean }>(sql`
    select id, name, state, dataset_id as "datasetId", deleted_at is not null as deleted
    from evaluation_runs where id = ${runId} and project_id = ${projectId}`);
  if (!run) {
    throw new RequestError(
      'not_found',
      'run_not_found',
      `There is no run ${runId} in this project; GET /api/v1/runs lists those that are.`,
      [{ field, message: 'names no run of this project' }],
    );
  }
  if (run.deleted) {
    throw new RequestError(
      'conflict',
      'run_deleted',
      `The run "${run.name}" (${runId}) is deleted; POST /api/v1/runs/${runId}/restore brings it back.`,
      [{ field, message: 'names a run that is deleted' }],
    );
  }
  return run;
}

/** @throws {RequestError} `run_not_finished` naming the field */
export function requireCompleted({ name, state, id }: GatedRun, field: string, done: string): void {
  if (state === 'completed') return;
  const remedy = {
    queued: 'wait until it has completed',
    running: 'wait until it has completed',
    paused: `POST /api/v1/runs/${id}/resume lets it go on`,
    failed: `POST /api/v1/runs/${id}/retry lets it go on`,
    canceled: `POST /api/v1/runs/${id}/clone makes another one`,
  }[state];
  throw new RequestError(
    'conflict',
    'run_not_finished',
    `Only a completed run can be ${done}; "${name}" is ${state}: ${remedy}.`,
    [{ field, message: `names a run that is ${state}` }],
  );
}
