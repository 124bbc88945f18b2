import type { ErrorClass, Json, ToolCall } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import {
  describeErrorClass,
  isHopeless,
  nextStreak,
  type FailedTry,
  type ItemScore,
  type JudgeSpend,
  type Streak,
  type TargetError,
} from '#libs/evaluation';
import type { RunContext } from './context.ts';
import { hintInTransaction, hintIsDue } from './hint.ts';
import { decide } from './outbox.ts';
import { capColumns, stopAtCap, stopAtStreak, stopEarly, type Capped, type Stop } from './stop.ts';
import type { Batch, OpenItem, RunPlan } from './work.ts';

/** What became of one open item: either an output or an error, and what is known beside it. */
export interface ItemResult extends Pick<OpenItem, 'no' | 'key' | 'repeat' | 'attempt'> {
  output?: Json | undefined;
  error?: TargetError | undefined;
  latencyMs?: number | undefined;
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
  costUsd?: number | undefined;
  finishReason?: string | undefined;
  toolCalls?: readonly ToolCall[] | undefined;
  context?: Json | undefined;
  queueMs?: number | undefined;
  cached?: boolean | undefined;
  traceId?: string | undefined;
  /** Calls that failed, in their order. */
  tries?: readonly FailedTry[] | undefined;
  scores: ItemScore[];
}

/** A batch and what became of the items of it that were open. */
export interface BatchResults {
  batch: Batch;
  results: readonly ItemResult[];
}

/** What was paid for an item, whatever became of it. */
export interface Paid {
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
  costUsd?: number | undefined;
  scores: readonly { spend?: JudgeSpend | undefined }[];
}

export interface Stored {
  /** False where the run was canceled in the meantime: nothing was stored. */
  accepted: boolean;
  /** Items of the batch that this call closed, and those among them that failed. */
  closed: number;
  failed: number;
  /** The run has nothing open any more: `finish` was decided. */
  last: boolean;
  /** `fill` may have something to do. False where all open items of the run are in batches that are claimed. */
  more: boolean;
  /** Whoever watches the run should hear of this; on Redis the job says so. */
  hint: boolean;
}

/**
 * Stores all results of batches of one run in one transaction, and answers for each batch: items,
 * tries and scores only where the item was still open, counters and sums by exactly that much. Stored
 * twice, by whoever, it changes nothing. The run stops here where everything fails for one cause, or
 * its money is spent.
 *
 * Rows are always locked in the order items, sums (of metrics, then of errors), run, batches (see also
 * `reopen`), and within each by number.
 */
export async function storeBatches(
  context: RunContext,
  given: readonly BatchResults[],
): Promise<Stored[]> {
  const run = given[0]?.batch.run;
  if (!run) return [];
  if (given.some(({ batch }) => batch.run.id !== run.id)) {
    throw new Error('batches of several runs cannot be stored together');
  }
  // Once, before the transaction: that may run again, and either backend hints by this one answer.
  const due = hintIsDue(run.id);
  const results = distinct(given.flatMap((batch) => batch.results));
  const stored = await context.database
    .transaction(async (tx) => {
      const wasClosed = await insertItems(tx, run, results);
      const closed = results.filter((result) => wasClosed.has(placeOf(result)));
      await insertScores(tx, run, closed);
      await insertTries(tx, run, closed);
      await countErrors(tx, run, closed);
      const counted = await countInRun(tx, run, closed);
      // Rolls back: the run was canceled, and nothing more of it is stored.
      if (!counted) throw new RunIsCanceled();
      const reopened = await closeBatches(
        tx,
        run.id,
        given.map(({ batch }) => batch),
      );
      const running = closed.length > 0 && counted.state === 'running';
      const last = running && counted.done === counted.total;
      if (last) await decide(tx, 'finish', run.id, counted.generation);
      const stop = running ? (stopAtCap(counted) ?? stopWhereHopeless(run, counted)) : undefined;
      if (stop) await stopEarly(context, tx, run.id, stop);
      const hint = last || stop !== undefined || due;
      if (hint) await hintInTransaction(context, tx, run.id);
      // Under the run's lock. Whoever opens a batch later fills after that, and so waits for this.
      const more =
        reopened || counted.uncut || !running || last || stop !== undefined || isClient(run);
      return { closed: new Set(closed), last, more, hint };
    })
    .catch((error: unknown) => {
      if (error instanceof RunIsCanceled) return undefined;
      throw error;
    });
  if (stored) {
    return given.map((batch, index) => {
      const closed = batch.results.filter((result) => stored.closed.has(result));
      return {
        accepted: true,
        closed: closed.length,
        failed: closed.filter(({ error }) => error).length,
        last: stored.last,
        more: stored.more,
        // One of them is enough.
        hint: stored.hint && index === 0,
      };
    });
  }
  await bookPaid(context.database, run, results);
  return given.map((_, index) => ({
    accepted: false,
    closed: 0,
    failed: 0,
    last: false,
    more: true,
    hint: due && index === 0,
  }));
}

class RunIsCanceled extends Error {}

/** An item at one opening. */
const placeOf = ({ no, attempt }: { no: number; attempt: number }): string => `${no}-${attempt}`;

/** Each item once for each opening, as when a batch was delivered twice; by number. */
function distinct(results: readonly ItemResult[]): ItemResult[] {
  const byPlace = new Map<string, ItemResult>();
  for (const result of results) {
    if (!byPlace.has(placeOf(result))) byPlace.set(placeOf(result), result);
  }
  return [...byPlace.values()].sort((a, b) => a.no - b.no);
}

/** Text without U+0000, which PostgreSQL does not keep. */
const clean = (text: string): string => text.replaceAll('\u0000', '\uFFFD');
const jsonOrNull = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

/**
 * Closes items: inserts those that were never closed, updates those that were opened again.
 *
 * `on conflict do update` would do both at once, but only against one of the table's two unique keys:
 * of two workers that store the same item at the same moment, the other key fails one.
 */
async function insertItems(
  tx: Queryable,
  run: RunPlan,
  results: readonly ItemResult[],
): Promise<Set<string>> {
  const column = <Value>(pick: (result: ItemResult) => Value): Value[] => results.map(pick);
  const values = sql`output, error_class, error_message, latency_ms, input_tokens, output_tokens,
    cost_usd, finish_reason, tool_calls, queue_ms, cached, trace_id, context, judge_cost_usd`;
  const rows = await tx.query<{ no: number; attempt: number }>(sql`
    with given as (
      select no, key, repeat, attempt,
        case when error_class is null then 'completed' else 'failed' end as status,
        output::json as output, error_class, error_message, latency_ms, input_tokens, output_tokens,
        cost_usd, finish_reason, tool_calls::json as tool_calls, queue_ms, cached, trace_id,
        context::json as context, judge_cost_usd
      from unnest(
        ${column((r) => r.no)}::int[],
        ${column((r) => r.key)}::text[],
        ${column((r) => r.repeat)}::int[],
        ${column((r) => r.attempt)}::int[],
        ${column((r) => (r.error || r.output === undefined ? null : JSON.stringify(r.output)))}::text[],
        ${column((r) => r.error?.class ?? null)}::text[],
        ${column((r) => (r.error ? clean(r.error.message) : null))}::text[],
        ${column((r) => r.latencyMs ?? null)}::float8[],
        ${column((r) => r.inputTokens ?? null)}::int[],
        ${column((r) => r.outputTokens ?? null)}::int[],
        ${column((r) => r.costUsd ?? null)}::float8[],
        ${column((r) => (r.finishReason === undefined ? null : clean(r.finishReason)))}::text[],
        ${column((r) => jsonOrNull(r.toolCalls))}::text[],
        ${column((r) => r.queueMs ?? null)}::float8[],
        ${column((r) => r.cached ?? false)}::boolean[],
        ${column((r) => (r.traceId === undefined ? null : clean(r.traceId)))}::text[],
        ${column((r) => jsonOrNull(r.context))}::text[],
        ${column(judgeCostOf)}::float8[]
      ) as g (no, key, repeat, attempt, ${values})
    ), fresh as (
      insert into evaluation_items (run_id, no, key, repeat, status, attempt, ${values})
      select ${run.id}, no, key, repeat, status, 1, ${values}
      from given where attempt = 0
      on conflict do nothing
      returning no, 0 as attempt
    ), again as (
      update evaluation_items e set
        status = g.status, attempt = e.attempt + 1, output = g.output, error_class = g.error_class,
        error_message = g.error_message, latency_ms = g.latency_ms, input_tokens = g.input_tokens,
        output_tokens = g.output_tokens, cost_usd = g.cost_usd, finish_reason = g.finish_reason,
        tool_calls = g.tool_calls, queue_ms = g.queue_ms, cached = g.cached, trace_id = g.trace_id,
        context = g.context, judge_cost_usd = g.judge_cost_usd, created_at = now()
      from given g
      where e.run_id = ${run.id} and e.no = g.no and e.status = 'open' and e.attempt = g.attempt
      returning e.no, g.attempt
    )
    select no, attempt from fresh union all select no, attempt from again`);
  return new Set(rows.map(placeOf));
}

/** Null where no judge was asked, or no price of any call is known. */
function judgeCostOf({ scores }: ItemResult): number | null {
  const costs = scores.flatMap(({ spend }) => spend?.costUsd ?? []);
  return costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
}

async function insertScores(
  tx: Queryable,
  run: RunPlan,
  closed: readonly ItemResult[],
): Promise<void> {
  const scores = closed.flatMap(({ no, scores }) => scores.map((score) => ({ no, ...score })));
  if (scores.length === 0) return;
  const column = <Value>(pick: (score: ItemScore & { no: number }) => Value): Value[] =>
    scores.map(pick);
  await tx.query(sql`
    with stored as (
      insert into scores (run_id, no, metric, outcome, value, category, passed, reason, details,
        error_class, cost_usd)
      select ${run.id}, g.no, g.metric, g.outcome, g.value, g.category, g.passed, g.reason,
        g.details::json, g.error_class, g.cost_usd
      from unnest(
        ${column((s) => s.no)}::int[],
        ${column((s) => s.metric)}::smallint[],
        ${column((s) => s.outcome)}::text[],
        ${column((s) => s.value)}::float8[],
        ${column((s) => s.category)}::text[],
        ${column((s) => s.passed)}::boolean[],
        ${column((s) => s.reason)}::text[],
        ${column((s) => (s.details === null ? null : JSON.stringify(s.details)))}::text[],
        ${column((s) => s.errorClass)}::text[],
        ${column((s) => s.spend?.costUsd ?? null)}::float8[]
      ) as g (no, metric, outcome, value, category, passed, reason, details, error_class, cost_usd)
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

/** What failed on the way to an item that is closed now: history, which a retry leaves alone. */
async function insertTries(
  tx: Queryable,
  run: RunPlan,
  closed: readonly ItemResult[],
): Promise<void> {
  const tries = closed.flatMap(({ no, attempt, tries = [] }) =>
    tries.map((failed, index) => ({ no, attempt: attempt + 1, place: index + 1, ...failed })),
  );
  if (tries.length === 0) return;
  const column = <Value>(pick: (failed: (typeof tries)[number]) => Value): Value[] =>
    tries.map(pick);
  await tx.query(sql`
    insert into item_tries (run_id, no, attempt, try, class, message, latency_ms, at)
    select ${run.id}, no, attempt, place, class, message, latency_ms, at
    from unnest(
      ${column((t) => t.no)}::int[], ${column((t) => t.attempt)}::int[],
      ${column((t) => t.place)}::smallint[], ${column((t) => t.class)}::text[],
      ${column((t) => clean(t.message))}::text[], ${column((t) => t.latencyMs ?? null)}::float8[],
      ${column((t) => t.at)}::timestamptz[]
    ) as t (no, attempt, place, class, message, latency_ms, at)`);
}

/** Counts by class what failed: items, tries of them, and scores. */
async function countErrors(
  tx: Queryable,
  run: RunPlan,
  closed: readonly ItemResult[],
): Promise<void> {
  const counts = new Map<ErrorClass, { items: number; tries: number; scores: number }>();
  const count = (of: 'items' | 'tries' | 'scores', errorClass: ErrorClass | null | undefined) => {
    if (!errorClass) return;
    const counted = counts.get(errorClass) ?? { items: 0, tries: 0, scores: 0 };
    counted[of] += 1;
    counts.set(errorClass, counted);
  };
  for (const { error, tries = [], scores } of closed) {
    count('items', error?.class);
    for (const failed of tries) count('tries', failed.class);
    for (const score of scores) count('scores', score.errorClass);
  }
  if (counts.size === 0) return;
  const rows = [...counts];
  await tx.query(sql`
    insert into run_errors as r (run_id, class, items, tries, scores)
    select ${run.id}, class, items, tries, scores
    from unnest(${rows.map(([errorClass]) => errorClass)}::text[],
      ${rows.map(([, { items }]) => items)}::int[], ${rows.map(([, { tries }]) => tries)}::int[],
      ${rows.map(([, { scores }]) => scores)}::int[]) as g (class, items, tries, scores)
    order by class
    on conflict (run_id, class) do update set items = r.items + excluded.items,
      tries = r.tries + excluded.tries, scores = r.scores + excluded.scores`);
}

interface Counted extends Capped {
  state: string;
  generation: number;
  streak: number;
  streak_class: ErrorClass | null;
  /** Items that no batch has taken yet. */
  uncut: boolean;
}

async function countInRun(
  tx: Queryable,
  run: RunPlan,
  closed: readonly ItemResult[],
): Promise<Counted | undefined> {
  const columns = sql`
    state, generation, streak, streak_class, next_item < total as uncut, ${capColumns}`;
  if (closed.length === 0) {
    // Nothing to count, also where the run is completed; the lock is for `closeBatches`, against `reopen`.
    return tx.queryOne<Counted>(sql`
      select ${columns} from evaluation_runs
      where id = ${run.id} and state <> 'canceled' for update`);
  }
  const { class: errorClass, count, goesOn } = streakOf(closed);
  // One counter row per run: it comes last but for the batches, so that it is locked only briefly.
  return tx.queryOne<Counted>(sql`
    update evaluation_runs set
      done = done + ${closed.length}::int,
      failed = failed + ${closed.filter(({ error }) => error).length}::int,
      cache_hits = cache_hits + ${closed.filter(({ cached }) => cached).length}::int,
      streak = ${count}::int + case
        when ${goesOn}::boolean and streak_class = ${errorClass}::text then streak else 0 end,
      streak_class = ${errorClass}::text,
      ${plusSpent(closed)}, version = version + 1, updated_at = now()
    where id = ${run.id} and state in ('running', 'paused', 'failed')
    returning ${columns}`);
}

/** The streak of these items alone; it goes on from the run's where all of them failed alike. */
function streakOf(closed: readonly ItemResult[]): Streak & { goesOn: boolean } {
  const classes = closed.map(causeOf);
  const streak = nextStreak({ class: null, count: 0 }, classes);
  return { ...streak, goesOn: streak.count === classes.length };
}

/**
 * Why an item is none that worked. One whose output a judge could not score for a cause that stops a
 * run is none either: the judge's key may be the bad one.
 */
function causeOf({ error, scores }: ItemResult): ErrorClass | null {
  if (error) return error.class;
  const broken = scores.find(
    ({ errorClass }) => errorClass !== null && describeErrorClass(errorClass).stopsRun,
  );
  return broken?.errorClass ?? null;
}

function stopWhereHopeless(run: RunPlan, counted: Counted): Stop | undefined {
  const { streak: count, streak_class: errorClass } = counted;
  if (errorClass === null || !isHopeless({ class: errorClass, count }, run.concurrency)) {
    return undefined;
  }
  return stopAtStreak(counted, errorClass, count);
}

/** Of a client run, leases cut batches and free them. */
const isClient = ({ target }: RunPlan): boolean => target.kind === 'client';

/**
 * A batch is done once nothing of it is open; what of it failed stays known by its items.
 * @returns whether batches of the run wait to be claimed again
 */
async function closeBatches(
  tx: Queryable,
  runId: string,
  batches: readonly Batch[],
): Promise<boolean> {
  const ordered = batches.toSorted((a, b) => a.job.batch - b.job.batch);
  // Materialised: a planner that knows nothing of this run yet would look all of it up for each batch.
  const waiting = await tx.queryOne<{ reopened: boolean }>(sql`
    with done as materialized (
      select o.no
      from unnest(${ordered.map(({ job }) => job.batch)}::int[],
        ${ordered.map(({ first }) => first)}::int[],
        ${ordered.map(({ count }) => count)}::int[]) as g (no, first, count)
      join lateral (
        select no from run_batches
        where run_id = ${runId} and no = g.no and state in ('claimed', 'open')
        limit 1 for update
      ) o on true
      where g.count = (
        select count(*) from evaluation_items e
        where e.run_id = ${runId} and e.no >= g.first and e.no < g.first + g.count
          and e.status <> 'open')
    ), closed as (
      update run_batches b set state = 'done', losses = 0, faults = 0, tries = null
      from done where b.run_id = ${runId} and b.no = done.no
    )
    select exists (select 1 from run_batches where run_id = ${runId} and state = 'open') as reopened`);
  return waiting?.reopened ?? true;
}

/** Books what was paid for items that are not stored: those of a canceled run, or given up halfway. */
export async function bookPaid(
  database: Queryable,
  run: Pick<RunPlan, 'id'>,
  paid: readonly Paid[],
): Promise<void> {
  const free = paid.every(
    (r) =>
      !r.costUsd &&
      !r.inputTokens &&
      !r.outputTokens &&
      r.scores.every(({ spend }) => spend === undefined),
  );
  if (free) return;
  await database.query(sql`
    update evaluation_runs set ${plusSpent(paid)}, version = version + 1 where id = ${run.id}`);
}

/** Adds up in `numeric`, like the sums of scores, so that the order of batches changes no digit. */
function plusSpent(paid: readonly Paid[]) {
  const spends = paid.flatMap(({ scores }) => scores.flatMap(({ spend }) => spend ?? []));
  const exactly = (costs: readonly number[]) => sql`(
    select coalesce(sum(cost::text::numeric), 0) from unnest(${[...costs]}::float8[]) as cost)`;
  const sum = (numbers: readonly (number | undefined)[]) =>
    sql`${numbers.reduce<number>((total, number) => total + (number ?? 0), 0)}::bigint`;
  return sql`
    cost_usd = cost_usd + ${exactly(paid.flatMap(({ costUsd }) => costUsd ?? []))},
    input_tokens = input_tokens + ${sum(paid.map((r) => r.inputTokens))},
    output_tokens = output_tokens + ${sum(paid.map((r) => r.outputTokens))},
    judge_cost_usd = judge_cost_usd + ${exactly(spends.flatMap(({ costUsd }) => costUsd ?? []))},
    judge_input_tokens = judge_input_tokens + ${sum(spends.map((s) => s.inputTokens))},
    judge_output_tokens = judge_output_tokens + ${sum(spends.map((s) => s.outputTokens))}`;
}
