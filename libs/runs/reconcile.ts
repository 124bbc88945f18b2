import { forgetCalls } from '#libs/calls';
import { advisoryLocks, sql } from '#libs/database';
import { isClientRun } from './client-runs.ts';
import type { BatchQueue } from '#libs/queues';
import type { RunContext } from './context.ts';
import { fill } from './fill.ts';
import { decide, dispatch } from './outbox.ts';
import { IDEMPOTENCY_DAYS } from './submit.ts';
import { readSharing, windowNow } from './window.ts';

/** At most this many of each kind in one pass; the next pass goes on from there. */
const BOUND = 500;
/** At most this many questions to the queue at the same time. */
const PARALLEL = 20;

/**
 * One pass over what the tables promise and the queue may have lost: decisions that were not sent,
 * claimed batches without a living job, windows that are not full, runs that nobody started or
 * finished, and runs whose time is over. Whatever it finds it gives to the same functions that everyone else calls.
 *
 * @param graceMs how long something may look lost before it is: time for whoever is just doing it
 * @returns false where another process is at it
 */
export async function reconcile(context: RunContext, graceMs: number): Promise<boolean> {
  const { database } = context;
  return database.transaction(async (tx) => {
    const lock = await tx.queryOne<{ locked: boolean }>(
      sql`select pg_try_advisory_xact_lock(${advisoryLocks.reconcile}) as locked`,
    );
    if (!lock?.locked) return false;
    // Through other connections: each step commits for itself, this one only holds the lock.
    await dispatch(context, { olderThanMs: graceMs });
    await reopenLostBatches(context, graceMs);
    await openForgottenBatches(context, graceMs);
    await stopLateRuns(context);
    await fillWindows(context, graceMs);
    await decideLostFinishes(context, graceMs);
    await forget(context);
    return true;
  });
}

const before = (graceMs: number) => sql`now() - make_interval(secs => ${graceMs / 1000})`;

/** Claimed batches whose job the queue does not know, or has ended: the claim is void. */
async function reopenLostBatches(context: RunContext, graceMs: number): Promise<void> {
  const { database, queues } = context;
  const claimed = await database.query<{
    run_id: string;
    no: number;
    attempt: number;
    queue: BatchQueue;
  }>(sql`
    with due as (
      select run_id, no from run_batches
      where state = 'claimed' and checked_at < ${before(graceMs)}
      order by checked_at limit ${BOUND}
      for update skip locked
    )
    update run_batches b set checked_at = now()
    from due join evaluation_runs r on r.id = due.run_id
    where b.run_id = due.run_id and b.no = due.no
    returning b.run_id, b.no, b.attempt, r.queue`);
  const lost: typeof claimed = [];
  for (let from = 0; from < claimed.length; from += PARALLEL) {
    await Promise.all(
      claimed.slice(from, from + PARALLEL).map(async (batch) => {
        const { run_id: runId, no, attempt, queue } = batch;
        const verdict = await queues.batchVerdict(queue, { runId, batch: no, attempt });
        if (verdict !== 'pending') lost.push(batch);
      }),
    );
  }
  if (lost.length === 0) return;
  await database.query(sql`
    update run_batches b set state = 'open'
    from unnest(${lost.map((b) => b.run_id)}::uuid[], ${lost.map((b) => b.no)}::int[],
      ${lost.map((b) => b.attempt)}::int[]) as l (run_id, no, attempt)
    where b.run_id = l.run_id and b.no = l.no and b.attempt = l.attempt and b.state = 'claimed'`);
  context.logger.info({ batches: lost.length }, 'opened batches again whose jobs were lost');
}

/**
 * Runs with open items that no batch stands for any more: nothing is claimed, nothing is there to be
 * claimed. Rare, as when a batch is split at the moment at which one of its items is opened again;
 * but such a run would never end. Its batches are given out again wherever an item is not closed.
 */
async function openForgottenBatches(context: RunContext, graceMs: number): Promise<void> {
  const { database, logger } = context;
  const runs = await database.query<{ id: string }>(sql`
    select r.id from evaluation_runs r
    where r.state = 'running' and r.done < r.total and r.next_item >= r.total
      and r.updated_at < ${before(graceMs)}
      and not exists (select 1 from run_batches c where c.run_id = r.id and c.state = 'claimed')
      and not exists (select 1 from run_batches o where o.run_id = r.id and o.state in ('open', 'leased'))
    order by r.created_at limit ${BOUND}`);
  for (const { id } of runs) {
    await database.transaction(async (tx) => {
      await tx.query(sql`select 1 from evaluation_runs where id = ${id} for update`);
      await tx.query(sql`
        update run_batches b set state = 'open', losses = 0, faults = 0
        where b.run_id = ${id} and b.state in ('done', 'split') and b.count > (
          select count(*) from evaluation_items e
          where e.run_id = ${id} and e.no >= b.first and e.no < b.first + b.count
            and e.status <> 'open')`);
    });
    logger.warn({ runId: id }, 'a run had open items that no batch stood for');
  }
}

/** Runs whose time is over: `fill` stops them, whether or not any of their batches ever ends. */
async function stopLateRuns(context: RunContext): Promise<void> {
  const runs = await context.database.query<{ id: string }>(sql`
    select id from evaluation_runs
    where state = 'running' and deadline_at <= now() and done < total
    order by deadline_at limit ${BOUND}`);
  await fillEach(context, runs);
}

/** Runs that could have more in the queue than they have, and queued ones that nobody started. */
async function fillWindows(context: RunContext, graceMs: number): Promise<void> {
  const { database } = context;
  // Of a project with many runs most have as much as they may, and less than their window.
  const rows = await database.query<{
    id: string;
    queued: boolean;
    claimed: number;
    project_id: string;
    queue: BatchQueue;
    batch_size: number;
    batch_window: number;
  }>(sql`
    select r.id, r.state = 'queued' as queued, c.claimed, r.project_id, r.queue, r.batch_size,
      r.batch_window
    from evaluation_runs r cross join lateral (
      select count(*)::int as claimed from run_batches c
      where c.run_id = r.id and c.state = 'claimed'
    ) c
    where (r.state = 'queued' and r.updated_at < ${before(graceMs)})
      or (r.state = 'running' and r.done < r.total
        and ((r.next_item < r.total and not ${isClientRun('r')}) or exists (
          select 1 from run_batches o where o.run_id = r.id and o.state = 'open'))
        and r.batch_window > c.claimed)
    order by r.created_at`);
  const sharing = await readSharing(database);
  const short = rows.filter((row) => row.queued || row.claimed < windowNow(row, sharing));
  await fillEach(context, short.slice(0, BOUND));
}

async function fillEach(context: RunContext, runs: readonly { id: string }[]): Promise<void> {
  for (const { id } of runs) {
    // One run that cannot be filled must not hold up the others.
    await fill(context, id).catch((error: unknown) => {
      context.logger.warn({ err: error, runId: id }, 'a run could not be filled');
    });
  }
}

/**
 * Runs with nothing open that nobody finished, and whose finish does not wait its turn either: one
 * that is only late must stay the right one. The queue may still hold the id of a finish that failed,
 * and would drop another one without a word: a new generation makes a new id.
 */
async function decideLostFinishes(context: RunContext, graceMs: number): Promise<void> {
  const { database, queues } = context;
  const runs = await database.query<{ id: string; generation: number }>(sql`
    select r.id, r.generation from evaluation_runs r
    where r.state = 'running' and r.done = r.total and r.updated_at < ${before(graceMs)}
      and not exists (select 1 from outbox o where o.run_id = r.id)
    order by r.created_at limit ${BOUND}`);
  for (const { id, generation } of runs) {
    const verdict = await queues.runStepVerdict('finish', { runId: id, generation });
    if (verdict === 'pending') continue;
    await database.transaction(async (tx) => {
      const run = await tx.queryOne<{ generation: number }>(sql`
        update evaluation_runs set generation = generation + 1, updated_at = now()
        where id = ${id} and state = 'running' and done = total and generation = ${generation}
        returning generation`);
      if (run) await decide(tx, 'finish', id, run.generation);
    });
    await dispatch(context, { runId: id });
  }
}

async function forget({ database }: RunContext): Promise<void> {
  await database.query(sql`
    delete from idempotency_keys
    where created_at < now() - make_interval(days => ${IDEMPOTENCY_DAYS})`);
  // Whoever answers so late is told that there is no such lease.
  await database.query(sql`
    delete from client_leases where created_at < now() - interval '7 days'`);
  await database.query(sql`delete from sessions where expires_at < now()`);
  await database.query(sql`delete from imports where updated_at < now() - interval '7 days'`);
  await forgetCalls(database);
}
