import {
  submitRun,
  type CloneRun,
  type Run,
  type SettledTarget,
  type Target,
} from '#libs/contracts';
import { sql } from '#libs/database';
import type { RunContext } from './context.ts';
import { getRun } from './rows.ts';
import { submit } from './submit.ts';

/**
 * Submits a run like another one, with changes; its metadata says which one as `clonedFrom`.
 * @throws {RequestError} `run_not_found`, and as `submit` where what the run names is gone
 */
export async function clone(
  context: RunContext,
  projectId: string,
  runId: string,
  change: CloneRun,
  idempotencyKey?: string,
  createdBy?: string,
): Promise<Run> {
  const run = await getRun(context.database, projectId, runId);
  const {
    datasetId = run.datasetId,
    datasetVersion,
    filter,
    target,
    maxCostUsd,
    maxDurationMs,
  } = change;
  const sameVersion = datasetId === run.datasetId ? run.datasetVersion : undefined;
  const request = submitRun.parse({
    name: change.name ?? run.name,
    datasetId,
    datasetVersion: changed(datasetVersion, sameVersion),
    filter: changed(filter, run.filter ?? undefined),
    target: target ?? (await asSubmitted(context, projectId, run.target)),
    metrics: change.metrics ?? run.metrics,
    repeats: change.repeats ?? run.repeats,
    concurrency: change.concurrency ?? run.concurrency,
    maxCostUsd: changed(maxCostUsd, run.maxCostUsd ?? undefined),
    maxDurationMs: changed(maxDurationMs, run.maxDurationMs ?? undefined),
    timeoutMs: change.timeoutMs ?? run.timeoutMs,
    maxRetries: change.maxRetries ?? run.maxRetries,
    cache: change.cache ?? run.cache,
    tags: change.tags ?? run.tags,
    metadata: { ...(change.metadata ?? run.metadata), clonedFrom: runId },
  });
  return submit(context, projectId, request, idempotencyKey, createdBy);
}

/** Left out: as before. null: none. */
const changed = <Value>(
  given: Value | null | undefined,
  before: Value | undefined,
): Value | undefined => (given === undefined ? before : (given ?? undefined));

/** The prompt that it came from, where that is still there; or else its text, which the run has kept. */
async function asSubmitted(
  { database }: RunContext,
  projectId: string,
  target: SettledTarget,
): Promise<Target> {
  if (target.kind !== 'model') return target;
  const { promptId, version, content } = target.prompt;
  const kept =
    promptId !== undefined &&
    (await database.queryOne(sql`
      select 1 from prompts
      where id = ${promptId} and project_id = ${projectId} and deleted_at is null`));
  const prompt = kept ? { promptId, ...(version !== undefined && { version }) } : content;
  return { ...target, prompt };
}
