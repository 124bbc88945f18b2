import { hostname } from 'node:os';
import { every, type Logger } from '#libs/config';
import { sql, uuid, type Database } from '#libs/database';
import type { JobObserver, QueueName } from '#libs/queues';
import { BEAT_MS } from './signs-of-life.ts';
import { countDone, type Done } from './throughput.ts';
import { version } from './version.ts';

/** More jobs at work are counted, and not named. */
const NAMED_JOBS = 50;

/** This process as one of the workers, and what it tells of itself. */
export interface FleetMember {
  id: string;
  /** Hears of every job that this process works on. */
  observer: JobObserver;
  /** Says that items of a queue were closed here. */
  closed(queue: QueueName, items: number): void;
  /** Says once more what was done, and takes this process off the list. Never throws. */
  leave(): Promise<void>;
}

/**
 * Puts this process on the list of workers, and keeps it there: every three seconds one statement
 * says that it lives, what it is at, and what it got done. Where that fails the work goes on, and the
 * next time tells of all of it.
 * @param options.queues jobs that it works on at the same time, by queue
 */
export function joinFleet(options: {
  database: Database;
  logger: Logger;
  queues: Partial<Record<QueueName, number>>;
}): FleetMember {
  const { database, logger, queues } = options;
  const id = uuid();
  const startedAt = new Date();
  const atWork = new Map<object, { queue: QueueName; id: string; since: number }>();
  let done = new Map<QueueName, Done>();

  const tally = (queue: QueueName): Done => {
    let counted = done.get(queue);
    if (!counted) {
      counted = { queue, done: 0, failed: 0, items: 0, busyMs: 0 };
      done.set(queue, counted);
    }
    return counted;
  };

  let beatAt = performance.now();
  const beat = async (): Promise<void> => {
    const now = performance.now();
    // What is still at work has been so since it began, or since the last time.
    for (const { queue, since } of atWork.values()) {
      tally(queue).busyMs += now - Math.max(since, beatAt);
    }
    beatAt = now;
    const told = done;
    done = new Map();
    const jobs = [...atWork.values()].slice(0, NAMED_JOBS).map(({ queue, id: job, since }) => ({
      queue,
      id: job,
      since: new Date(Date.now() - (now - since)).toISOString(),
    }));
    try {
      await database.query(sql`
        with counted as (${countDone([...told.values()])})
        insert into workers (id, version, hostname, pid, queues, rss_bytes, job_count, jobs,
          started_at, seen_at)
        values (${id}, ${version}, ${hostname()}, ${process.pid}, ${JSON.stringify(queues)}::json,
          ${process.memoryUsage.rss()}, ${atWork.size}, ${JSON.stringify(jobs)}::json,
          ${startedAt}, now())
        on conflict (id) do update set rss_bytes = excluded.rss_bytes,
          job_count = excluded.job_count, jobs = excluded.jobs, seen_at = excluded.seen_at`);
    } catch (error) {
      for (const { queue, ...untold } of told.values()) {
        const counted = tally(queue);
        counted.done += untold.done;
        counted.failed += untold.failed;
        counted.items += untold.items;
        counted.busyMs += untold.busyMs;
      }
      throw error;
    }
  };

  const onError = (error: unknown): void =>
    logger.warn({ err: error }, 'this worker could not say that it lives; it will again');
  const first = beat().catch(onError);
  const beating = every(BEAT_MS, beat, onError);

  return {
    id,
    observer: (queue, jobId) => {
      const since = performance.now();
      const job = { queue, id: jobId, since };
      atWork.set(job, job);
      return (outcome) => {
        atWork.delete(job);
        const counted = tally(queue);
        counted.busyMs += performance.now() - Math.max(since, beatAt);
        if (outcome !== 'deferred') counted[outcome] += 1;
      };
    },
    closed(queue, items) {
      tally(queue).items += items;
    },
    async leave() {
      await first;
      await beating.stop();
      try {
        await beat();
        await database.query(sql`delete from workers where id = ${id}`);
      } catch (error) {
        logger.warn({ err: error }, 'this worker could not say that it leaves; it will be missed');
      }
    },
  };
}
