import { sql, type Database } from '#libs/database';

const ANSWERS_DAYS = 30;
const LANES_DAYS = 7;
/** At most this many of each at once; the next time goes on from there. */
const BATCH = 2_000;

/**
 * Deletes cached answers older than 30 days, lanes that nobody used for 7, and what dead processes held
 * of lanes that nobody uses any more; a batch of each.
 */
export async function forgetCalls(database: Database): Promise<void> {
  await database.query(sql`
    delete from response_cache where (project_id, key) in (
      select project_id, key from response_cache
      where created_at < now() - make_interval(days => ${ANSWERS_DAYS})
      order by created_at limit ${BATCH})`);
  await database.query(sql`
    delete from call_lanes where key in (
      select key from call_lanes
      where updated_at < now() - make_interval(days => ${LANES_DAYS})
      order by updated_at limit ${BATCH})`);
  // Who is just being renewed is none of them.
  await database.query(sql`
    delete from call_lane_holders where (key, holder) in (
      select key, holder from call_lane_holders where expires_at < now()
      limit ${BATCH} for update skip locked)`);
}
