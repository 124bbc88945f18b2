import { once } from 'node:events';
import type { Admin } from '#libs/admin';
import type { Logger } from '#libs/config';
import type { Scaling } from '#libs/contracts';
import { Gauge, type Registry } from 'prom-client';

/** The same target as that of `GET /admin/scaling` where none is given. */
const TARGET_SECONDS = 60;
/** Many may ask; the tables are asked no more often than this. */
const FRESH_MS = 2_000;
/** A database that is away must not hold up the other metrics. */
const PATIENCE_MS = 2_000;

/**
 * What `GET /admin/scaling` answers, as gauges. Any replica answers the same. Where the tables cannot
 * be asked the gauges are left out, and the other metrics stand.
 */
export function registerScalingMetrics(
  registry: Registry,
  { admin, logger }: { admin: Admin; logger: Logger },
): void {
  let latest: { scaling: Scaling; at: number } | undefined;
  let reading: Promise<Scaling | undefined> | undefined;
  const look = async (): Promise<Scaling | undefined> => {
    try {
      const scaling = await admin.scaling(TARGET_SECONDS);
      latest = { scaling, at: performance.now() };
      return scaling;
    } catch (error) {
      logger.warn({ err: error }, 'what there is to do could not be read');
      return undefined;
    } finally {
      reading = undefined;
    }
  };
  const read = async (): Promise<Scaling | undefined> => {
    if (latest && performance.now() - latest.at < FRESH_MS) return latest.scaling;
    const late = once(AbortSignal.timeout(PATIENCE_MS), 'abort').then(() => undefined);
    return Promise.race([(reading ??= look()), late]);
  };

  const ofQueues = (
    name: string,
    help: string,
    pick: (queue: Scaling['queues'][number]) => number | null,
  ) =>
    new Gauge({
      name: `llm_eval_queue_${name}`,
      help,
      labelNames: ['queue'],
      registers: [registry],
      async collect() {
        const scaling = await read();
        this.reset();
        for (const queue of scaling?.queues ?? []) {
          const value = pick(queue);
          if (value !== null) this.set({ queue: queue.name }, value);
        }
      },
    });
  ofQueues('backlog', 'Open items of runs, or jobs of runs and comparisons', (q) => q.backlog);
  ofQueues('oldest_wait_seconds', 'Age of the oldest waiting job', (q) => q.oldestWaitSeconds);
  ofQueues('done_per_minute', 'Jobs that ended well in the last minute', (q) => q.donePerMinute);
  ofQueues('failed_per_minute', 'Jobs that failed in the last minute', (q) => q.failedPerMinute);
  ofQueues('items_per_minute', 'Items closed in the last minute', (q) => q.itemsPerMinute);
  ofQueues(
    'drain_seconds',
    'Estimated time to drain by the workers there are',
    (q) => q.drainSeconds,
  );
  ofQueues('workers_wanted', 'Workers that would drain it within a minute', (q) => q.workersWanted);
  const workers = new Gauge({
    name: 'llm_eval_workers',
    help: 'Worker processes: alive, lost within the last minute, wanted for all queues',
    labelNames: ['state'],
    registers: [],
    async collect() {
      const scaling = await read();
      this.reset();
      for (const [state, count] of Object.entries(scaling?.workers ?? {})) {
        this.set({ state }, count);
      }
    },
  });
  registry.registerMetric(workers);
}
