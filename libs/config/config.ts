import { parseAllowed } from '#libs/outgoing';
import { resolve } from 'node:path';
import { z } from 'zod';

/** The environment asks for something that cannot work. The message is one sentence with the remedy. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must look like postgresql://user:password@host:5432/database',
});
const redisUrl = z.url({
  protocol: /^rediss?$/,
  error: 'must look like redis://host:6379',
});
const integer = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${minimum} to ${maximum}`)
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum));

const SHORTEST_SECRET_KEY = 32;

const environmentSchema = z.object({
  PORT: integer(0, 65535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  LLM_EVAL_HOME: z.string().min(1).default('.llm-eval'),
  DATABASE_URL: postgresUrl.optional(),
  REDIS_URL: redisUrl.optional(),
  REDIS_SOCKET_URL: redisUrl.optional(),
  LLM_EVAL_ADMIN_KEY: z
    .string()
    .min(8, 'must have at least 8 characters; `openssl rand -hex 24` makes one')
    .max(200)
    .optional(),
  LLM_EVAL_SECRET_KEY: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((key) => key.trim()))
    .transform((keys) => keys.filter((key) => key !== ''))
    .refine((keys) => keys.every((key) => key.length >= SHORTEST_SECRET_KEY), {
      error: `must be keys of at least ${SHORTEST_SECRET_KEY} characters, with commas between them; \`openssl rand -base64 32\` makes one`,
    }),
  WORKER_CONCURRENCY: integer(0, 10_000).default(4),
  WORKER_CALL_CONCURRENCY: integer(0, 10_000).default(400),
  WORKER_STEP_CONCURRENCY: integer(0, 10_000).default(4),
  WORKER_COMPARISON_CONCURRENCY: integer(0, 10_000).default(1),
  WORKER_HEALTH_PORT: integer(0, 65535).optional(),
  DATABASE_POOL_MAX: integer(2, 500).default(10),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  TRUST_PROXY: integer(0, 10).default(0),
  PUBLIC_ORIGINS: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .transform((origins) => origins.filter((origin) => origin !== ''))
    .refine(
      (origins) =>
        origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
      {
        error: 'must be origins such as https://eval.example.org, with commas between them',
      },
    ),
  OUTGOING_ALLOW: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((entry) => entry.trim()))
    .transform((entries) => entries.filter((entry) => entry !== ''))
    .refine((entries) => entries.every((entry) => parseAllowed(entry) !== undefined), {
      error:
        'must be addresses, ranges or host names such as 127.0.0.1:4000, 10.0.0.0/8, [::1]:4000, scorer.internal, with commas between them',
    }),
  QUEUE_PREFIX: z
    .string()
    .regex(/^[\w-]+$/, 'must be letters, digits, _ or -')
    .default('llm-eval'),
  QUEUE_LOCK_MS: integer(1_000, 600_000).default(10_000),
  RECONCILE_INTERVAL_MS: integer(50, 600_000).default(2_000),
  SHUTDOWN_DEADLINE_MS: integer(500, 600_000).default(10_000),
  LIVE_MAX_SOCKETS: integer(1, 1_000_000).default(5_000),
  LIVE_MAX_SOCKETS_PER_KEY: integer(1, 1_000_000).default(1_000),
  LIVE_MAX_SOCKETS_PER_ADDRESS: integer(1, 1_000_000).default(1_000),
  LIVE_MAX_SUBSCRIPTIONS: integer(1, 10_000).default(200),
  LIVE_MAX_MESSAGES_PER_SECOND: integer(1, 10_000).default(50),
  LIVE_MAX_MESSAGE_BYTES: integer(1_024, 1_048_576).default(16_384),
  LIVE_MAX_BUFFERED_BYTES: integer(4_096, 67_108_864).default(1_048_576),
  LIVE_IDLE_TIMEOUT_MS: integer(100, 86_400_000).default(300_000),
  LIVE_HANDSHAKE_TIMEOUT_MS: integer(100, 600_000).default(10_000),
  LIVE_RECHECK_INTERVAL_MS: integer(100, 25_000).default(15_000),
  LIVE_MEMORY_LIMIT_MB: integer(64, 1_048_576).optional(),
  ALERT_WEBHOOK_URL: z
    .url({ protocol: /^https?$/, error: 'must look like https://alerts.example.org/hook' })
    .optional(),
});

/** What sockets may take of one API replica. */
export interface LiveBounds {
  maxSockets: number;
  maxSocketsPerKey: number;
  /** An address of version 6 counts with its whole /64, which is what one customer is given. */
  maxSocketsPerAddress: number;
  /** Of one socket, of all kinds together. */
  maxSubscriptions: number;
  /** Of one socket, on the average of ten seconds. */
  maxMessagesPerSecond: number;
  maxMessageBytes: number;
  /** Waiting in this process for one socket to read them. */
  maxBufferedBytes: number;
  /** For a socket that watches nothing and says nothing. */
  idleTimeoutMs: number;
  /** From the connection to an accepted handshake. */
  handshakeTimeoutMs: number;
  /** How often the keys and sessions of open sockets are looked up again. */
  recheckIntervalMs: number;
  /** Resident memory from which on sockets are refused; undefined: settled by what there is. */
  memoryLimitMb: number | undefined;
}

/** What a process needs to know about its surroundings, validated once at its start. */
export interface Config {
  port: number;
  host: string;
  /** Data folder of the embedded mode, absolute. */
  home: string;
  /** Unset only in the embedded mode's supervisor, which then starts its own PostgreSQL. */
  databaseUrl: string | undefined;
  /** Set: BullMQ runs on Redis. Unset: BullMQ runs on PostgreSQL. */
  redisUrl: string | undefined;
  redisSocketUrl: string | undefined;
  adminKey: string | undefined;
  /** What credentials and secrets are encrypted with: the first encrypts, all decrypt. May be none. */
  secretKeys: string[];
  /** Batches that one worker process computes at the same time; here and below 0: none at all. */
  workerConcurrency: number;
  /** Batches beside those that may wait for calls elsewhere in one worker process. */
  workerCallConcurrency: number;
  /** Starts and ends of runs: short, and rare beside batches. */
  workerStepConcurrency: number;
  /** Comparisons of runs: each takes a core while it is resampled. */
  workerComparisonConcurrency: number;
  /** Where a worker serves its health and metrics, on `host`; unset: nowhere. */
  workerHealthPort: number | undefined;
  /** PostgreSQL connections that one process may hold for tables; the queue has its own few. */
  databasePoolMax: number;
  logLevel: string;
  /** Number of proxies in front of the API whose X-Forwarded-* headers are believed. */
  trustProxy: number;
  /** Origins, beside the API's own, whose pages may use sessions and sockets. */
  publicOrigins: string[];
  /** What users' calls may reach beside the public internet: addresses, ranges, host names, ports. */
  outgoingAllow: string[];
  /** Namespace of the queues in Redis. */
  queuePrefix: string;
  /** How long a job may stay silent before it counts as stalled. */
  queueLockMs: number;
  reconcileIntervalMs: number;
  /** A stopping process that has not finished its work by then leaves it to others. */
  shutdownDeadlineMs: number;
  live: LiveBounds;
  /** Gets a POST when a replica runs short of memory, and when that is over. */
  alertWebhookUrl: string | undefined;
}

/**
 * Reads and checks the environment.
 * @throws {ConfigurationError} naming every variable that is wrong, and the remedy.
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new ConfigurationError(`The environment is not usable: ${problems.join('; ')}.`);
  }
  const env = parsed.data;
  if (env.REDIS_URL !== undefined && env.DATABASE_URL === undefined) {
    throw new ConfigurationError(
      'REDIS_URL is set but DATABASE_URL is not: a cluster needs both, since every process must reach the same tables. Set DATABASE_URL, or unset REDIS_URL for the embedded mode.',
    );
  }
  if (env.REDIS_SOCKET_URL !== undefined && env.REDIS_URL === undefined) {
    throw new ConfigurationError(
      'REDIS_SOCKET_URL is set but REDIS_URL is not: replicas share their sockets only in a cluster, which needs both. Set REDIS_URL, or unset REDIS_SOCKET_URL.',
    );
  }
  return {
    port: env.PORT,
    host: env.HOST,
    home: resolve(env.LLM_EVAL_HOME),
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    redisSocketUrl: env.REDIS_SOCKET_URL ?? env.REDIS_URL,
    adminKey: env.LLM_EVAL_ADMIN_KEY,
    secretKeys: env.LLM_EVAL_SECRET_KEY,
    workerConcurrency: env.WORKER_CONCURRENCY,
    workerCallConcurrency: env.WORKER_CALL_CONCURRENCY,
    workerStepConcurrency: env.WORKER_STEP_CONCURRENCY,
    workerComparisonConcurrency: env.WORKER_COMPARISON_CONCURRENCY,
    workerHealthPort: env.WORKER_HEALTH_PORT,
    databasePoolMax: env.DATABASE_POOL_MAX,
    logLevel: env.LOG_LEVEL,
    trustProxy: env.TRUST_PROXY,
    publicOrigins: env.PUBLIC_ORIGINS,
    outgoingAllow: env.OUTGOING_ALLOW,
    queuePrefix: env.QUEUE_PREFIX,
    queueLockMs: env.QUEUE_LOCK_MS,
    reconcileIntervalMs: env.RECONCILE_INTERVAL_MS,
    shutdownDeadlineMs: env.SHUTDOWN_DEADLINE_MS,
    live: {
      maxSockets: env.LIVE_MAX_SOCKETS,
      maxSocketsPerKey: env.LIVE_MAX_SOCKETS_PER_KEY,
      maxSocketsPerAddress: env.LIVE_MAX_SOCKETS_PER_ADDRESS,
      maxSubscriptions: env.LIVE_MAX_SUBSCRIPTIONS,
      maxMessagesPerSecond: env.LIVE_MAX_MESSAGES_PER_SECOND,
      maxMessageBytes: env.LIVE_MAX_MESSAGE_BYTES,
      maxBufferedBytes: env.LIVE_MAX_BUFFERED_BYTES,
      idleTimeoutMs: env.LIVE_IDLE_TIMEOUT_MS,
      handshakeTimeoutMs: env.LIVE_HANDSHAKE_TIMEOUT_MS,
      recheckIntervalMs: env.LIVE_RECHECK_INTERVAL_MS,
      memoryLimitMb: env.LIVE_MEMORY_LIMIT_MB,
    },
    alertWebhookUrl: env.ALERT_WEBHOOK_URL,
  };
}

/** Jobs that one worker process does at the same time, by their queue. */
export const concurrencyOf = (
  config: Pick<
    Config,
    | 'workerConcurrency'
    | 'workerCallConcurrency'
    | 'workerStepConcurrency'
    | 'workerComparisonConcurrency'
  >,
): { batches: number; calls: number; runs: number; comparisons: number } => ({
  batches: config.workerConcurrency,
  calls: config.workerCallConcurrency,
  runs: config.workerStepConcurrency,
  comparisons: config.workerComparisonConcurrency,
});
