import { queueNames, type QueueScaling, type Scaling } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import type { QueueName } from '#libs/queues';
import { noRates, readFleet, readRates, type QueueRates } from '#libs/fleet';
import { isClientRun } from '#libs/runs';

/** What the queues themselves say; undefined where they are away. */
export type JobsOfQueues =
  Map<QueueName, { paused: boolean; oldestWaitSeconds: number | null }> | undefined;

interface Backlog {
  queue: QueueName;
  backlog: number;
  /** Jobs of the backlog that can be at work at the same time. */
  parallel: number;
}

/**
 * What there is to do, from the tables: the queue holds only a window of each run. Of a run whose
 * target is the client's own code only what the client has answered waits for workers.
 */
async function readBacklogs(database: Queryable): Promise<Map<QueueName, Backlog>> {
  const rows = await database.query<Backlog>(sql`
    with going as (
      select r.queue, r.state, r.batch_window, r.batch_size, r.total - r.done as missing,
        case when ${isClientRun('r')} then (
          select coalesce(sum(b.count), 0) from run_batches b
          where b.run_id = r.id and b.state in ('open', 'claimed')
        ) else r.total - r.done end as open
      from evaluation_runs r where r.state in ('queued', 'running')
    ), comparing as (
      select count(*) as jobs from comparisons where state in ('queued', 'running', 'refining')
    )
    select queue, sum(open)::float8 as backlog,
      sum(least(batch_window, ceil(open / batch_size::float8)))::float8 as parallel
    from going group by queue
    union all
    select 'runs', count(*)::float8, count(*)::float8 from going
    where state = 'queued' or missing = 0
    union all
    select 'comparisons', jobs::float8, jobs::float8 from comparing`);
  return new Map(rows.map((row) => [row.queue, row]));
}

/** How many workers, and how long, for what one queue has to do. Pure. */
export function estimate(given: {
  backlog: number;
  /** Jobs of it that can be at work at the same time. */
  parallel: number;
  /** Of the backlog, per second of a job at work; undefined: nothing was done lately. */
  speed: number | undefined;
  targetSeconds: number;
  /** Living workers of the queue, and the jobs that they do at the same time. */
  alive: number;
  slots: number;
  /** Jobs that one worker does at the same time. */
  slotsPerWorker: number;
}): { drainSeconds: number | null; workersWanted: number } {
  const { backlog, parallel, speed, targetSeconds, alive, slots, slotsPerWorker } = given;
  if (backlog === 0) return { drainSeconds: 0, workersWanted: 0 };
  // More workers than there are jobs to do side by side would stand idle.
  const most = Math.max(1, Math.ceil(parallel / slotsPerWorker));
  if (speed === undefined) {
    return { drainSeconds: null, workersWanted: Math.min(most, Math.max(1, alive)) };
  }
  const busy = Math.min(slots, Math.max(1, parallel));
  const needed = Math.ceil(backlog / (speed * targetSeconds) / slotsPerWorker);
  return {
    drainSeconds: busy === 0 ? null : backlog / (speed * busy),
    workersWanted: Math.min(most, Math.max(1, needed)),
  };
}

/**
 * How much there is to do for each queue, and how many workers would drain it within the target.
 *
 * The estimates take the speed of the last ten minutes, in items (or jobs) per second of a job at
 * work: backlog ÷ (speed × jobs at work). Limits of providers slow the jobs down and so count as
 * speed; more workers do not lift them.
 * @param options.jobs what the queues say of themselves
 * @param options.defaults jobs that one worker does at the same time, where none lives
 */
export async function readScaling(
  database: Queryable,
  options: {
    targetSeconds: number;
    jobs: JobsOfQueues;
    defaults: Record<QueueName, number>;
  },
): Promise<Scaling> {
  const { targetSeconds, jobs, defaults } = options;
  const [backlogs, fleet, rates] = await Promise.all([
    readBacklogs(database),
    readFleet(database),
    readRates(database),
  ]);
  const queues = queueNames.map((name): QueueScaling => {
    const { backlog = 0, parallel = 0 } = backlogs.get(name) ?? {};
    const { jobSpeed, itemSpeed, ...shown }: QueueRates = rates.get(name) ?? noRates;
    const { workers: alive, slots } = fleet.queues[name] ?? { workers: 0, slots: 0 };
    const inItems = name === 'batches' || name === 'calls';
    const paused = jobs?.get(name)?.paused ?? null;
    const estimated = estimate({
      backlog,
      parallel,
      speed: inItems ? itemSpeed : jobSpeed,
      targetSeconds,
      alive,
      slots,
      slotsPerWorker: Math.max(1, alive > 0 ? slots / alive : defaults[name]),
    });
    return {
      name,
      backlog,
      oldestWaitSeconds: jobs?.get(name)?.oldestWaitSeconds ?? null,
      paused,
      ...shown,
      slots,
      // Nothing drains a paused queue, however many there are.
      ...(paused === true ? { drainSeconds: null, workersWanted: 0 } : estimated),
    };
  });
  const wanted = Math.max(...queues.map(({ workersWanted }) => workersWanted));
  return { targetSeconds, workers: { alive: fleet.alive, lost: fleet.lost, wanted }, queues };
}
