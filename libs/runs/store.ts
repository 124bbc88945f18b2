import type { ErrorClass, ToolCall } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import type { ItemScore } from '#libs/evaluation';
import { RUN_CHANGED_CHANNEL } from '#libs/queues';
import type { RunContext } from './context.ts';
import { decide } from './outbox.ts';
import type { Batch } from './work.ts';

/** What became of one open item. */
export interface ItemResult {
  no: number;
  key: string;
  repeat: number;
  /** The open item's: a result of before a retry does not close an item that was opened again. */
  attempt: number;
  output: unknown;
  error: { class: ErrorClass; message: string } | undefined;
  latencyMs: number | undefined;
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  costUsd: number | undefined;
  finishReason: string | undefined;
  toolCalls: readonly ToolCall[] | undefined;
  scores: ItemScore[];
}

export interface Stored {
  /** False where the run was canceled in the meantime: nothing was stored. */
  accepted: boolean;
  /** Items that this call closed, and those among them that failed. */
  closed: number;
  failed: number;
  /** The run has nothing open any more: `finish` was decided. */
  last: boolean;
  /** Whoever watches the run should hear of this; on Redis the job says so. */
  hint: boolean;
}

interface Counted {
  state: string;
  total: number;
  done: number;
  generation: number;
}

/**
 * Stores all results of a batch in one transaction: items and scores only where the item was still
 * open, counters and sums by exactly that much. Stored twice, by whoever, it changes nothing.
 *
 * Rows are always locked in the order items, sums, run, batches (see also `reopen`).
 */
export async function storeBatch(
  context: RunContext,
  batch: Batch,
  results: readonly ItemResult[],
): Promise<Stored> {
  // Once, before the transaction: that may run again, and either backend hints by this one answer.
  const due = hintIsDue(batch.run.id);
  const stored = await context.database
    .transaction(async (tx) => {
      const closed = await insertItems(tx, batch, results);
      const scores = results
        .filter(({ no }) => closed.has(no))
        .flatMap(({ no, scores }) => scores.map((score) => ({ no, ...score })));
      if (scores.length > 0) await insertScores(tx, batch, scores);
      const counted = await countInRun(
        tx,
        batch,
        results.filter(({ no }) => closed.has(no)),
      );
      // Rolls back: the run was canceled, and nothing more of it is stored.
      if (!counted) throw new RunIsCanceled();
      await closeBatch(tx, batch);
      const last = closed.size > 0 && counted.done === counted.total && counted.state === 'running';
      if (last) await decide(tx, 'finish', batch.run.id, counted.generation);
      const hint = last || due;
      if (hint) await hintInTransaction(context, tx, batch.run.id);
      const failed = results.filter(({ no, error }) => closed.has(no) && error).length;
      return { accepted: true, closed: closed.size, failed, last, hint };
    })
    .catch((error: unknown) => {
      if (error instanceof RunIsCanceled) return undefined;
      throw error;
    });
  if (stored) return stored;
  await bookCost(context.database, batch, results);
  return { accepted: false, closed: 0, failed: 0, last: false, hint: due };
}

class RunIsCanceled extends Error {}

/**
 * Closes items: inserts those that were never closed, updates those that were opened again.
 *
 * `on conflict do update` would do both at once, but only against one of the table's two unique keys:
 * of two workers that store the same item at the same moment, the other key fails one.
 */
async function insertItems(
  tx: Queryable,
  { run }: Batch,
  results: readonly ItemResult[],
): Promise<Set<number>> {
  const column = <Value>(pick: (result: ItemResult) => Value): Value[] => results.map(pick);
  const rows = await tx.query<{ no: number }>(sql`
    with given as (
      select no, key, repeat, attempt,
        case when error_class is null then 'completed' else 'failed' end as status,
        output::json as output, error_class, error_message, latency_ms, input_tokens, output_tokens,
        cost_usd, finish_reason, tool_calls::json as tool_calls
      from unnest(
        ${column((r) => r.no)}::int[],
        ${column((r) => r.key)}::text[],
        ${column((r) => r.repeat)}::int[],
        ${column((r) => r.attempt)}::int[],
        ${column((r) => (r.error || r.output === undefined ? null : JSON.stringify(r.output)))}::text[],
        ${column((r) => r.error?.class ?? null)}::text[],
        ${column((r) => r.error?.message.replaceAll('\u0000', '\uFFFD') ?? null)}::text[],
        ${column((r) => r.latencyMs ?? null)}::float8[],
        ${column((r) => r.inputTokens ?? null)}::int[],
        ${column((r) => r.outputTokens ?? null)}::int[],
        ${column((r) => r.costUsd ?? null)}::float8[],
        ${column((r) => r.finishReason?.replaceAll('\u0000', '\uFFFD') ?? null)}::text[],
        ${column((r) => (r.toolCalls === undefined ? null : JSON.stringify(r.toolCalls)))}::text[]
      ) as g (no, key, repeat, attempt, output, error_class, error_message, latency_ms,
        input_tokens, output_tokens, cost_usd, finish_reason, tool_calls)
    ), fresh as (
      insert into evaluation_items (run_id, no, key, repeat, status, attempt, output, error_class,
        error_message, latency_ms, input_tokens, output_tokens, cost_usd, finish_reason, tool_calls)
      select ${run.id}, no, key, repeat, status, 1, output, error_class, error_message, latency_ms,
        input_tokens, output_tokens, cost_usd, finish_reason, tool_calls
      from given where attempt = 0
      on conflict do nothing
      returning no
    ), again as (
      update evaluation_items e set
        status = g.status, attempt = e.attempt + 1, output = g.output, error_class = g.error_class,
        error_message = g.error_message, latency_ms = g.latency_ms, input_tokens = g.input_tokens,
        output_tokens = g.output_tokens, cost_usd = g.cost_usd, finish_reason = g.finish_reason,
        tool_calls = g.tool_calls, created_at = now()
      from given g
      where e.run_id = ${run.id} and e.no = g.no and e.status = 'open' and e.attempt = g.attempt
      returning e.no
    )
    select no from fresh union all select no from again`);
  return new Set(rows.map(({ no }) => no));
}

async function insertScores(
  tx: Queryable,
  { run }: Batch,
  scores: readonly (ItemScore & { no: number })[],
): Promise<void> {
  const column = <Value>(pick: (score: ItemScore & { no: number }) => Value): Value[] =>
    scores.map(pick);
  await tx.query(sql`
    with stored as (
      insert into scores (run_id, no, metric, outcome, value, category, passed, reason, details)
      select ${run.id}, g.no, g.metric, g.outcome, g.value, g.category, g.passed, g.reason,
        g.details::json
      from unnest(
        ${column((s) => s.no)}::int[],
        ${column((s) => s.metric)}::smallint[],
        ${column((s) => s.outcome)}::text[],
        ${column((s) => s.value)}::float8[],
        ${column((s) => s.category)}::text[],
        ${column((s) => s.passed)}::boolean[],
        ${column((s) => s.reason)}::text[],
        ${column((s) => (s.details === null ? null : JSON.stringify(s.details)))}::text[]
      ) as g (no, metric, outcome, value, category, passed, reason, details)
      returning metric, outcome, value, passed
    )
    insert into run_metric_sums as m
      (run_id, metric, n, sum, sum_of_squares, judged, passed, errors, not_applicable)
    select ${run.id}, metric, ${sumsOfScores}
    from stored group by metric order by metric
    on conflict (run_id, metric) do update set
      n = m.n + excluded.n, sum = m.sum + excluded.sum,
      sum_of_squares = m.sum_of_squares + excluded.sum_of_squares,
      judged = m.judged + excluded.judged, passed = m.passed + excluded.passed,
      errors = m.errors + excluded.errors,
      not_applicable = m.not_applicable + excluded.not_applicable`);
}

/**
 * What a group of scores adds to the running sums, in the order of their columns. A double goes
 * through its shortest text into `numeric`, where addition is exact: the order of batches changes no
 * digit, and what is taken back leaves nothing behind.
 */
export const sumsOfScores = sql`
  count(value)::int as n,
  coalesce(sum(value::text::numeric), 0) as sum,
  coalesce(sum(value::text::numeric * value::text::numeric), 0) as sum_of_squares,
  count(passed)::int as judged,
  (count(*) filter (where passed))::int as passed,
  (count(*) filter (where outcome = 'error'))::int as errors,
  (count(*) filter (where outcome = 'not_applicable'))::int as not_applicable`;

async function countInRun(
  tx: Queryable,
  { run }: Batch,
  closed: readonly ItemResult[],
): Promise<Counted | undefined> {
  if (closed.length === 0) {
    // Nothing to count, also where the run is completed; the lock is for `closeBatch`, against `reopen`.
    return tx.queryOne<Counted>(sql`
      select state, total, done, generation from evaluation_runs
      where id = ${run.id} and state <> 'canceled' for update`);
  }
  // One counter row per run: it comes last but for the batch, so that it is locked only briefly.
  return tx.queryOne<Counted>(sql`
    update evaluation_runs set
      done = done + ${closed.length}::int,
      failed = failed + ${closed.filter(({ error }) => error).length}::int,
      ${plusSpent(closed)}, version = version + 1, updated_at = now()
    where id = ${run.id} and state in ('running', 'paused', 'failed')
    returning state, total, done, generation`);
}

async function closeBatch(tx: Queryable, { job, first, count }: Batch): Promise<void> {
  await tx.query(sql`
    update run_batches b set state = 'done', losses = 0, faults = 0
    where run_id = ${job.runId} and no = ${job.batch} and state in ('claimed', 'open')
      and ${count}::int = (
        select count(*) from evaluation_items e
        where e.run_id = ${job.runId} and e.no >= ${first} and e.no < ${first + count}
          and e.status <> 'open'
      )`);
}

/** What was spent on a run that has been canceled is booked all the same. */
async function bookCost(
  database: Queryable,
  { run }: Batch,
  results: readonly ItemResult[],
): Promise<void> {
  const free = results.every((r) => !r.costUsd && !r.inputTokens && !r.outputTokens);
  if (free) return;
  await database.query(sql`
    update evaluation_runs set ${plusSpent(results)}, version = version + 1 where id = ${run.id}`);
}

/** Adds up in `numeric`, like the sums of scores, so that the order of batches changes no digit. */
const plusSpent = (results: readonly ItemResult[]) => sql`
  cost_usd = cost_usd + (
    select coalesce(sum(cost::text::numeric), 0)
    from unnest(${results.map(({ costUsd }) => costUsd ?? 0)}::float8[]) as cost),
  input_tokens = input_tokens
    + ${results.reduce((sum, { inputTokens }) => sum + (inputTokens ?? 0), 0)}::bigint,
  output_tokens = output_tokens
    + ${results.reduce((sum, { outputTokens }) => sum + (outputTokens ?? 0), 0)}::bigint`;

/**
 * Sends a hint when the transaction commits, to every API replica that listens. On Redis hints come
 * from jobs instead (see `JobHandle.hint`).
 */
export async function hintInTransaction(
  { queues }: RunContext,
  tx: Queryable,
  runId: string,
): Promise<void> {
  if (queues.kind !== 'postgresql') return;
  await tx.query(sql`select pg_notify(${RUN_CHANGED_CHANNEL}, ${JSON.stringify({ runId })})`);
}

const HINT_INTERVAL_MS = 100;
const HINTS_REMEMBERED = 1_000;
const lastHint = new Map<string, number>();

/** At most ten hints a second for a run from one process; whoever shows it reads absolute numbers. */
function hintIsDue(runId: string): boolean {
  const now = Date.now();
  if (now - (lastHint.get(runId) ?? 0) < HINT_INTERVAL_MS) return false;
  if (lastHint.size >= HINTS_REMEMBERED) lastHint.clear();
  lastHint.set(runId, now);
  return true;
}
