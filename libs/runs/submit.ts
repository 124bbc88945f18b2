import { createHash } from 'node:crypto';
import {
  RequestError,
  type Run,
  type RunFilter,
  type RunMetricSpec,
  type SettledTarget,
  type SubmitRun,
} from '#libs/contracts';
import { RunEntity, sql, uuid, type Queryable } from '#libs/database';
import { planBatches } from '#libs/evaluation';
import { checkMetricSpecs, MetricSpecError, providersOf, worksElsewhere } from '#libs/metrics';
import { localityOf } from '#libs/targets';
import stableStringify from 'fast-json-stable-stringify';
import type { RunContext } from './context.ts';
import { decide, dispatchSoon } from './outbox.ts';
import { getRun } from './rows.ts';
import { checkProvider, settleTarget } from './settle-target.ts';

/** How long an Idempotency-Key is remembered. */
export const IDEMPOTENCY_DAYS = 7;

const MAX_ITEMS = 10_000_000;

/**
 * Stores a run and the decision to start it in one transaction: once this resolves, the run will be
 * worked on, whatever happens to this process or to the queue.
 * @param createdBy the id of the key that asked for it
 * @throws {RequestError} naming the field that is wrong and the remedy
 */
export async function submit(
  context: RunContext,
  projectId: string,
  request: SubmitRun,
  idempotencyKey?: string,
  createdBy?: string,
): Promise<Run> {
  const { database } = context;
  const metrics = settleMetrics(request);
  const bodyHash = createHash('sha256').update(stableStringify(request)).digest('hex');

  const runId = await database.transaction(async (tx) => {
    const id = uuid();
    if (idempotencyKey !== undefined) {
      const earlier = await claimKey(tx, { projectId, key: idempotencyKey, bodyHash, runId: id });
      if (earlier !== undefined) return earlier;
    }
    const { version, target, total } = await settle(tx, projectId, id, { ...request, metrics });
    const locality = worksElsewhere(metrics) ? 'network' : localityOf(request.target);
    const plan = planBatches(locality, total, request.concurrency);
    tx.em.create(RunEntity, {
      id,
      projectId,
      name: request.name,
      state: 'queued',
      datasetId: request.datasetId,
      datasetVersionId: version.id,
      target,
      filter: request.filter ?? null,
      metrics,
      repeats: request.repeats,
      concurrency: request.concurrency,
      queue: locality === 'network' ? 'calls' : 'batches',
      maxCostUsd: request.maxCostUsd ?? null,
      maxDurationMs: request.maxDurationMs ?? null,
      timeoutMs: request.timeoutMs,
      maxRetries: request.maxRetries,
      cache: request.cache,
      tags: request.tags,
      metadata: request.metadata,
      createdBy: createdBy ?? null,
      total,
      batchSize: plan.batchSize,
      batchWindow: plan.window,
    });
    await tx.em.flush();
    await decide(tx, 'start', id, 1);
    return id;
  });
  dispatchSoon(context, runId);
  return getRun(database, projectId, runId);
}

/**
 * What a request means: everything that it names exists, and its filter is written down for the run.
 * @throws {RequestError} naming the field that is wrong and the remedy
 */
export async function settle(
  tx: Queryable,
  projectId: string,
  runId: string,
  request: SubmitRun & { metrics: RunMetricSpec[] },
): Promise<{ version: { id: string }; target: SettledTarget; items: number; total: number }> {
  const { version, items } = await settleItems(tx, projectId, runId, request);
  const target = await settleTarget(tx, projectId, request.target);
  for (const { field, name } of providersOf(request.metrics)) {
    await checkProvider(tx, projectId, name, field);
  }
  const total = items * request.repeats;
  if (total <= MAX_ITEMS) return { version, target, items, total };
  throw new RequestError(
    'invalid',
    'run_too_large',
    `A run has at most ${MAX_ITEMS} evaluation items; ${items} items × ${request.repeats} repeats are ${total}.`,
    [{ field: 'repeats', message: `use at most ${Math.floor(MAX_ITEMS / items)}` }],
  );
}

/**
 * The version of a dataset, and how many of its items are meant; a filter is written down for the run.
 * @throws {RequestError} `dataset_not_found`, `dataset_deleted`, `dataset_empty`, `filter_empty`, …
 */
export async function settleItems(
  tx: Queryable,
  projectId: string,
  runId: string,
  request: Pick<SubmitRun, 'datasetId' | 'datasetVersion' | 'filter'>,
): Promise<{ version: { id: string }; items: number }> {
  const version = await findVersion(tx, projectId, request);
  const items = request.filter
    ? await select(tx, runId, version.id, request.filter)
    : version.item_count;
  return { version, items };
}

/** @throws {RequestError} `invalid_metric` with every fault */
export function settleMetrics({ metrics }: SubmitRun): RunMetricSpec[] {
  try {
    return checkMetricSpecs(metrics);
  } catch (error) {
    if (!(error instanceof MetricSpecError)) throw error;
    throw new RequestError('invalid', 'invalid_metric', error.message, [...error.errors]);
  }
}

/**
 * Takes the key for a new run, or answers with the run that took it before. A request with the same
 * key at the same moment waits here until the first one is stored.
 */
async function claimKey(
  tx: Queryable,
  claim: { projectId: string; key: string; bodyHash: string; runId: string },
): Promise<string | undefined> {
  const { projectId, key, bodyHash, runId } = claim;
  const taken = await tx.query(sql`
    insert into idempotency_keys as k (project_id, key, body_hash, run_id)
    values (${projectId}, ${key}, ${bodyHash}, ${runId})
    on conflict (project_id, key) do update
      set body_hash = excluded.body_hash, run_id = excluded.run_id, created_at = now()
      where k.created_at < now() - make_interval(days => ${IDEMPOTENCY_DAYS})
    returning 1`);
  if (taken.length > 0) return undefined;
  const earlier = await tx.queryOne<{ body_hash: string; run_id: string }>(sql`
    select body_hash, run_id from idempotency_keys
    where project_id = ${projectId} and key = ${key}`);
  if (earlier?.body_hash !== bodyHash) {
    throw new RequestError(
      'unprocessable',
      'idempotency_key_reused',
      'This Idempotency-Key was used for another body; use a new key for a new run.',
      [{ field: 'Idempotency-Key', message: 'was used for another body' }],
    );
  }
  return earlier.run_id;
}

/**
 * Writes down which items of the version a run is for, in their order, and answers with their number:
 * the items of a version never change, so what a filter means is settled once.
 */
async function select(
  tx: Queryable,
  runId: string,
  versionId: string,
  { splits, tags, keys }: RunFilter,
): Promise<number> {
  const selected = await tx.queryOne<{ count: number }>(sql`
    with selected as (
      insert into run_selections (run_id, place, position)
      select ${runId}, row_number() over (order by position) - 1, position
      from dataset_items
      where version_id = ${versionId}
        ${splits === undefined ? sql`` : sql`and split = any(${splits}::text[])`}
        ${tags === undefined ? sql`` : sql`and tags && ${tags}::text[]`}
        ${keys === undefined ? sql`` : sql`and key = any(${keys}::text[])`}
      returning 1
    )
    select count(*)::int as count from selected`);
  if (selected && selected.count > 0) return selected.count;
  throw new RequestError(
    'invalid',
    'filter_empty',
    'No item of this dataset version meets the filter; GET /api/v1/datasets/{id}/versions/{version}/items shows their splits, tags and keys.',
    [{ field: 'filter', message: 'no item meets it' }],
  );
}

async function findVersion(
  tx: Queryable,
  projectId: string,
  { datasetId, datasetVersion }: Pick<SubmitRun, 'datasetId' | 'datasetVersion'>,
): Promise<{ id: string; item_count: number }> {
  const rows = await tx.query<{
    id: string | null;
    item_count: number | null;
    deleted: boolean;
  }>(sql`
    select v.id, v.item_count, d.deleted_at is not null as deleted
    from datasets d left join dataset_versions v on v.dataset_id = d.id
      ${datasetVersion === undefined ? sql`` : sql`and v.version = ${datasetVersion}`}
    where d.id = ${datasetId} and d.project_id = ${projectId}
    order by v.version desc nulls last limit 1`);
  const [row] = rows;
  if (!row) {
    throw new RequestError(
      'not_found',
      'dataset_not_found',
      'There is no such dataset in this project; GET /api/v1/datasets lists those that are.',
      [{ field: 'datasetId', message: 'names no dataset of this project' }],
    );
  }
  if (row.deleted) {
    throw new RequestError(
      'conflict',
      'dataset_deleted',
      `The dataset is deleted; POST /api/v1/datasets/${datasetId}/restore brings it back.`,
      [{ field: 'datasetId', message: 'names a dataset that is deleted' }],
    );
  }
  if (row.id === null || row.item_count === null) {
    throw new RequestError(
      datasetVersion === undefined ? 'conflict' : 'not_found',
      datasetVersion === undefined ? 'dataset_empty' : 'dataset_version_not_found',
      datasetVersion === undefined
        ? 'The dataset has no version yet; upload one with POST /api/v1/datasets/{id}/versions.'
        : `The dataset has no version ${datasetVersion}; GET /api/v1/datasets/{id}/versions lists those that are.`,
      [
        {
          field: datasetVersion === undefined ? 'datasetId' : 'datasetVersion',
          message: 'has no items',
        },
      ],
    );
  }
  return { id: row.id, item_count: row.item_count };
}
