import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client } from '#libs/sdk';
import { startPostgres } from '../apps/embedded/postgres/index.ts';
import { startProcess } from '../test/support/processes.ts';
import { startTestRedis } from '../test/support/services.ts';

export type Backend = 'redis' | 'embedded';

/** The product as real processes: PostgreSQL, one API, one worker, and Redis where it is asked for. */
export interface Topology {
  client: Client;
  url: string;
  /** Of an admin of the instance. */
  key: string;
  /** Of its database, for what would take too long over the API. */
  databaseUrl: string;
  /** Highest resident memory so far, in bytes. */
  peakMemory(): Promise<{ api: number; worker: number }>;
  stop(): Promise<void>;
}

const KEY = 'bench-key-of-this-run-only';

/**
 * Starts everything afresh in temporary folders; PostgreSQL as durable as `npm start` has it.
 * @param overrides environment of API and worker beside what is needed
 */
export async function startTopology(
  backend: Backend,
  overrides: Record<string, string> = {},
): Promise<Topology> {
  const folder = await mkdtemp(join(tmpdir(), 'llm-eval-bench-'));
  const postgres = await startPostgres({
    dataFolder: join(folder, 'data'),
    logFile: join(folder, 'postgres.log'),
  });
  const redis = backend === 'redis' ? await startTestRedis() : undefined;
  if (backend === 'redis' && !redis)
    throw new Error('The bench on Redis needs redis-server on the PATH.');
  const environment = {
    PORT: '0',
    DATABASE_URL: postgres.url,
    ...(redis && { REDIS_URL: redis.url }),
    LLM_EVAL_ADMIN_KEY: KEY,
    LOG_LEVEL: 'warn',
    ...overrides,
  };
  const api = await startProcess('api', environment);
  const worker = await startProcess('worker', environment);
  if (api.url === undefined) throw new Error('The API did not say where it is.');

  return {
    client: createClient({ baseUrl: api.url, key: KEY }),
    url: api.url,
    key: KEY,
    databaseUrl: postgres.url,
    peakMemory: async () => ({
      api: await peakOf(api.child),
      worker: await peakOf(worker.child),
    }),
    async stop() {
      await Promise.all([api.stop(), worker.stop()]);
      await redis?.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Linux keeps the highest resident size of each process (VmHWM, in kB). */
async function peakOf(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return Number(kilobytes) * 1024;
}
