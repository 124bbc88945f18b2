import { RequestError, type Lease, type LeaseResult, type RunState } from '#libs/contracts';
import { sql, uuid, type Database, type Queryable } from '#libs/database';
import type { RecordedOutputs } from '#libs/evaluation';
import { freeUnansweredBatches, isClientRun, unansweredItems } from './client-runs.ts';
import type { RunContext } from './context.ts';
import { fillSoon } from './fill.ts';
import { toResult, type OutputRow } from './outputs.ts';
import { runIsDeleted, runNotFound } from './rows.ts';
import type { OpenItem } from './work.ts';

interface ClientRun {
  state: RunState;
  total: number;
  done: number;
  repeats: number;
  concurrency: number;
  next_item: number;
  next_batch: number;
  dataset_version_id: string;
  filtered: boolean;
}

/** An item as a lease gave it out; the attempt tells an answer of before a retry from one after. */
interface Handed {
  no: number;
  attempt: number;
}

/**
 * Gives out items of a client run: those whose lease ran out or was given back first, then fresh ones.
 * Never more than the run's concurrency are out without an answer. A lease that has run out needs
 * nobody to end it: its items are free from that moment.
 * @throws {RequestError} `run_not_found`, `run_deleted`, `run_not_client`
 */
export async function leaseItems(
  { database }: RunContext,
  projectId: string,
  runId: string,
  { limit, leaseMs }: { limit: number; leaseMs: number },
): Promise<Lease> {
  return database.transaction(async (tx) => {
    const run = await lockClientRun(tx, projectId, runId);
    const nothing = {
      id: null,
      items: [],
      expiresAt: null,
      runState: run.state,
      open: run.total - run.done,
    };
    if (run.state !== 'running') return nothing;
    const out = await tx.queryOne<{ count: number }>(sql`
      select coalesce(sum((select count(*) from (${unansweredItems}) u)), 0)::int as count
      from run_batches b
      where b.run_id = ${runId} and b.state = 'leased' and b.lease_expires_at > now()`);
    const free = Math.min(limit, run.concurrency - (out?.count ?? 0));
    if (free <= 0) return nothing;

    const leaseId = uuid();
    await freeUnansweredBatches(tx, runId);
    const handed = await leaseAgain(tx, runId, { run, leaseId, leaseMs, free });
    handed.push(
      ...(await leaseFresh(tx, runId, { run, leaseId, leaseMs, free: free - handed.length })),
    );
    if (handed.length === 0) return nothing;
    const stored = await tx.queryOne<{ expires_at: string }>(sql`
      insert into client_leases (id, run_id, items)
      values (${leaseId}, ${runId}, ${JSON.stringify(handed)}::json)
      returning ${inMilliseconds(leaseMs)} as expires_at`);
    return {
      ...nothing,
      id: leaseId,
      items: await itemsOf(tx, run, runId, handed),
      expiresAt: new Date(stored?.expires_at ?? 0).toISOString(),
    };
  });
}

/** The moment that many milliseconds after the transaction began. */
const inMilliseconds = (ms: number) => sql`now() + make_interval(secs => ${ms / 1000})`;

/** Batches that nobody holds any more, until `free` items are found; the last one is cut to fit. */
async function leaseAgain(
  tx: Queryable,
  runId: string,
  lease: { run: ClientRun; leaseId: string; leaseMs: number; free: number },
): Promise<Handed[]> {
  const { run, leaseId, leaseMs, free } = lease;
  const batches = await tx.query<{ no: number; first: number; count: number; items: Handed[] }>(sql`
    select b.no, b.first, b.count, u.items
    from run_batches b cross join lateral (
      select json_agg(json_build_object('no', o.no, 'attempt', o.attempt) order by o.no) as items
      from (${unansweredItems}) o
    ) u
    where b.run_id = ${runId} and b.state = 'leased' and b.lease_expires_at <= now()
      and u.items is not null
    order by b.no limit ${free}`);
  const handed: Handed[] = [];
  for (const { no, first, count, items } of batches) {
    const rest = items[free - handed.length];
    handed.push(...items.slice(0, free - handed.length));
    const taken = rest === undefined ? count : rest.no - first;
    if (rest !== undefined) {
      await tx.query(sql`
        insert into run_batches (run_id, no, first, count, attempt, state, claimed_at, checked_at,
          lease_expires_at)
        values (${runId}, ${run.next_batch}, ${rest.no}, ${count - taken}, 0, 'leased', now(), now(),
          now())`);
      run.next_batch += 1;
      await tx.query(sql`
        update evaluation_runs set next_batch = ${run.next_batch} where id = ${runId}`);
    }
    await tx.query(sql`
      update run_batches set count = ${taken}, lease_id = ${leaseId},
        lease_expires_at = ${inMilliseconds(leaseMs)}
      where run_id = ${runId} and no = ${no}`);
    if (handed.length === free) break;
  }
  return handed;
}

/** The next items that are in no batch yet, as one. */
async function leaseFresh(
  tx: Queryable,
  runId: string,
  lease: { run: ClientRun; leaseId: string; leaseMs: number; free: number },
): Promise<Handed[]> {
  const { run, leaseId, leaseMs, free } = lease;
  const count = Math.min(free, run.total - run.next_item);
  if (count <= 0) return [];
  await tx.query(sql`
    insert into run_batches (run_id, no, first, count, attempt, state, claimed_at, checked_at,
      lease_id, lease_expires_at)
    values (${runId}, ${run.next_batch}, ${run.next_item}, ${count}, 0, 'leased', now(), now(),
      ${leaseId}, ${inMilliseconds(leaseMs)})`);
  await tx.query(sql`
    update evaluation_runs
    set next_item = ${run.next_item + count}, next_batch = ${run.next_batch + 1}
    where id = ${runId}`);
  return Array.from({ length: count }, (_, place) => ({ no: run.next_item + place, attempt: 0 }));
}

async function itemsOf(
  tx: Queryable,
  run: ClientRun,
  runId: string,
  handed: readonly Handed[],
): Promise<Lease['items']> {
  const place = sql`n.no / ${run.repeats}::int`;
  const position = run.filtered
    ? sql`(select s.position from run_selections s
        where s.run_id = ${runId} and s.place = ${place} limit 1)`
    : place;
  return tx.query<Lease['items'][number]>(sql`
    select n.no, d.key, (n.no % ${run.repeats})::int as repeat, d.input, d.metadata
    from unnest(${handed.map(({ no }) => no)}::int[]) as n (no)
    join lateral (
      select * from dataset_items
      where version_id = ${run.dataset_version_id} and position = ${position} limit 1
    ) d on true
    order by n.no`);
}

/**
 * Keeps a lease for longer, counted from now; 0 gives its items back.
 * @throws {RequestError} `lease_over` where it has run out, or all of its items are answered
 */
export async function extendLease(
  { database }: RunContext,
  projectId: string,
  runId: string,
  { leaseId, leaseMs }: { leaseId: string; leaseMs: number },
): Promise<{ expiresAt: string }> {
  const extended = await database.transaction(async (tx) => {
    await lockClientRun(tx, projectId, runId);
    // Not one that has run out: others may hold as many items instead by now.
    return tx.queryOne<{ expires_at: string }>(sql`
      update run_batches set lease_expires_at = ${inMilliseconds(leaseMs)}
      where run_id = ${runId} and state = 'leased' and lease_id = ${leaseId}
        and lease_expires_at > now()
      returning lease_expires_at as expires_at`);
  });
  if (extended) return { expiresAt: new Date(extended.expires_at).toISOString() };
  throw new RequestError(
    'conflict',
    'lease_over',
    'The lease has run out, or all of its items are answered. Results can still be posted; ask for a new lease to go on.',
  );
}

/**
 * Takes what the caller's code made of leased items; the first answer to an item counts. A batch that
 * is answered whole goes to the workers, which score it. Answers to items that were closed or opened
 * again since the lease are ignored, so that what is delivered twice changes nothing.
 * @throws {RequestError} `lease_not_found`; `run_state` where the run was canceled
 */
export async function postLeaseResults(
  context: RunContext,
  projectId: string,
  runId: string,
  { leaseId, results }: { leaseId: string; results: readonly LeaseResult[] },
): Promise<{ accepted: number; ignored: number; runState: RunState }> {
  const { state, accepted, complete } = await context.database.transaction(async (tx) => {
    const run = await lockClientRun(tx, projectId, runId);
    if (run.state === 'canceled') {
      throw new RequestError(
        'conflict',
        'run_state',
        'The run was canceled; nothing more of it is stored.',
      );
    }
    const lease = await tx.queryOne<{ items: Handed[] }>(sql`
      select items from client_leases where id = ${leaseId} and run_id = ${runId}`);
    if (!lease) {
      throw new RequestError(
        'not_found',
        'lease_not_found',
        'This run has no such lease; POST /api/v1/runs/{id}/leases gives one.',
      );
    }
    const attempts = new Map(lease.items.map(({ no, attempt }) => [no, attempt]));
    const answers = results.flatMap((result) => {
      const attempt = attempts.get(result.no);
      return attempt === undefined ? [] : [{ ...result, attempt }];
    });
    const accepted = await insertAnswers(tx, runId, answers);
    const complete = await tx.query(sql`
      update run_batches b set state = 'open', lease_id = null, lease_expires_at = null
      where b.run_id = ${runId} and b.state = 'leased'
        and exists (
          select 1 from unnest(${accepted}::int[]) as a (no)
          where a.no >= b.first and a.no < b.first + b.count)
        and not exists (${unansweredItems})
      returning 1`);
    return { state: run.state, accepted: accepted.length, complete: complete.length > 0 };
  });
  if (complete) fillSoon(context, runId);
  return { accepted, ignored: results.length - accepted, runState: state };
}

async function insertAnswers(
  tx: Queryable,
  runId: string,
  answers: readonly (LeaseResult & { attempt: number })[],
): Promise<number[]> {
  if (answers.length === 0) return [];
  type Answer = (typeof answers)[number];
  const column = <Value>(pick: (answer: Answer) => Value): Value[] => answers.map(pick);
  const asJson = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
  const rows = await tx.query<{ no: number }>(sql`
    insert into client_outputs (run_id, no, attempt, output, error, latency_ms, input_tokens,
      output_tokens, cost_usd, finish_reason, tool_calls, context, trace_id)
    select ${runId}, g.no, g.attempt, g.output::json, g.error, g.latency_ms, g.input_tokens,
      g.output_tokens, g.cost_usd, g.finish_reason, g.tool_calls::json, g.context::json, g.trace_id
    from unnest(
      ${column((a) => a.no)}::int[],
      ${column((a) => a.attempt)}::int[],
      ${column((a) => asJson(a.output))}::text[],
      ${column((a) => a.error ?? null)}::text[],
      ${column((a) => a.latencyMs ?? null)}::float8[],
      ${column((a) => a.inputTokens ?? null)}::int[],
      ${column((a) => a.outputTokens ?? null)}::int[],
      ${column((a) => a.costUsd ?? null)}::float8[],
      ${column((a) => a.finishReason ?? null)}::text[],
      ${column((a) => asJson(a.toolCalls))}::text[],
      ${column((a) => asJson(a.context))}::text[],
      ${column((a) => a.traceId ?? null)}::text[]
    ) as g (no, attempt, output, error, latency_ms, input_tokens, output_tokens, cost_usd,
      finish_reason, tool_calls, context, trace_id)
    left join lateral (
      select status, attempt from evaluation_items where run_id = ${runId} and no = g.no limit 1
    ) e on true
    where coalesce(e.attempt, 0) = g.attempt and coalesce(e.status, 'open') = 'open'
    on conflict do nothing
    returning no`);
  return rows.map(({ no }) => no);
}

async function lockClientRun(tx: Queryable, projectId: string, runId: string): Promise<ClientRun> {
  const run = await tx.queryOne<ClientRun & { deleted: boolean; is_client: boolean }>(sql`
    select r.state, r.total, r.done, r.repeats, r.concurrency, r.next_item, r.next_batch,
      r.dataset_version_id, r.filter is not null as filtered, r.deleted_at is not null as deleted,
      ${isClientRun('r')} as is_client
    from evaluation_runs r where r.id = ${runId} and r.project_id = ${projectId} for update`);
  if (!run) throw runNotFound();
  if (run.deleted) throw runIsDeleted();
  if (run.is_client) return run;
  throw new RequestError(
    'conflict',
    'run_not_client',
    'Only a run with the target {"kind": "client"} gives out its items; this one produces its outputs itself.',
  );
}

/**
 * What the caller's code answered for open items of a client run, for its target. An answer counts for
 * the attempt that it was leased for.
 * @param items the open items that the target will be asked for, in any order
 */
export const clientOutputs = (
  database: Database,
  runId: string,
  items: readonly OpenItem[],
): RecordedOutputs => ({
  async find(cases) {
    const open = new Map(items.map((item) => [`${item.repeat} ${item.key}`, item]));
    const wanted = cases.map(({ key, repeat }) => open.get(`${repeat} ${key}`));
    const rows = await database.query<OutputRow>(sql`
      select w.place::int, c.no is not null as found, c.output, c.error, c.latency_ms,
        c.input_tokens, c.output_tokens, c.cost_usd, c.finish_reason, c.tool_calls, c.context,
        c.trace_id
      from unnest(
        ${wanted.map((item) => item?.no ?? null)}::int[],
        ${wanted.map((item) => item?.attempt ?? null)}::int[]
      ) with ordinality as w (no, attempt, place)
      left join lateral (
        select * from client_outputs
        where run_id = ${runId} and no = w.no and attempt = w.attempt limit 1
      ) c on true
      order by w.place`);
    return rows.map(toResult);
  },
});
