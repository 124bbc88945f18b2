import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileSize, lastLine, readFrom } from '../log-files.ts';
import { commandOf, endProcess, identify } from '../processes.ts';
import { locateBinaries } from './binaries.ts';
import { database, openDataFolder, user } from './data-folder.ts';
import type { Identity } from './identity.ts';

export interface ServerOptions {
  dataFolder: string;
  /** PostgreSQL's own log, appended to. */
  logFile: string;
  /** false: faster, and a crash of the machine may cost everything. For tests only. */
  durable: boolean;
  maxConnections: number;
}

export interface Server {
  url: string;
  /** Resolves, with its last words, when the server has ended for whatever reason. */
  ended: Promise<string>;
  /** Ends every connection, writes everything to disk and waits for the end. */
  stop(): Promise<void>;
}

const host = '127.0.0.1';
const startLimitMs = 120_000;
/** "Fast" first; "immediate", after which the next start recovers; and what nothing can ignore. */
const stopSteps: { signal: NodeJS.Signals; waitMs: number }[] = [
  { signal: 'SIGINT', waitMs: 30_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

/**
 * Starts PostgreSQL on a data folder, made on first use, on a free port of the loopback interface.
 * A server that an earlier guardian left behind on the same folder is stopped first.
 * @throws when it cannot start, with the reason in one sentence.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { dataFolder, logFile } = options;
  const binaries = locateBinaries();
  mkdirSync(dirname(logFile), { recursive: true });
  const { identity, password } = await openDataFolder(dataFolder, binaries, options.durable);
  await stopLeftover(dataFolder);

  const portFile = join(dataFolder, 'llm-eval.port');
  let port = rememberedPort(portFile) ?? (await freePort());
  const deadline = performance.now() + 20_000;
  for (;;) {
    const logStart = fileSize(logFile);
    const child = spawnServer(identity, binaries.postgres, port, options);
    const ended = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('exit', (code, signal) =>
        resolve(
          lastLine(logFile, logStart, / (FATAL|PANIC): {2}/) ??
            lastLine(logFile, logStart) ??
            `ended: ${signal ?? code}`,
        ),
      );
    });
    const problem = await Promise.race([ended, untilReady(child, dataFolder)]);
    if (problem === undefined) {
      await writeFile(portFile, `${port}\n`);
      const url = `postgresql://${user}:${password}@${host}:${port}/${database}`;
      return { url, ended, stop: () => stop(child, ended) };
    }
    await stop(child, ended);
    const log = fileSize(logFile) === 0 ? '' : readFrom(logFile, logStart);
    const portTaken = log.includes('could not bind');
    // A killed server's own processes need a moment to notice that it is gone.
    const notYet = log.includes('is still in use') || log.includes('already exists');
    if (performance.now() > deadline || !(portTaken || notYet)) {
      throw new Error(`PostgreSQL did not start: ${problem} (${logFile} has more).`);
    }
    if (portTaken) port = await freePort();
    else await delay(100);
  }
}

function spawnServer(
  identity: Identity,
  postgres: string,
  port: number,
  { dataFolder, logFile, durable, maxConnections }: ServerOptions,
): ChildProcess {
  const settings = {
    listen_addresses: host,
    port,
    unix_socket_directories: '', // Their paths may have 107 bytes only.
    max_connections: maxConnections,
    shared_buffers: '128MB',
    max_wal_size: '1GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    log_checkpoints: 'off',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A file, not a pipe through the guardian: the log outlives whoever is killed.
  const log = openSync(logFile, 'a', 0o600);
  try {
    return identity.spawn(postgres, ['-D', dataFolder, ...flags], ['ignore', log, log]);
  } finally {
    closeSync(log);
  }
}

/** Resolves to undefined when the server accepts connections, to a problem when it takes too long. */
async function untilReady(child: ChildProcess, dataFolder: string): Promise<string | undefined> {
  const deadline = performance.now() + startLimitMs;
  const running = () => child.exitCode === null && child.signalCode === null;
  while (child.pid !== undefined && running() && performance.now() < deadline) {
    const lines = pidFileLines(dataFolder);
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return undefined;
    await delay(15);
  }
  return 'it was not ready in time';
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  const running = child.pid === undefined ? undefined : identify(child.pid);
  if (running) await endProcess(running, stopSteps);
  await ended;
}

/** Stops the server that a killed guardian left on this folder, and disarms a stale pid file. */
async function stopLeftover(dataFolder: string): Promise<void> {
  const lines = pidFileLines(dataFolder);
  const leftover = identify(Number(lines[0]));
  if (leftover === undefined) return; // PostgreSQL itself sees that the pid is nobody's.
  if (isServerOn(leftover.pid, dataFolder)) {
    if (await endProcess(leftover, stopSteps)) return;
    throw new Error(
      `A PostgreSQL (process ${leftover.pid}) still uses ${dataFolder}: stop it first.`,
    );
  }
  // The pid now belongs to someone else, which PostgreSQL would take for a server. Its parent's pid
  // it ignores; the file stays, because it also tells which shared memory must be free.
  await writeFile(join(dataFolder, 'postmaster.pid'), [process.pid, ...lines.slice(1)].join('\n'));
}

function isServerOn(pid: number, dataFolder: string): boolean {
  try {
    if (process.platform !== 'linux') return commandOf(pid).includes(`postgres -D ${dataFolder} `);
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    return name === 'postgres' && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataFolder);
  } catch {
    return false;
  }
}

function pidFileLines(dataFolder: string): string[] {
  try {
    return readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

function rememberedPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
  } catch {
    return undefined;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('No free port was found.'));
      });
    });
  });
}
