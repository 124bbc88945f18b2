import { sql } from '#libs/database';
import type { ComparisonContext } from './comparisons.ts';

/** At most so many in one pass. */
const BOUND = 100;

/**
 * Sends comparisons again that the queue has lost: those that nobody has touched for a while and whose
 * job is not waiting either. A new round gets a job with a new id, since the queue may still hold the
 * old one and would drop another without a word.
 */
export async function reconcileComparisons(
  { database, queues }: ComparisonContext,
  graceMs: number,
): Promise<void> {
  const silent = sql`touched_at < now() - make_interval(secs => ${graceMs / 1000})`;
  const rows = await database.query<{ id: string; round: number }>(sql`
    select id, round from comparisons
    where state in ('queued', 'running', 'refining') and ${silent}
    order by touched_at limit ${BOUND}`);
  for (const { id, round } of rows) {
    if ((await queues.comparisonVerdict({ comparisonId: id, round })) === 'pending') continue;
    const next = await database.queryOne<{ round: number }>(sql`
      update comparisons set round = round + 1, touched_at = now()
      where id = ${id} and round = ${round} and state in ('queued', 'running', 'refining')
        and ${silent}
      returning round`);
    if (next) await queues.addComparison({ comparisonId: id, round: next.round });
  }
}
