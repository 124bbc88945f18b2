import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  createPostgresBackend,
  isPgPool,
  Queue,
  QueueEvents,
  QueueEventsProducer,
  runMigrations,
  withBackend,
  Worker,
  type Processor,
  type QueueEventsListener,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { listenToChannel } from './listen.ts';

/** What a worker of either backend is used for. */
export interface RunningWorker {
  /** Takes no more jobs and resolves when those at work have ended. */
  close(): Promise<void>;
}

export interface WorkerSettings {
  concurrency: number;
  /** A job whose worker stays silent for this long counts as stalled. */
  lockMs: number;
}

const postgresClasses = withBackend(createPostgresBackend);
export type PostgresQueue = InstanceType<typeof postgresClasses.Queue>;
export type AnyQueue = Queue | PostgresQueue;

/** Where the queues live: the one place that knows the difference between Redis and PostgreSQL. */
export interface QueueBackend {
  kind: 'redis' | 'postgresql';
  openQueue(name: string): AnyQueue;
  /** Throws where it is known to be away: what is asked of a queue then waits until it is back. */
  expectReachable(): void;
  startWorker(name: string, processor: Processor, settings: WorkerSettings): RunningWorker;
  /**
   * Hints to every API replica that a run has changed. On PostgreSQL it does nothing: there the
   * transaction that changes the run says so itself.
   */
  hint(runId: string): Promise<void>;
  /** Tells every API replica of a change that no transaction tells of; like a hint, it may be lost. */
  announce(change: { comparisonId: string }): Promise<void>;
  /** Calls back for every hint that a run has changed. Hints may be lost: they save time, no more. */
  listenForHints(onHint: (payload: unknown) => void): Promise<() => Promise<void>>;
  ping(): Promise<void>;
  /** Makes the queue's own tables, where it has any; any number of processes may at once. */
  migrate(): Promise<void>;
  close(): Promise<void>;
}

type OnError = (error: Error) => void;

const STALLED_CHECKS_PER_LOCK = 2;

const workerOptions = ({ concurrency, lockMs }: WorkerSettings) => ({
  concurrency,
  lockDuration: lockMs,
  stalledInterval: Math.ceil(lockMs / STALLED_CHECKS_PER_LOCK),
  // After this the reconciler decides, from the tables.
  maxStalledCount: 1,
  runRetryDelay: 1_000,
});

/**
 * A queue of events without jobs. The event streams of the others tell of every job, several times:
 * a replica that listened to those would work for each item of each run, watched here or not.
 */
const CHANGES = 'changes';
const CHANGED = 'changed';
/** What a listener has not read by then is old. */
const CHANGES_KEPT = 1_000;

interface ChangesListener extends QueueEventsListener {
  [CHANGED]: (change: unknown) => void;
}

/** BullMQ on Redis. `prefix` is the namespace of all keys. */
export function redisBackend(url: string, prefix: string, onError: OnError): QueueBackend {
  const retryStrategy = (times: number): number => Math.min(1_000, 50 * times);
  // No command of the producer may fail because Redis went: BullMQ remembers for ever that the first
  // of a queue did, and the queue would never work again in this process. So what is under way waits
  // for Redis (whoever asked gives up in time), and what would be new is refused before: it is in the
  // outbox.
  const producer = new Redis(url, { maxRetriesPerRequest: null, retryStrategy });
  producer.on('error', onError);
  let away = false;
  producer.on('close', () => (away = true)).on('ready', () => (away = false));
  const expectReachable = (): void => {
    if (away) throw new Error('Redis is away');
  };
  const consumer = { url, maxRetriesPerRequest: null, retryStrategy };
  const changes = new QueueEventsProducer(CHANGES, { connection: producer, prefix });
  changes.on('error', onError);
  const publish = async (change: { runId: string } | { comparisonId: string }): Promise<void> => {
    expectReachable();
    await changes.publishEvent({ eventName: CHANGED, ...change }, CHANGES_KEPT);
  };
  // Nobody listens to what jobs do; Bull Board reads the jobs themselves.
  const eventStreams = { events: { maxLen: 100 } };

  return {
    kind: 'redis',
    expectReachable,
    openQueue(name) {
      const queue = new Queue(name, {
        connection: producer,
        prefix,
        streams: eventStreams,
      });
      queue.on('error', onError);
      return queue;
    },
    startWorker(name, processor, settings) {
      const worker = new Worker(name, processor, {
        connection: consumer,
        prefix,
        ...workerOptions(settings),
      });
      worker.on('error', onError);
      return worker;
    },
    hint: (runId) => publish({ runId }),
    announce: publish,
    async listenForHints(onHint) {
      const queueEvents = new QueueEvents(CHANGES, {
        connection: consumer,
        prefix,
        autorun: true,
        // '$' would skip what arrives between two reads at the start; the stream's tail does not.
        lastEventId: await lastEventId(producer, `${prefix}:${CHANGES}:events`),
      });
      queueEvents.on('error', onError);
      queueEvents.on<ChangesListener>(CHANGED, onHint);
      // It asks Redis to say goodbye, and waits for ever where the connection is being made right then.
      return async () => {
        await Promise.race([queueEvents.close(), delay(CLOSE_MS, undefined, { ref: false })]);
      };
    },
    async ping() {
      await producer.ping();
    },
    migrate: async () => {},
    async close() {
      await changes.close();
      producer.disconnect();
    },
  };
}

const CONNECT_MS = 2_000;
const CLOSE_MS = 2_000;

async function lastEventId(client: Redis, stream: string): Promise<string> {
  try {
    if (client.status !== 'ready')
      await once(client, 'ready', { signal: AbortSignal.timeout(CONNECT_MS) });
    const [newest] = await client.xrevrange(stream, '+', '-', 'COUNT', 1);
    return newest?.[0] ?? '0-0';
  } catch {
    // Redis is away at the start; hints from then on are enough.
    return '$';
  }
}

const QUEUE_SCHEMA = 'bullmq';
export const RUN_CHANGED_CHANNEL = 'run_changed';

/** BullMQ on PostgreSQL, in the schema `bullmq` of the database that holds the tables. */
export function postgresBackend(url: string, onError: OnError): QueueBackend {
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    options: `-c search_path=${QUEUE_SCHEMA}`,
    application_name: 'llm-eval-queue',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  // An error that nobody listens to ends the process: that of an idle client, which the pool reports,
  // and that of one in use whose connection breaks between two statements.
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  // The two libraries describe the same pool in types that do not meet; the guard is BullMQ's own.
  const connection: unknown = pool;
  if (!isPgPool(connection)) throw new Error('pg.Pool is not what BullMQ expects.');

  return {
    kind: 'postgresql',
    // A pool fails by itself, in time.
    expectReachable: () => {},
    openQueue(name) {
      const queue = new postgresClasses.Queue(name, { connection });
      queue.on('error', onError);
      return queue;
    },
    startWorker(name, processor, settings) {
      const worker = new postgresClasses.Worker(name, processor, {
        connection,
        ...workerOptions(settings),
      });
      worker.on('error', onError);
      return worker;
    },
    // This backend's own events can be lost or late, so the transaction that changes a run notifies.
    hint: async () => {},
    async announce(change) {
      await pool.query('select pg_notify($1, $2)', [RUN_CHANGED_CHANNEL, JSON.stringify(change)]);
    },
    listenForHints: async (onHint) =>
      listenToChannel({ url, channel: RUN_CHANGED_CHANNEL, onPayload: onHint, onError }),
    async ping() {
      await pool.query('select 1');
    },
    async migrate() {
      const client = await pool.connect();
      try {
        await runMigrations(client, QUEUE_SCHEMA);
      } finally {
        client.release();
      }
    },
    async close() {
      await pool.end();
    },
  };
}
