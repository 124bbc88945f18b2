import { queueNames, type Worker } from '#libs/contracts';
import { isoTime, sql, type Queryable } from '#libs/database';
import type { QueueName } from '#libs/queues';
import { FORGOTTEN, isAlive, isKnown } from './signs-of-life.ts';
import { forgetThroughput } from './throughput.ts';

interface Row {
  id: string;
  alive: boolean;
  version: string;
  hostname: string;
  pid: number;
  queues: Record<string, number>;
  rss_bytes: string;
  job_count: number;
  jobs: Worker['jobs'];
  started_at: string;
  seen_at: string;
}

/** The worker processes, the oldest first; those that were lost within the last minute too. */
export async function listWorkers(database: Queryable): Promise<Worker[]> {
  const rows = await database.query<Row>(sql`
    select id, ${isAlive} as alive, version, hostname, pid, queues, rss_bytes, job_count, jobs,
      ${isoTime('started_at')} as started_at, ${isoTime('seen_at')} as seen_at
    from workers w where ${isKnown} order by w.started_at, id`);
  return rows.map((row) => ({
    id: row.id,
    state: row.alive ? 'alive' : 'lost',
    version: row.version,
    hostname: row.hostname,
    pid: row.pid,
    queues: queueNames.flatMap((queue) => {
      const concurrency = row.queues[queue];
      return concurrency === undefined ? [] : [{ queue, concurrency }];
    }),
    memoryBytes: Number(row.rss_bytes),
    jobCount: row.job_count,
    jobs: row.jobs,
    startedAt: row.started_at,
    seenAt: row.seen_at,
  }));
}

/** What workers there are, all together. */
export interface Fleet {
  alive: number;
  lost: number;
  /** Of each queue that any works for: the workers that do, and the jobs that they do side by side. */
  queues: Partial<Record<QueueName, { workers: number; slots: number }>>;
}

export async function readFleet(database: Queryable): Promise<Fleet> {
  const row = await database.queryOne<Fleet>(sql`
    select count(*) filter (where ${isAlive})::int as alive,
      count(*) filter (where not ${isAlive} and ${isKnown})::int as lost,
      (select coalesce(json_object_agg(queue, json_build_object('workers', workers, 'slots', slots)),
        '{}') from (
        select q.key as queue, count(*) as workers, sum(q.value::int) as slots
        from workers cross join lateral json_each_text(queues) q where ${isAlive} group by q.key
      ) s) as queues
    from workers`);
  return row ?? { alive: 0, lost: 0, queues: {} };
}

/** Deletes what nobody is shown any more: of workers, of replicas of the API, of throughput. */
export async function forgetOldProcesses(database: Queryable): Promise<void> {
  await database.query(sql`delete from workers where seen_at < now() - ${FORGOTTEN}`);
  await database.query(sql`delete from api_replicas where seen_at < now() - ${FORGOTTEN}`);
  await forgetThroughput(database);
}
