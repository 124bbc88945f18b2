import { sql, type Database, type Queryable } from '#libs/database';
import {
  settleLane,
  type LaneGrant,
  type LaneHolder,
  type LaneReport,
  type LaneState,
} from './lane-rules.ts';

/** A process that is silent for this long has lost its share. */
const LEASE_SECONDS = 10;
const STATEMENT_MS = 5_000;

/** A grant, and when PostgreSQL's clock was read for it: somewhere between the two local times. */
export interface SettledReport {
  grant: LaneGrant;
  databaseTime: number;
  askedAt: number;
  answeredAt: number;
}

interface LaneRow {
  next_request_at: number | null;
  next_token_at: number | null;
  blocked_until: number | null;
  concurrency: number | null;
  halved_at: number | null;
  now: number;
}

/**
 * Tells a lane what a process has to say, and answers with what it gets: one transaction under the
 * lane's row lock, which never waits for the disk. A crash of PostgreSQL forgets the last moments at
 * most, and leases and slots outlive no more than that.
 * @param leaving the process uses the lane no more for now
 */
export async function reportToLane(
  database: Database,
  key: string,
  holder: string,
  report: LaneReport,
  leaving: boolean,
): Promise<SettledReport> {
  return database.transaction(async (tx) => {
    const { row, askedAt, answeredAt } = await lockLane(tx, key);
    // A statement of its own: only what begins after the lock was got sees what others did under it.
    const others = await tx.query<LaneHolder>(sql`
      select holder::text as holder, permits, in_use as "inUse", wanted from call_lane_holders
      where key = ${key} and holder <> ${holder} and expires_at > clock_timestamp()`);
    const before: LaneState = {
      nextRequestAt: row.next_request_at ?? undefined,
      nextTokenAt: row.next_token_at ?? undefined,
      blockedUntil: row.blocked_until ?? undefined,
      concurrency: row.concurrency ?? undefined,
      halvedAt: row.halved_at ?? undefined,
    };
    const { state, mine, grant } = settleLane(before, others, holder, report, row.now);
    if (leaving) {
      await tx.query(sql`
        delete from call_lane_holders
        where key = ${key} and (holder = ${holder} or expires_at < now())`);
    } else {
      await tx.query(sql`
        with gone as (
          delete from call_lane_holders
          where key = ${key} and holder <> ${holder} and expires_at < now()
        )
        insert into call_lane_holders (key, holder, permits, in_use, wanted, expires_at)
        values (${key}, ${holder}, ${mine.permits}, ${mine.inUse}, ${mine.wanted},
          clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}))
        on conflict (key, holder) do update set permits = excluded.permits,
          in_use = excluded.in_use, wanted = excluded.wanted, expires_at = excluded.expires_at`);
    }
    if (isChanged(before, state)) await writeLane(tx, key, state);
    return { grant, databaseTime: row.now, askedAt, answeredAt };
  });
}

/** Gives back what a process holds of all lanes. */
export async function leaveLanes(database: Database, holder: string): Promise<void> {
  await database.query(sql`delete from call_lane_holders where holder = ${holder}`);
}

async function lockLane(
  tx: Queryable,
  key: string,
): Promise<{ row: LaneRow; askedAt: number; answeredAt: number }> {
  // A question that hangs would hold up every call of its lane.
  await tx.query(sql`
    select set_config('synchronous_commit', 'off', true),
      set_config('statement_timeout', ${String(STATEMENT_MS)}, true)`);
  for (;;) {
    const askedAt = performance.now();
    // Materialised, so that the clock is read after the lock was got.
    const row = await tx.queryOne<LaneRow>(sql`
      with lane as materialized (select * from call_lanes where key = ${key} for update)
      select ${milliseconds('next_request_at')}, ${milliseconds('next_token_at')},
        ${milliseconds('blocked_until')}, concurrency, ${milliseconds('halved_at')},
        extract(epoch from clock_timestamp())::float8 * 1000 as now
      from lane`);
    if (row) return { row, askedAt, answeredAt: performance.now() };
    await tx.query(sql`insert into call_lanes (key) values (${key}) on conflict do nothing`);
  }
}

const milliseconds = (column: string) =>
  sql`extract(epoch from ${sql.ref(column)})::float8 * 1000 as ${sql.ref(column)}`;

const isChanged = (before: LaneState, after: LaneState): boolean =>
  before.nextRequestAt !== after.nextRequestAt ||
  before.nextTokenAt !== after.nextTokenAt ||
  before.blockedUntil !== after.blockedUntil ||
  before.concurrency !== after.concurrency ||
  before.halvedAt !== after.halvedAt;

async function writeLane(tx: Queryable, key: string, state: LaneState): Promise<void> {
  const time = (at: number | undefined) => sql`to_timestamp(${at ?? null}::float8 / 1000)`;
  // `updated_at` is indexed: left alone for a while, it lets the row be updated in its page.
  await tx.query(sql`
    update call_lanes set next_request_at = ${time(state.nextRequestAt)},
      next_token_at = ${time(state.nextTokenAt)}, blocked_until = ${time(state.blockedUntil)},
      concurrency = ${state.concurrency ?? null}::float8, halved_at = ${time(state.halvedAt)},
      updated_at = case when updated_at < now() - interval '1 hour' then now() else updated_at end
    where key = ${key}`);
}
