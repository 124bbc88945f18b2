import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '#libs/contracts';
import { openDatabase, sql, type Database } from '#libs/database';
import { ApiError, ConnectionError, createClient, type Client } from '#libs/sdk';
import { startProcess, type ProductProcess } from '../support/processes.ts';
import { freePort } from '../support/services.ts';
import type { BackendKind } from '../support/world.ts';
import { waitFor } from '../support/wait.ts';
import { openLink, type Link } from './link.ts';
import {
  startFaultyPostgres,
  startFaultyRedis,
  type FaultyPostgres,
  type FaultyRedis,
} from './services.ts';

export const ADMIN_KEY = 'faults-admin-key';
const PATIENCE_MS = 5_000;

/** A process of the product, with its own ways to the services. */
export interface Member {
  app: 'api' | 'worker';
  links: { postgres: Link; redis: Link | undefined };
  process: ProductProcess | undefined;
  environment: Record<string, string>;
}

/** The whole product as real processes on services of its own, in which everything can fail. */
export interface Cluster {
  kind: BackendKind;
  postgres: FaultyPostgres;
  redis: FaultyRedis | undefined;
  members: Member[];
  /** By the way of the tests, which does not fail with the product's. */
  database(): Promise<Database>;
  client(): Client;
  /** @param root of another version of the product */
  start(member: Member, extra?: Record<string, string>, root?: string): Promise<void>;
  kill(member: Member): Promise<void>;
  /** Starts whatever does not run, and opens every link. */
  heal(): Promise<void>;
  /** Asks until an API answers: which of them, and whether at once, does not matter here. */
  ask<Answer>(call: (client: Client) => Promise<Answer>): Promise<Answer>;
  waitForEnd(runId: string, timeoutMs: number): Promise<Run>;
  close(): Promise<void>;
}

export async function startCluster(
  kind: BackendKind,
  size: { apis: number; workers: number },
  {
    overrides = {},
    postgresFolder,
  }: {
    overrides?: Record<string, string>;
    /** Left out: a temporary one. */
    postgresFolder?: string;
  } = {},
): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'llm-eval-faults-'));
  const [postgres, redis] = await Promise.all([
    startFaultyPostgres(postgresFolder ?? join(folder, 'postgres')),
    kind === 'redis' ? startFaultyRedis(folder) : undefined,
  ]);
  const queuePrefix = `faults-${randomBytes(6).toString('hex')}`;
  const members: Member[] = [];
  let ownDatabase: { url: string; database: Database } | undefined;

  const addMember = async (app: Member['app']): Promise<Member> => {
    const links = {
      postgres: await openLink(() => postgres.address()),
      redis: redis && (await openLink(() => redis.address())),
    };
    const databaseUrl = new URL(postgres.url());
    databaseUrl.host = `127.0.0.1:${links.postgres.port}`;
    const member: Member = {
      app,
      links,
      process: undefined,
      environment: {
        // The same after a restart, so that clients find it again.
        PORT: String(app === 'api' ? await freePort() : 0),
        DATABASE_URL: databaseUrl.href,
        ...(links.redis && { REDIS_URL: `redis://127.0.0.1:${links.redis.port}` }),
        QUEUE_PREFIX: queuePrefix,
        QUEUE_LOCK_MS: '2000',
        RECONCILE_INTERVAL_MS: '300',
        SHUTDOWN_DEADLINE_MS: '4000',
        WORKER_CONCURRENCY: '2',
        LLM_EVAL_ADMIN_KEY: ADMIN_KEY,
        OUTGOING_ALLOW: '127.0.0.1',
        LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
        ...overrides,
      },
    };
    members.push(member);
    return member;
  };

  const cluster: Cluster = {
    kind,
    postgres,
    redis,
    members,

    async database() {
      const url = postgres.url();
      if (ownDatabase?.url !== url) {
        await ownDatabase?.database.close().catch(() => {});
        ownDatabase = { url, database: await openDatabase({ url, poolMax: 4 }) };
      }
      return ownDatabase.database;
    },

    client() {
      const url = members.find(({ app, process }) => app === 'api' && process)?.process?.url;
      if (url === undefined) throw new ConnectionError('no API runs', { cause: undefined });
      return createClient({
        baseUrl: url,
        key: ADMIN_KEY,
        // One that hangs is asked again.
        fetch: (to, init) => fetch(to, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) }),
      });
    },

    async start(member, extra = {}, root?: string) {
      const environment = { ...member.environment, ...extra };
      member.process = await startProcess(member.app, environment, undefined, root);
    },

    async kill(member) {
      const { process } = member;
      member.process = undefined;
      await process?.stop('SIGKILL');
    },

    async heal() {
      await postgres.start();
      await redis?.start();
      for (const { links } of members) {
        links.postgres.set({ kind: 'open' });
        links.redis?.set({ kind: 'open' });
      }
      await Promise.all(
        members.map(async (member) => {
          const { process } = member;
          const runs = process?.child.exitCode === null && process.child.signalCode === null;
          if (!runs) await cluster.start(member);
        }),
      );
    },

    ask: (call) =>
      waitFor(
        async () => {
          try {
            return await call(cluster.client());
          } catch (error) {
            if (error instanceof ConnectionError) return undefined;
            if (error instanceof ApiError && error.status >= 500) return undefined;
            throw error;
          }
        },
        undefined,
        60_000,
      ),

    waitForEnd: (runId, timeoutMs) =>
      waitFor(
        async () => {
          const run = await cluster.ask((client) => client.getRun({ params: { id: runId } }));
          return run.state === 'completed' ? run : undefined;
        },
        async () => {
          const run = await cluster.ask((client) => client.getRun({ params: { id: runId } }));
          const database = await cluster.database();
          const batches = await database.query(sql`
            select state, count(*)::int as count from run_batches where run_id = ${runId}
            group by state`);
          return `run ${runId} is ${run.state}, ${run.done} of ${run.total} done, ${JSON.stringify(batches)}`;
        },
        timeoutMs,
      ),

    async close() {
      await Promise.all(members.map((member) => cluster.kill(member)));
      await ownDatabase?.database.close().catch(() => {});
      for (const { links } of members) {
        await links.postgres.close();
        await links.redis?.close();
      }
      await redis?.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };

  for (let api = 0; api < size.apis; api += 1) await cluster.start(await addMember('api'));
  await Promise.all(
    Array.from({ length: size.workers }, async () => cluster.start(await addMember('worker'))),
  );
  return cluster;
}
