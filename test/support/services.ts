import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../../apps/embedded/postgres/index.ts';

/** A service that the tests use. It ends by itself when the process that started it is killed. */
export interface TestService {
  url: string;
  stop(): Promise<void>;
}

/** Starts a PostgreSQL of its own in a temporary folder; fast, and not meant to survive a crash. */
export async function startTestPostgres(): Promise<TestService> {
  const folder = await mkdtemp(join(tmpdir(), 'llm-eval-postgres-'));
  return startPostgres({
    dataFolder: join(folder, 'data'),
    logFile: join(folder, 'postgres.log'),
    durable: false,
    maxConnections: 300,
    temporaryFolder: folder,
    graceMs: 0,
  });
}

/**
 * Starts a Redis of its own that keeps nothing; undefined where no redis-server is installed.
 * @param givenPort left out: one that is free
 */
export async function startTestRedis(givenPort?: number): Promise<TestService | undefined> {
  if (spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status !== 0) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'llm-eval-redis-'));
  const port = givenPort ?? (await freePort());
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const leash = spawn(
    process.execPath,
    [fileURLToPath(new URL('./leash.mjs', import.meta.url)), folder, 'redis-server', ...options],
    { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const exited = once(leash, 'exit');
  while (!(await answers(port))) {
    if (leash.exitCode !== null) throw new Error('redis-server ended before it was ready.');
    await delay(20);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      if (leash.connected) leash.send('stop', () => {});
      await exited;
    },
  };
}

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port was found.');
  return address.port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.on('error', () => resolve(false));
  });
}
