import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PostgresOptions {
  /** Made on first use. */
  dataFolder: string;
  logFile: string;
  /** false: faster, and a crash of the machine may cost everything. For tests only. */
  durable?: boolean;
  maxConnections?: number;
  /** A folder to remove once PostgreSQL has ended, also when it is this process that was killed. */
  temporaryFolder?: string;
  /** How long PostgreSQL waits for its clients when this process is killed. */
  graceMs?: number;
  /** Told the process that owns PostgreSQL, before anything else happens. */
  onGuardian?: (pid: number) => void;
}

export interface Postgres {
  /** Of the database for the tables, with the password. */
  url: string;
  /** Names the processes that may still have something to store when this process is killed. */
  setClients(pids: number[]): void;
  /** Resolves, with the reason, when PostgreSQL or its guardian has ended without being asked. */
  lost: Promise<string>;
  /** Stops PostgreSQL in order. Its clients should have ended before. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL under a guardian process, which stops it when this process ends, however that
 * happens.
 * @throws when PostgreSQL cannot start, with the reason in one sentence.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const guardian = spawnGuardian(options);
  if (guardian.pid !== undefined) options.onGuardian?.(guardian.pid);
  const exited = once(guardian, 'exit').then(
    ([code, signal]) => `PostgreSQL's guardian ended with ${signal ?? `code ${code}`}`,
    (error: unknown) => `PostgreSQL's guardian could not be started (${String(error)})`,
  );
  const firstWord = Promise.withResolvers<{ type: string; text: string }>();
  const lost = Promise.withResolvers<string>();
  guardian.on('message', (message: unknown) => {
    const word = parseWord(message);
    if (word?.type === 'lost') lost.resolve(word.text);
    else if (word) firstWord.resolve(word);
  });
  let stopping = false;
  void exited.then((reason) => {
    firstWord.resolve({ type: 'failed', text: `${reason}: see ${options.logFile}.` });
    if (!stopping) lost.resolve(reason);
  });

  const { type, text } = await firstWord.promise;
  if (type !== 'ready') {
    await exited;
    throw new Error(text);
  }
  const send = (message: { type: string; pids?: number[] }): void => {
    if (guardian.connected) guardian.send(message, () => {}); // Its exit is what counts.
  };
  return {
    url: text,
    setClients: (pids) => send({ type: 'clients', pids }),
    lost: lost.promise,
    stop: async () => {
      stopping = true;
      send({ type: 'stop' });
      await exited;
    },
  };
}

function spawnGuardian(options: PostgresOptions): ChildProcess {
  const { dataFolder, logFile, durable = true, maxConnections, temporaryFolder, graceMs } = options;
  const args = [fileURLToPath(new URL('./guardian.ts', import.meta.url))];
  args.push(`--data=${dataFolder}`, `--log=${logFile}`);
  if (!durable) args.push('--volatile');
  if (maxConnections !== undefined) args.push(`--connections=${maxConnections}`);
  if (temporaryFolder !== undefined) args.push(`--temporary=${temporaryFolder}`);
  if (graceMs !== undefined) args.push(`--grace=${graceMs}`);
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  try {
    return spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log, 'ipc'] });
  } finally {
    closeSync(log);
  }
}

function parseWord(message: unknown): { type: string; text: string } | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  const text = 'url' in message ? message.url : 'message' in message ? message.message : '';
  if (typeof message.type !== 'string' || typeof text !== 'string') return undefined;
  return { type: message.type, text };
}
