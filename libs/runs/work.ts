import type { BatchJob, Json, RunMetricSpec, RunState, SettledTarget } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import type { FailedTry } from '#libs/evaluation';
import type { BatchQueue } from '#libs/queues';
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
  queue: BatchQueue;
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
  /** What it may spend is capped. */
  capped: boolean;
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
  /** Tries of its one item that failed before it was deferred. */
  earlier: readonly FailedTry[];
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
  run_id: string;
  no: number;
  attempt: number;
  first: number;
  count: number;
  losses: number;
  faults: number;
  tries: FailedTry[] | null;
  state: RunState;
  queue: BatchQueue;
  project_id: string;
  /** Only in the first row of each run. */
  target: SettledTarget | null;
  metrics: RunMetricSpec[] | null;
  repeats: number;
  concurrency: number;
  timeout_ms: number;
  max_retries: number;
  cache: boolean;
  dataset_version_id: string;
  filtered: boolean;
  capped: boolean;
}

/**
 * Starts batches, of any runs, and answers for each in their order. The start counts as a loss from
 * now on, until `storeBatches`, `releaseBatch`, `deferBatch` or `faultBatch` says how it ended: so a
 * process that is gone without a word has been counted already.
 */
export async function startBatches(
  context: RunContext,
  jobs: readonly BatchJob[],
  { alone }: { alone: boolean },
): Promise<Start[]> {
  const { database } = context;
  // In one order everywhere, so that two such statements never wait for each other.
  const asked = jobs.toSorted((a, b) => a.runId.localeCompare(b.runId) || a.batch - b.batch);
  const rows = await database.query<StartedRow>(sql`
    with asked as (
      select b.run_id, b.no from unnest(
        ${asked.map(({ runId }) => runId)}::uuid[], ${asked.map(({ batch }) => batch)}::int[],
        ${asked.map(({ attempt }) => attempt)}::int[]
      ) as g (run_id, no, attempt)
      join lateral (
        select run_id, no from run_batches
        where run_id = g.run_id and no = g.no and attempt = g.attempt and state = 'claimed'
        limit 1 for update
      ) b on true
    ), started as (
      update run_batches b set losses = b.losses + 1
      from asked a where b.run_id = a.run_id and b.no = a.no
      returning b.run_id, b.no, b.attempt, b.first, b.count, b.losses, b.faults, b.tries
    ), placed as (
      select *, row_number() over (partition by run_id) as place from started
    )
    select s.run_id, s.no, s.attempt, s.first, s.count, s.losses, s.faults, s.tries, r.state, r.queue,
      r.project_id, case when s.place = 1 then r.target end as target,
      case when s.place = 1 then r.metrics end as metrics, r.repeats, r.concurrency, r.timeout_ms,
      r.max_retries, r.cache, r.dataset_version_id, r.filter is not null as filtered,
      r.max_cost_usd is not null as capped
    from placed s join evaluation_runs r on r.id = s.run_id`);
  const plans = new Map(rows.flatMap((row) => toPlan(row) ?? []).map((plan) => [plan.id, plan]));
  const byBatch = new Map(rows.map((row) => [`${row.run_id}-${row.no}`, row]));
  return Promise.all(
    jobs.map(async (job): Promise<Start> => {
      const row = byBatch.get(`${job.runId}-${job.batch}`);
      const run = plans.get(job.runId);
      // Of two attempts that are asked for together only the one that holds the claim goes on.
      if (!row || !run || row.attempt !== job.attempt) return { kind: 'stale' };
      if (row.state !== 'running') {
        await releaseBatch(database, job);
        return { kind: 'stale' };
      }
      const lossesBefore = row.losses - 1;
      const { first, count, faults, tries } = row;
      const batch: Batch = { job, first, count, run, earlier: tries ?? [] };
      if (lossesBefore >= POISONED_AFTER_LOSSES)
        return { kind: 'poisoned', batch, cause: 'worker_lost' };
      if (faults >= POISONED_AFTER_FAULTS)
        return { kind: 'poisoned', batch, cause: 'internal_error' };
      if (lossesBefore >= ALONE_AFTER_LOSSES && !alone) {
        await uncountStart(database, job);
        return { kind: 'alone' };
      }
      return { kind: 'work', batch };
    }),
  );
}

function toPlan(row: StartedRow): RunPlan | undefined {
  if (row.target === null || row.metrics === null) return undefined;
  return {
    id: row.run_id,
    projectId: row.project_id,
    queue: row.queue,
    target: row.target,
    metrics: row.metrics,
    repeats: row.repeats,
    concurrency: row.concurrency,
    timeoutMs: row.timeout_ms,
    maxRetries: row.max_retries,
    cache: row.cache,
    datasetVersionId: row.dataset_version_id,
    filtered: row.filtered,
    capped: row.capped,
  };
}

/**
 * The items of batches that are still open, for each batch in their order; of a client run, those that
 * are answered. `limit 1` makes it one look into each index for each item, also where the planner
 * knows nothing yet of fresh tables.
 */
export async function openItems(
  database: Queryable,
  batches: readonly Batch[],
): Promise<OpenItem[][]> {
  const column = <Value>(pick: (batch: Batch) => Value): Value[] => batches.map(pick);
  const rows = await database.query<OpenItem & { place: number }>(sql`
    select w.place::int, n.no, d.key, (n.no % w.repeats)::int as repeat,
      coalesce(e.attempt, 0) as attempt, d.input, d.expected, d.metadata
    from unnest(
      ${column(({ run }) => run.id)}::uuid[],
      ${column(({ run }) => run.datasetVersionId)}::uuid[],
      ${column(({ run }) => run.repeats)}::int[],
      ${column(({ run }) => run.filtered)}::boolean[],
      ${column(({ run }) => run.target.kind === 'client')}::boolean[],
      ${column(({ first }) => first)}::int[],
      ${column(({ first, count }) => first + count - 1)}::int[]
    ) with ordinality as w (run_id, version_id, repeats, filtered, client, first, last, place)
    cross join lateral generate_series(w.first, w.last) as n (no)
    cross join lateral (
      select case when w.filtered then (
        select s.position from run_selections s
        where s.run_id = w.run_id and s.place = n.no / w.repeats limit 1
      ) else n.no / w.repeats end as position
    ) p
    join lateral (
      select * from dataset_items
      where version_id = w.version_id and position = p.position limit 1
    ) d on true
    left join lateral (
      select no, status, attempt from evaluation_items
      where run_id = w.run_id and no = n.no limit 1
    ) e on true
    where (e.no is null or e.status = 'open') and (not w.client or exists (
      select 1 from client_outputs c
      where c.run_id = w.run_id and c.no = n.no and c.attempt = coalesce(e.attempt, 0)))
    order by w.place, n.no`);
  const items = batches.map((): OpenItem[] => []);
  for (const { place, ...item } of rows) items[place - 1]?.push(item);
  return items;
}

/** Those of the runs that take work: a run may have stopped since its batch was started. */
export async function runsThatGoOn(
  database: Queryable,
  runIds: readonly string[],
): Promise<Set<string>> {
  const rows = await database.query<{ id: string }>(sql`
    select id from evaluation_runs
    where id = any(${[...new Set(runIds)]}::uuid[]) and state = 'running'`);
  return new Set(rows.map(({ id }) => id));
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

/**
 * Puts a batch off: the start is no loss, and the tries that have failed so far count when it comes
 * back. Its claim stays, as the place among the run's items in flight that it holds.
 */
export async function deferBatch(
  database: Queryable,
  job: BatchJob,
  tries: readonly FailedTry[],
): Promise<void> {
  await database.query(sql`
    update run_batches
    set losses = greatest(losses - 1, 0), tries = ${JSON.stringify(tries)}::json
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
  const [items = []] = await openItems(context.database, [batch]);
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
