import { createHash } from 'node:crypto';
import {
  RequestError,
  type Comparison,
  type ComparisonOptions,
  type ComparisonResult,
  type ComparisonSnapshot,
  type ComparisonState,
  type ComparisonSummary,
} from '#libs/contracts';
import { sql, uuid, type Queryable } from '#libs/database';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import stableStringify from 'fast-json-stable-stringify';
import { z } from 'zod';
import type { ComparedRun } from './compared-runs.ts';

/** A comparison as it is stored, without its result. */
export interface ComparisonRow {
  id: string;
  projectId: string;
  /** The baseline first. */
  runIds: string[];
  options: ComparisonOptions;
  state: ComparisonState;
  progress: number;
  round: number;
  begun: number;
  version: number;
  resultOf: string | null;
  reason: string | null;
  createdAt: string;
  computedAt: string | null;
}

const iso = (column: string) =>
  sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

const columns = sql`id, project_id as "projectId", run_ids as "runIds", options, state, progress,
  round, begun, version::float8 as version, result_of as "resultOf", reason,
  ${iso('created_at')} as "createdAt", ${iso('computed_at')} as "computedAt"`;

/** What the runs hold: a result is current as long as this stays. */
export const heldBy = (runs: readonly ComparedRun[]): string =>
  runs.map(({ holds }) => holds).join(' ');

/** Names a question: the same runs in the same roles, with the same options. */
const questionOf = (runIds: readonly string[], options: ComparisonOptions): string =>
  createHash('sha256')
    .update(stableStringify([runIds, options]))
    .digest('hex');

/** Finds the comparison that answers a question, or makes it, to be computed. */
export async function findOrCreate(
  database: Queryable,
  projectId: string,
  runIds: readonly string[],
  options: ComparisonOptions,
): Promise<ComparisonRow> {
  const question = questionOf(runIds, options);
  const found = () =>
    database.queryOne<ComparisonRow>(sql`
      select ${columns} from comparisons
      where project_id = ${projectId} and question = ${question}`);
  const row =
    (await found()) ??
    (await database.queryOne<ComparisonRow>(sql`
      insert into comparisons (id, project_id, question, run_ids, options, state)
      values (${uuid()}, ${projectId}, ${question}, ${[...runIds]}::uuid[],
        ${JSON.stringify(options)}::json, 'queued')
      on conflict (project_id, question) do nothing
      returning ${columns}`)) ??
    (await found());
  if (!row) throw new Error('A comparison was neither found nor made.');
  return row;
}

/** A new round for a comparison whose result is not of what the runs hold now, unless one has begun. */
export async function startRound(
  database: Queryable,
  { id, round }: Pick<ComparisonRow, 'id' | 'round'>,
): Promise<ComparisonRow | undefined> {
  return database.queryOne<ComparisonRow>(sql`
    update comparisons set state = 'queued', progress = 0, round = round + 1, begun = 0,
      reason = null, version = version + 1, touched_at = now()
    where id = ${id} and round = ${round}
    returning ${columns}`);
}

/** Takes a round up. Undefined where it is over, or another round has begun. */
export async function beginRound(
  database: Queryable,
  { comparisonId, round }: { comparisonId: string; round: number },
): Promise<ComparisonRow | undefined> {
  return database.queryOne<ComparisonRow>(sql`
    update comparisons set
      state = case when state = 'queued' then 'running' else state end,
      begun = begun + 1, version = version + 1, touched_at = now()
    where id = ${comparisonId} and round = ${round} and state in ('queued', 'running', 'refining')
    returning ${columns}`);
}

/** Nothing where the round is over. */
export async function storeProgress(
  database: Queryable,
  { id, round }: Pick<ComparisonRow, 'id' | 'round'>,
  progress: number,
): Promise<void> {
  // Written beside the work, it may come after a later stage: it never falls.
  await database.query(sql`
    update comparisons set progress = ${progress}, version = version + 1, touched_at = now()
    where id = ${id} and round = ${round} and state in ('queued', 'running', 'refining')
      and progress <= ${progress}`);
}

/** Stores what a round has come to; nothing where another one has begun since. */
export async function storeResult(
  database: Queryable,
  { id, round }: Pick<ComparisonRow, 'id' | 'round'>,
  stored: {
    state: 'refining' | 'completed';
    progress: number;
    result: ComparisonResult;
    resultOf: string;
  },
): Promise<boolean> {
  const verdicts = stored.result.candidates.flatMap(({ runId, metrics }) =>
    metrics.map(({ metric, verdict }) => ({ runId, metric, outcome: verdict.outcome })),
  );
  const row = await database.queryOne(sql`
    update comparisons set state = ${stored.state}, progress = ${stored.progress},
      result = ${JSON.stringify(stored.result)}::json, result_of = ${stored.resultOf},
      verdicts = ${JSON.stringify(verdicts)}::json, reason = null, begun = 0,
      computed_at = now(), touched_at = now(), version = version + 1
    where id = ${id} and round = ${round} and state in ('queued', 'running', 'refining')
    returning 1`);
  return row !== undefined;
}

/** Ends a round that has a result already, without a better one. */
export async function endRound(
  database: Queryable,
  { id, round }: Pick<ComparisonRow, 'id' | 'round'>,
): Promise<void> {
  await database.query(sql`
    update comparisons set state = 'completed', progress = 1, begun = 0, version = version + 1,
      touched_at = now()
    where id = ${id} and round = ${round} and state = 'refining'`);
}

export async function storeFailure(
  database: Queryable,
  { id, round }: Pick<ComparisonRow, 'id' | 'round'>,
  reason: string,
): Promise<void> {
  await database.query(sql`
    update comparisons set state = 'failed', reason = ${reason}, version = version + 1,
      touched_at = now()
    where id = ${id} and round = ${round} and state in ('queued', 'running', 'refining')`);
}

const notFound = (): RequestError =>
  new RequestError(
    'not_found',
    'comparison_not_found',
    'There is no such comparison in this project; GET /api/v1/comparisons lists those that are.',
  );

/** @throws {RequestError} `comparison_not_found` */
export async function getRow(
  database: Queryable,
  projectId: string,
  id: string,
): Promise<ComparisonRow> {
  const row = await database.queryOne<ComparisonRow>(sql`
    select ${columns} from comparisons where id = ${id} and project_id = ${projectId}`);
  if (!row) throw notFound();
  return row;
}

export async function readResult(
  database: Queryable,
  id: string,
): Promise<Pick<ComparisonRow, 'resultOf'> & { result: ComparisonResult | null }> {
  const row = await database.queryOne<{
    result: ComparisonResult | null;
    resultOf: string | null;
  }>(sql`select result, result_of as "resultOf" from comparisons where id = ${id}`);
  return row ?? { result: null, resultOf: null };
}

/** A comparison with its result and its runs as they are now. */
export async function present(
  database: Queryable,
  row: ComparisonRow,
  runs: readonly ComparedRun[],
): Promise<Comparison> {
  const { result, resultOf } = await readResult(database, row.id);
  const { id, state, progress, reason, version, runIds, options, createdAt, computedAt } = row;
  const [baselineRunId = '', ...candidateRunIds] = runIds;
  return {
    id,
    state,
    progress,
    reason,
    version,
    baselineRunId,
    candidateRunIds,
    options,
    runs: runs.map((run) => ({
      id: run.id,
      name: run.name,
      state: run.state,
      total: run.total,
      done: run.done,
      failed: run.failed,
      datasetId: run.datasetId,
      datasetVersion: run.datasetVersion,
      repeats: run.repeats,
    })),
    current: resultOf === heldBy(runs),
    result,
    createdAt,
    computedAt,
  };
}

/** Ids sort by time. */
const place = z.object({ id: z.uuid() });

/** Comparisons of a project, newest first; of one run, in any role. */
export async function listRows(
  database: Queryable,
  projectId: string,
  { limit, cursor, runId }: PageQuery & { runId?: string | undefined },
): Promise<Page<ComparisonSummary>> {
  const after = decodeCursor(place, cursor);
  type Row = ComparisonRow & { verdicts: ComparisonSummary['verdicts'] };
  const rows = await database.query<Row>(sql`
    select ${columns}, verdicts from comparisons
    where project_id = ${projectId}
      ${runId === undefined ? sql`` : sql`and run_ids @> array[${runId}]::uuid[]`}
      ${after === undefined ? sql`` : sql`and id < ${after.id}::uuid`}
    order by id desc limit ${limit + 1}`);
  return toPage(
    rows,
    limit,
    (row) => {
      const { id, state, progress, reason, version, runIds, createdAt, computedAt } = row;
      const [baselineRunId = '', ...candidateRunIds] = runIds;
      const { verdicts } = row;
      return {
        id,
        state,
        progress,
        reason,
        version,
        baselineRunId,
        candidateRunIds,
        createdAt,
        computedAt,
        verdicts,
      };
    },
    ({ id }) => ({ id }),
  );
}

/** Snapshots of many comparisons in one query; what does not exist is left out. */
export async function snapshotsOf(
  database: Queryable,
  ids: readonly string[],
): Promise<(ComparisonSnapshot & { projectId: string })[]> {
  if (ids.length === 0) return [];
  return database.query<ComparisonSnapshot & { projectId: string }>(sql`
    select id as "comparisonId", project_id as "projectId", version::float8 as version, state,
      progress
    from comparisons where id = any(${[...ids]}::uuid[])`);
}

/** The versions of many comparisons. */
export async function versionsOf(
  database: Queryable,
  ids: readonly string[],
): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await database.query<{ id: string; version: number }>(
    sql`select id, version::float8 as version from comparisons where id = any(${[...ids]}::uuid[])`,
  );
  return new Map(rows.map(({ id, version }) => [id, version]));
}
