import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { startPostgres, type Postgres } from '../../apps/embedded/postgres/index.ts';
import { freePort } from '../support/services.ts';

/** A PostgreSQL that is as durable as in production, and can be stopped, killed and started again. */
export interface FaultyPostgres {
  /** Where it is now; it moves when it is started again. */
  address(): { host: string; port: number };
  url(): string;
  /** As an operator stops it: clients are told. */
  restart(): Promise<void>;
  /** SIGKILL to the postmaster, as a machine that loses power; it recovers from its log. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startFaultyPostgres(folder: string): Promise<FaultyPostgres> {
  const dataFolder = join(folder, 'data');
  const launch = (): Promise<Postgres> =>
    startPostgres({
      dataFolder,
      logFile: join(folder, 'postgres.log'),
      durable: true,
      maxConnections: 200,
      graceMs: 0,
    });
  let running: Postgres | undefined;
  let url = '';
  const begin = async (): Promise<void> => {
    const launched = await launch();
    running = launched;
    ({ url } = launched);
    // It may end by itself, as when its disk is full.
    void launched.lost.then(() => {
      if (running === launched) running = undefined;
    });
  };
  await begin();
  return {
    address: () => ({ host: new URL(url).hostname, port: Number(new URL(url).port) }),
    url: () => url,
    async restart() {
      await running?.stop();
      await begin();
    },
    async kill() {
      const [pid = ''] = (await readFile(join(dataFolder, 'postmaster.pid'), 'utf8')).split('\n');
      const lost = running?.lost;
      process.kill(Number(pid), 'SIGKILL');
      await lost;
      running = undefined;
    },
    async start() {
      if (!running) await begin();
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
  };
}

/** A Redis with an append-only file, that can be stopped, killed, started again, and made to misbehave. */
export interface FaultyRedis {
  address(): { host: string; port: number };
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** On a connection of its own. */
  command(...words: [string, ...string[]]): Promise<void>;
}

export async function startFaultyRedis(folder: string): Promise<FaultyRedis> {
  const port = await freePort();
  const settings = Object.entries({
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
  }).flatMap(([name, value]) => [`--${name}`, value]);
  // On a leash, so that it ends with this process however that ends.
  const launch = async (): Promise<ChildProcess> => {
    const leash = spawn(
      process.execPath,
      [
        fileURLToPath(new URL('../support/leash.mjs', import.meta.url)),
        await mkdtemp(join(folder, 'leash-')),
        'redis-server',
        ...settings,
      ],
      { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    );
    await withClient(port, (client) => client.ping());
    return leash;
  };
  let running: ChildProcess | undefined = await launch();
  const kill = async (): Promise<void> => {
    const leash = running;
    running = undefined;
    if (!leash) return;
    const exited = once(leash, 'exit');
    leash.send('stop');
    await exited;
  };
  return {
    address: () => ({ host: '127.0.0.1', port }),
    kill,
    stop: kill,
    async start() {
      running ??= await launch();
    },
    async command(...words) {
      const [name, ...values] = words;
      await withClient(port, (client) => client.call(name, ...values));
    },
  };
}

/** Waits until Redis answers, also while it still loads its file. */
async function withClient(port: number, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 50 });
  client.on('error', () => {});
  try {
    await work(client);
  } finally {
    client.disconnect();
  }
}
