import { sql } from '#libs/database';
import { Client } from 'pg';
import { waitFor } from './wait.ts';
import type { World } from './world.ts';

/** Holds up whoever is about to count a run's items beyond a number: the middle of a run, for sure. */
export interface Halt {
  /** Resolves when somebody is held up. */
  reached(): Promise<void>;
  /** Lets everybody pass, from now on. */
  release(): Promise<void>;
}

const LOCK = 4_711;

/** Halts a run where its counter of closed items would reach `done`. One at a time in a world. */
export async function haltAt(world: World, runId: string, done: number): Promise<Halt> {
  const client = new Client({ connectionString: world.config.databaseUrl });
  // A test may break all connections to its database.
  client.on('error', () => {});
  await client.connect();
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  await world.database.query(
    sql.raw(`
    create or replace function halt() returns trigger language plpgsql as $$
    begin
      if new.id = '${runId}' and new.done >= ${done} then
        perform pg_advisory_xact_lock_shared(${LOCK});
      end if;
      return new;
    end $$;
    create or replace trigger halt before update of done on evaluation_runs
      for each row execute function halt()`),
  );
  return {
    reached: async () => {
      await waitFor(async () => {
        const [waiting] = await world.database.query(sql`
          select 1 from pg_locks
          where locktype = 'advisory' and objid = ${LOCK} and not granted
            and database = (select oid from pg_database where datname = current_database())`);
        return waiting;
      });
    },
    release: () => client.end(),
  };
}
