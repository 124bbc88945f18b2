import { sql, type Queryable } from '#libs/database';
import type { RunStep } from '#libs/queues';
import type { RunContext } from './context.ts';

/** Decides, inside a transaction, that a step of a run is to be done; `dispatch` then sends it. */
export async function decide(
  transaction: Queryable,
  job: RunStep,
  runId: string,
  generation: number,
): Promise<void> {
  await transaction.query(sql`
    insert into outbox (run_id, generation, job) values (${runId}, ${generation}, ${job})
    on conflict (run_id, generation, job) do nothing`);
}

/**
 * Sends what transactions have decided: of one run, or all that is older than `olderThanMs`, at most
 * 500 at a time. A row goes only after the queue has taken its job; sent twice, the queue keeps one.
 */
export async function dispatch(
  { database, queues }: RunContext,
  which: { runId: string } | { olderThanMs: number },
): Promise<void> {
  const condition =
    'runId' in which
      ? sql`run_id = ${which.runId}`
      : sql`created_at < now() - make_interval(secs => ${which.olderThanMs / 1000})`;
  const rows = await database.query<{
    id: string;
    run_id: string;
    generation: number;
    job: RunStep;
  }>(sql`select id, run_id, generation, job from outbox where ${condition} order by id limit 500`);
  for (const { id, run_id: runId, generation, job } of rows) {
    await queues.addRunStep(job, { runId, generation });
    await database.query(sql`delete from outbox where id = ${id}`);
  }
}

/** Dispatches without holding up the caller: what fails here is sent by the reconciler. */
export function dispatchSoon(context: RunContext, runId: string): void {
  dispatch(context, { runId }).catch((error: unknown) => {
    context.logger.warn({ err: error, runId }, 'the queue is away; the reconciler will send this');
  });
}
