import type { QueueName } from '#libs/queues';
import { sql, type Queryable } from '#libs/database';

/** Throughput is kept in pieces of this length, counted from the epoch. */
const PIECE_SECONDS = 10;
/** Rates are those of the last so many whole pieces: one minute. */
const RATE_PIECES = 6;
/** How fast jobs are done is told from this long. */
const SPEED_SECONDS = 600;
const KEPT = sql`interval '1 hour'`;

/** What one process got done since it said so last. */
export interface Done {
  queue: QueueName;
  done: number;
  failed: number;
  items: number;
  busyMs: number;
}

export interface QueueRates {
  /** Of the last whole minute, give or take ten seconds. */
  donePerMinute: number;
  failedPerMinute: number;
  itemsPerMinute: number;
  /** Jobs and items per second of a job at work, over ten minutes; undefined where nothing was. */
  jobSpeed: number | undefined;
  itemSpeed: number | undefined;
}

export const noRates: QueueRates = {
  donePerMinute: 0,
  failedPerMinute: 0,
  itemsPerMinute: 0,
  jobSpeed: undefined,
  itemSpeed: undefined,
};

const pieceOf = (time: ReturnType<typeof sql>) =>
  sql`date_bin(${`${PIECE_SECONDS} seconds`}::interval, ${time}, 'epoch'::timestamptz)`;

/** The part of a statement that counts what was done; its rows are in one order for all workers. */
export function countDone(given: readonly Done[]) {
  const ordered = given.toSorted((a, b) => a.queue.localeCompare(b.queue));
  const column = <Value>(pick: (done: Done) => Value): Value[] => ordered.map(pick);
  return sql`
    insert into queue_throughput as t (queue, at, done, failed, items, busy_ms)
    select queue, ${pieceOf(sql`now()`)}, done, failed, items, busy_ms
    from unnest(
      ${column(({ queue }) => queue)}::text[], ${column(({ done }) => done)}::int[],
      ${column(({ failed }) => failed)}::int[], ${column(({ items }) => items)}::int[],
      ${column(({ busyMs }) => Math.round(busyMs))}::bigint[]
    ) as g (queue, done, failed, items, busy_ms)
    on conflict (queue, at) do update set done = t.done + excluded.done,
      failed = t.failed + excluded.failed, items = t.items + excluded.items,
      busy_ms = t.busy_ms + excluded.busy_ms`;
}

/**
 * How much the workers of each queue get done. The workers count it themselves and say so every few
 * seconds, on either backend; what a killed one had not yet said is missing.
 */
export async function readRates(database: Queryable): Promise<Map<string, QueueRates>> {
  const minute = sql`at >= now.piece - make_interval(secs => ${RATE_PIECES * PIECE_SECONDS})
    and at < now.piece`;
  const rows = await database.query<{
    queue: string;
    done: number;
    failed: number;
    items: number;
    all_jobs: number;
    all_items: number;
    busy_s: number;
  }>(sql`
    select queue,
      coalesce(sum(done) filter (where ${minute}), 0)::float8 as done,
      coalesce(sum(failed) filter (where ${minute}), 0)::float8 as failed,
      coalesce(sum(items) filter (where ${minute}), 0)::float8 as items,
      sum(done + failed)::float8 as all_jobs, sum(items)::float8 as all_items,
      sum(busy_ms)::float8 / 1000 as busy_s
    from queue_throughput cross join (select ${pieceOf(sql`now()`)} as piece) now
    where at > now() - make_interval(secs => ${SPEED_SECONDS})
    group by queue`);
  const speed = (count: number, seconds: number) =>
    count > 0 && seconds > 0 ? count / seconds : undefined;
  return new Map(
    rows.map((row) => [
      row.queue,
      {
        donePerMinute: row.done,
        failedPerMinute: row.failed,
        itemsPerMinute: row.items,
        jobSpeed: speed(row.all_jobs, row.busy_s),
        itemSpeed: speed(row.all_items, row.busy_s),
      },
    ]),
  );
}

export async function forgetThroughput(database: Queryable): Promise<void> {
  await database.query(sql`delete from queue_throughput where at < now() - ${KEPT}`);
}
