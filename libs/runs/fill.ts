import type { BatchJob, RunState } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { nextState } from '#libs/evaluation';
import { freeUnansweredBatches, isClientRun } from './client-runs.ts';
import type { BatchQueue } from '#libs/queues';
import type { RunContext } from './context.ts';
import { decide, dispatch } from './outbox.ts';
import { hintInTransaction } from './hint.ts';
import { forgetSharing, readSharing, windowNow, type Sharing } from './window.ts';
import { capColumns, stopAtCap, stopEarly, type Capped } from './stop.ts';

interface LockedRun extends Capped {
  project_id: string;
  state: RunState;
  queue: BatchQueue;
  generation: number;
  batch_size: number;
  batch_window: number;
  next_item: number;
  next_batch: number;
  is_client: boolean;
}

/**
 * The only way in which batches reach the queue. Locks the run, claims batches until its window is
 * full, commits, then sends them: batches that were opened again first, then new ones. Safe to call
 * at any moment, by anyone, any number of times. The window shrinks while many runs of the project go
 * on, see `windowNow`. A run whose money or time is spent is stopped instead.
 *
 * A claim that could not be sent (the queue is away, this process dies here) is found by the
 * reconciler, which opens the batch again.
 */
export async function fill(context: RunContext, runId: string): Promise<void> {
  const sharing = await readSharing(context.database);
  const { queue, claimed, decided, started } = await context.database.transaction((tx) =>
    claim(context, tx, runId, sharing),
  );
  if (started) forgetSharing(context.database);
  await context.queues.addBatches(queue, claimed);
  if (decided) await dispatch(context, { runId });
}

/** Fills without holding up the caller: what fails here is filled by the reconciler. */
export function fillSoon(context: RunContext, runId: string): void {
  fill(context, runId).catch((error: unknown) => {
    context.logger.warn({ err: error, runId }, 'the queue is away; the reconciler will fill');
  });
}

async function claim(
  context: RunContext,
  tx: Queryable,
  runId: string,
  sharing: Sharing,
): Promise<{ queue: BatchQueue; claimed: BatchJob[]; decided: boolean; started: boolean }> {
  const run = await tx.queryOne<LockedRun>(sql`
    select project_id, state, queue, generation, batch_size, batch_window, next_item, next_batch, ${capColumns},
      ${isClientRun('evaluation_runs')} as is_client
    from evaluation_runs where id = ${runId} for update`);
  const queue = run?.queue ?? 'batches';
  const started = run?.state === 'queued';
  const nothing = { queue, claimed: [], decided: false, started };
  if (!run) return nothing;
  if (started) {
    await tx.query(sql`
      update evaluation_runs
      set state = ${nextState(run.state, 'start')}, started_at = now(), updated_at = now(),
        deadline_at = now() + make_interval(secs => max_duration_ms / 1000.0), version = version + 1
      where id = ${runId}`);
    await hintInTransaction(context, tx, runId);
  } else if (run.state !== 'running') {
    return nothing;
  }
  if (run.done === run.total) {
    // Closed while it was paused, or nothing was left to do when it was opened again.
    await decide(tx, 'finish', runId, run.generation);
    return { ...nothing, decided: true };
  }
  const stop = stopAtCap(run);
  if (stop) {
    await stopEarly(context, tx, runId, stop);
    return nothing;
  }

  if (run.is_client) await freeUnansweredBatches(tx, runId);
  const batches = await tx.queryOne<{ claimed: number; reopened: boolean }>(sql`
    select (
        select count(*)::int from run_batches where run_id = ${runId} and state = 'claimed'
      ) as claimed,
      exists (select 1 from run_batches where run_id = ${runId} and state = 'open') as reopened`);
  const window = windowNow(run, sharing, started ? 1 : 0);
  const free = window - (batches?.claimed ?? 0);
  if (free <= 0) return nothing;

  const reclaimed =
    batches?.reopened === true
      ? await tx.query<{ no: number; attempt: number }>(sql`
          with o as materialized (
            select no from run_batches where run_id = ${runId} and state = 'open'
            order by no limit ${free} for update
          )
          update run_batches b
          set state = 'claimed', attempt = b.attempt + 1, claimed_at = now(), checked_at = now()
          from o where b.run_id = ${runId} and b.no = o.no
          returning b.no, b.attempt`)
      : [];

  // Of a client run only leases cut fresh batches.
  const fresh = run.is_client ? [] : newBatches(run, free - reclaimed.length);
  const last = fresh.at(-1);
  if (last) {
    await tx.query(sql`
      with moved as (
        update evaluation_runs set next_item = ${last.first + last.count}, next_batch = ${last.no + 1}
        where id = ${runId}
      )
      insert into run_batches (run_id, no, first, count, attempt, state, claimed_at, checked_at)
      select ${runId}, no, first, count, 1, 'claimed', now(), now()
      from unnest(${fresh.map((b) => b.no)}::int[], ${fresh.map((b) => b.first)}::int[],
        ${fresh.map((b) => b.count)}::int[]) as b (no, first, count)`);
  }
  return {
    ...nothing,
    claimed: [
      ...reclaimed.map(({ no, attempt }) => ({ runId, batch: no, attempt })),
      ...fresh.map(({ no }) => ({ runId, batch: no, attempt: 1 })),
    ],
  };
}

function newBatches(run: LockedRun, free: number): { no: number; first: number; count: number }[] {
  const batches = [];
  let first = run.next_item;
  for (let no = run.next_batch; batches.length < free && first < run.total; no += 1) {
    const count = Math.min(run.batch_size, run.total - first);
    batches.push({ no, first, count });
    first += count;
  }
  return batches;
}
