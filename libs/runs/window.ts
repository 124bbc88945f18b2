import { LOCAL_BATCH_MAX } from '#libs/evaluation';
import { sql, type Database } from '#libs/database';
import type { BatchQueue } from '#libs/queues';
import { isClientRun } from './client-runs.ts';

/** What a run shares the queue with; looked up once a second, since every batch that ends asks. */
export interface Sharing {
  /** Running runs by `{project}-{queue}`. */
  runs: ReadonlyMap<string, number>;
  /** Jobs that the living workers do at the same time, by queue. */
  slots: ReadonlyMap<string, number>;
}

const FRESH_MS = 1_000;
const known = new WeakMap<Database, { sharing: Promise<Sharing>; until: number }>();

/** Which runs go on beside each other, and how many places workers have; up to a second old. */
export function readSharing(database: Database): Promise<Sharing> {
  const now = performance.now();
  const recent = known.get(database);
  if (recent && now < recent.until) return recent.sharing;
  const sharing = look(database);
  known.set(database, { sharing, until: now + FRESH_MS });
  sharing.catch(() => known.delete(database));
  return sharing;
}

/** For whoever has started a run: the next to ask shall know of it. */
export const forgetSharing = (database: Database): void => {
  known.delete(database);
};

async function look(database: Database): Promise<Sharing> {
  const [runs, slots] = await Promise.all([
    database.query<{ project_id: string; queue: BatchQueue; count: number }>(sql`
      select r.project_id, r.queue, count(*)::int as count from evaluation_runs r
      where r.state = 'running' and not ${isClientRun('r')} group by 1, 2`),
    database.query<{ queue: string; slots: number }>(sql`
      select q.key as queue, sum(q.value::int)::int as slots
      from workers cross join lateral json_each_text(queues) q
      where seen_at > now() - interval '15 seconds' group by 1`),
  ]);
  return {
    runs: new Map(runs.map((row) => [`${row.project_id}-${row.queue}`, row.count])),
    slots: new Map(slots.map((row) => [row.queue, row.slots])),
  };
}

/**
 * Batches that a run may have in the queue or at work now: its window, or less where other runs of its
 * project go on beside it.
 *
 * The queue serves whoever came first, so whoever comes waits for all that is in it. A run alone in its
 * project has its whole window. Many share, in items, one full window or twice what all workers have
 * places for, whichever is more: enough that no worker of the cluster waits for work, and a bound on
 * what a project puts before others, however many runs it has. The least is as many items as the largest
 * batch holds: small runs go through at once, one after another. Where no worker has said yet what it
 * has places for, nothing shrinks.
 */
export function windowNow(
  run: { project_id: string; queue: BatchQueue; batch_size: number; batch_window: number },
  sharing: Sharing,
  /** Of the run itself, where it is not counted yet. */
  more = 0,
): number {
  const slots = sharing.slots.get(run.queue) ?? 0;
  if (slots === 0) return run.batch_window;
  const runs = (sharing.runs.get(`${run.project_id}-${run.queue}`) ?? 0) + more;
  const largestBatch = run.queue === 'batches' ? LOCAL_BATCH_MAX : 1;
  const shared = Math.max(run.batch_window, 2 * slots) * largestBatch;
  const items = Math.max(largestBatch, shared / Math.max(1, runs));
  return Math.min(run.batch_window, Math.max(1, Math.floor(items / run.batch_size)));
}
