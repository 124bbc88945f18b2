import { sql, type Queryable } from '#libs/database';

/**
 * True of a run whose target is the caller's own code. By its text: `->>` would refuse a target whose
 * prompt holds U+0000. `kind` is always written first.
 * @param run the alias of `evaluation_runs` in the statement
 */
export const isClientRun = (run: 'r' | 'evaluation_runs') =>
  sql`${sql.ref(`${run}.target`)}::text like '{"kind":"client"%'`;

/**
 * The open items of the batch `b` that nobody has answered as they are now: an answer of before a retry
 * has a lower attempt, and does not count. Rows of `no` and `attempt`.
 */
export const unansweredItems = sql`
  select n.no, coalesce(e.attempt, 0) as attempt
  from generate_series(b.first, b.first + b.count - 1) as n (no)
  left join lateral (
    select status, attempt from evaluation_items where run_id = b.run_id and no = n.no limit 1
  ) e on true
  where (e.status is null or e.status = 'open') and not exists (
    select 1 from client_outputs c
    where c.run_id = b.run_id and c.no = n.no and c.attempt = coalesce(e.attempt, 0))`;

/**
 * Of a client run, batches that lack an answer are no work for workers yet, however they were opened
 * (as by a retry): they become free to be leased. The caller holds the run's lock.
 */
export async function freeUnansweredBatches(tx: Queryable, runId: string): Promise<void> {
  await tx.query(sql`
    update run_batches b set state = 'leased', lease_id = null, lease_expires_at = now()
    where b.run_id = ${runId} and b.state = 'open' and exists (${unansweredItems})`);
}
