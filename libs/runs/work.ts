import type { BatchJob, Json, RunMetricSpec, RunState, SettledTarget } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import type { RunContext } from './context.ts';

/**
 * A batch whose worker was lost this often, without a result and without an error, is next worked on
 * alone in its process, so that whatever ends the process counts against the right batch.
 */
export const ALONE_AFTER_LOSSES = 2;
/** After this many losses, or unexpected errors, a batch is split; a single item is given up. */
const POISONED_AFTER_LOSSES = 3;
const POISONED_AFTER_FAULTS = 5;

/** The part of a run that does not change while it is worked on. */
export interface RunPlan {
  id: string;
  projectId: string;
  target: SettledTarget;
  metrics: RunMetricSpec[];
  repeats: number;
  /** Items that it may have in flight. */
  concurrency: number;
  /** How calls elsewhere are made. */
  timeoutMs: number;
  maxRetries: number;
  cache: boolean;
  datasetVersionId: string;
  /** Its items are a selection of the version's. */
  filtered: boolean;
}

export interface OpenItem {
  no: number;
  key: string;
  repeat: number;
  /** How often it has been closed before. */
  attempt: number;
  input: Json;
  /** Null where the dataset has none. */
  expected: Json | null;
  metadata: Record<string, Json>;
}

export interface Batch {
  job: BatchJob;
  run: RunPlan;
  first: number;
  count: number;
}

export type Start =
  /** Another attempt has taken the batch, or its run takes no more work: nothing is to be done. */
  | { kind: 'stale' }
  /** It was lost before: to be started again with `alone`, when nothing else is at work here. */
  | { kind: 'alone' }
  /** It kept losing workers or failing unexpectedly: its open items are to be given up or split. */
  | { kind: 'poisoned'; batch: Batch; cause: 'worker_lost' | 'internal_error' }
  | { kind: 'work'; batch: Batch };

interface StartedRow {
  first: number;
  count: number;
  losses: number;
  faults: number;
  state: RunState;
  project_id: string;
  target: SettledTarget;
  metrics: RunMetricSpec[];
  repeats: number;
  concurrency: number;
  timeout_ms: number;
  max_retries: number;
  cache: boolean;
  dataset_version_id: string;
  filtered: boolean;
}

/**
 * Starts a batch. The start counts as a loss from now on, until `storeBatch`, `releaseBatch` or
 * `faultBatch` says how it ended: so a process that is gone without a word has been counted already.
 */
export async function startBatch(
  context: RunContext,
  job: BatchJob,
  { alone }: { alone: boolean },
): Promise<Start> {
  const { database } = context;
  const row = await database.queryOne<StartedRow>(sql`
    update run_batches b set losses = losses + 1
    from evaluation_runs r
    where b.run_id = ${job.runId} and b.no = ${job.batch} and b.attempt = ${job.attempt}
      and b.state = 'claimed' and r.id = b.run_id
    returning b.first, b.count, b.losses, b.faults, r.state, r.project_id, r.target, r.metrics,
      r.repeats, r.concurrency, r.timeout_ms, r.max_retries, r.cache, r.dataset_version_id, r.filter is not null as filtered`);
  if (!row) return { kind: 'stale' };
  if (row.state !== 'running') {
    await releaseBatch(database, job);
    return { kind: 'stale' };
  }
  const lossesBefore = row.losses - 1;
  const batch: Batch = {
    job,
    first: row.first,
    count: row.count,
    run: {
      id: job.runId,
      projectId: row.project_id,
      target: row.target,
      metrics: row.metrics,
      repeats: row.repeats,
      concurrency: row.concurrency,
      timeoutMs: row.timeout_ms,
      maxRetries: row.max_retries,
      cache: row.cache,
      datasetVersionId: row.dataset_version_id,
      filtered: row.filtered,
    },
  };
  if (lossesBefore >= POISONED_AFTER_LOSSES)
    return { kind: 'poisoned', batch, cause: 'worker_lost' };
  if (row.faults >= POISONED_AFTER_FAULTS)
    return { kind: 'poisoned', batch, cause: 'internal_error' };
  if (lossesBefore >= ALONE_AFTER_LOSSES && !alone) {
    await uncountStart(database, job);
    return { kind: 'alone' };
  }
  return { kind: 'work', batch };
}

/**
 * The items of a batch that are still open, in their order. `limit 1` makes it one look into each
 * index for each item, also where the planner knows nothing yet of fresh tables.
 */
export async function openItems(database: Queryable, batch: Batch): Promise<OpenItem[]> {
  const { run, first, count } = batch;
  const place = sql`n.no / ${run.repeats}::int`;
  const position = run.filtered
    ? sql`(select s.position from run_selections s
        where s.run_id = ${run.id} and s.place = ${place} limit 1)`
    : place;
  return database.query<OpenItem>(sql`
    select n.no, d.key, (n.no % ${run.repeats})::int as repeat, coalesce(e.attempt, 0) as attempt,
      d.input, d.expected, d.metadata
    from generate_series(${first}::int, ${first + count - 1}::int) as n (no)
    join lateral (
      select * from dataset_items
      where version_id = ${run.datasetVersionId} and position = ${position} limit 1
    ) d on true
    left join lateral (
      select no, status, attempt from evaluation_items
      where run_id = ${run.id} and no = n.no limit 1
    ) e on true
    where (e.no is null or e.status = 'open')
      ${
        run.target.kind === 'client'
          ? sql`and exists (
        select 1 from client_outputs c
        where c.run_id = ${run.id} and c.no = n.no and c.attempt = coalesce(e.attempt, 0))`
          : sql``
      }
    order by n.no`);
}

/** Gives a batch back, undone: a later `fill` claims it again. */
export async function releaseBatch(database: Queryable, job: BatchJob): Promise<void> {
  await database.query(sql`
    update run_batches set state = 'open', losses = greatest(losses - 1, 0)
    where run_id = ${job.runId} and no = ${job.batch} and attempt = ${job.attempt}
      and state = 'claimed'`);
}

/** Counts an unexpected error against a batch; the reconciler will open it again. */
export async function faultBatch(database: Queryable, job: BatchJob): Promise<void> {
  await database.query(sql`
    update run_batches set losses = greatest(losses - 1, 0), faults = faults + 1
    where run_id = ${job.runId} and no = ${job.batch} and attempt = ${job.attempt}
      and state = 'claimed'`);
}

async function uncountStart(database: Queryable, job: BatchJob): Promise<void> {
  await database.query(sql`
    update run_batches set losses = losses - 1
    where run_id = ${job.runId} and no = ${job.batch} and attempt = ${job.attempt}
      and state = 'claimed'`);
}

/**
 * Replaces a poisoned batch by one batch for each of its open items, each to be worked on alone, so
 * that only the culprit is given up.
 */
export async function splitBatch(context: RunContext, batch: Batch): Promise<void> {
  const { job } = batch;
  const items = await openItems(context.database, batch);
  await context.database.transaction(async (tx) => {
    const run = await tx.queryOne<{ next_batch: number }>(sql`
      select next_batch from evaluation_runs where id = ${job.runId} for update`);
    const split = await tx.query(sql`
      update run_batches set state = 'split'
      where run_id = ${job.runId} and no = ${job.batch} and attempt = ${job.attempt}
        and state = 'claimed'
      returning 1`);
    if (!run || split.length === 0) return;
    await tx.query(sql`
      insert into run_batches
        (run_id, no, first, count, attempt, state, losses, claimed_at, checked_at)
      select ${job.runId}, ${run.next_batch}::int + (o.place - 1), o.no, 1, 0, 'open',
        ${ALONE_AFTER_LOSSES}, now(), now()
      from unnest(${items.map(({ no }) => no)}::int[]) with ordinality as o (no, place)`);
    await tx.query(sql`
      update evaluation_runs set next_batch = next_batch + ${items.length} where id = ${job.runId}`);
  });
}
