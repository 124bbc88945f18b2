import { hostname } from 'node:os';
import { every, type Logger } from '#libs/config';
import type { ApiReplica } from '#libs/contracts';
import { isoTime, sql, uuid, type Database, type Queryable } from '#libs/database';
import { BEAT_MS, isAlive, isKnown } from './signs-of-life.ts';
import { version } from './version.ts';

/** What a replica of the API holds at one moment. */
export type ReplicaLoad = Pick<
  ApiReplica,
  'sockets' | 'subscriptions' | 'rooms' | 'bufferedBytes' | 'memoryLimitBytes' | 'memoryBusy'
> &
  Pick<ApiReplica, 'databaseConnections'>;

/**
 * Puts this process on the list of the API's replicas, and keeps it there: every three seconds one
 * statement says that it lives and what it holds. Where that fails it serves on.
 * @returns what takes it off the list; it never throws
 */
export function joinReplicas(options: {
  database: Database;
  logger: Logger;
  load: () => ReplicaLoad;
}): { leave(): Promise<void> } {
  const { database, logger, load } = options;
  const id = uuid();
  const startedAt = new Date();
  const beat = async (): Promise<void> => {
    await database.query(sql`
      insert into api_replicas (id, version, hostname, pid, rss_bytes, load, started_at, seen_at)
      values (${id}, ${version}, ${hostname()}, ${process.pid}, ${process.memoryUsage.rss()},
        ${JSON.stringify(load())}::json, ${startedAt}, now())
      on conflict (id) do update set rss_bytes = excluded.rss_bytes, load = excluded.load,
        seen_at = excluded.seen_at`);
  };
  const onError = (error: unknown): void =>
    logger.warn({ err: error }, 'this replica could not say that it lives; it will again');
  const first = beat().catch(onError);
  const beating = every(BEAT_MS, beat, onError);
  return {
    async leave() {
      await first;
      await beating.stop();
      try {
        await database.query(sql`delete from api_replicas where id = ${id}`);
      } catch (error) {
        logger.warn({ err: error }, 'this replica could not say that it leaves; it will be missed');
      }
    },
  };
}

type Row = Omit<ApiReplica, 'state' | keyof ReplicaLoad> & { alive: boolean; load: ReplicaLoad };

/** The replicas of the API, the oldest first; those that were lost within the last minute too. */
export async function listReplicas(database: Queryable): Promise<ApiReplica[]> {
  const rows = await database.query<Row>(sql`
    select id, ${isAlive} as alive, version, hostname, pid, rss_bytes::float8 as "memoryBytes",
      load, ${isoTime('started_at')} as "startedAt", ${isoTime('seen_at')} as "seenAt"
    from api_replicas r where ${isKnown} order by r.started_at, id`);
  return rows.map(({ alive, load, ...row }) => ({
    ...row,
    ...load,
    state: alive ? 'alive' : 'lost',
  }));
}
