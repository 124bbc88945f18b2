import { setTimeout as delay } from 'node:timers/promises';
import { sql } from '#libs/database';
import type { Random } from '#libs/statistics';
import { Client as PostgresClient } from 'pg';
import type { Cluster, Member } from './cluster.ts';
import type { Link, LinkMode } from './link.ts';

/** Something that goes wrong while a run goes, and is over when `inject` resolves. */
export interface Fault {
  name: string;
  /** It is about Redis, or goes wherever the product does. */
  on: 'redis' | 'both';
  inject(this: void, cluster: Cluster, random: Random): Promise<void>;
}

const below = (random: Random, n: number): number => Math.floor(random.uniform() * n);

const between = (random: Random, low: number, high: number): number =>
  low + below(random, high - low + 1);

function pick<One>(random: Random, list: readonly One[]): One {
  const one = list[below(random, list.length)];
  if (one === undefined) throw new Error('there is nothing to pick from');
  return one;
}

const membersOf = (cluster: Cluster, app: Member['app']): Member[] =>
  cluster.members.filter((member) => member.app === app);

const killed =
  (who: (cluster: Cluster, random: Random) => readonly Member[]) =>
  async (cluster: Cluster, random: Random): Promise<void> => {
    await Promise.all(who(cluster, random).map((member) => cluster.kill(member)));
    await delay(between(random, 0, 1_500));
    await cluster.heal();
  };

/** Sets some links to a mode for a while. */
async function disturb(
  links: readonly (Link | undefined)[],
  mode: LinkMode,
  milliseconds: number,
): Promise<void> {
  for (const link of links) link?.set(mode);
  await delay(milliseconds);
  // What was held back may be minutes old elsewhere: a network that heals breaks such connections.
  if (mode.kind === 'frozen') for (const link of links) link?.set({ kind: 'cut' });
  for (const link of links) link?.set({ kind: 'open' });
}

const onLinks =
  (
    which: (cluster: Cluster, random: Random) => readonly (Link | undefined)[],
    mode: LinkMode,
    forMs: [number, number],
  ) =>
  (cluster: Cluster, random: Random): Promise<void> =>
    disturb(which(cluster, random), mode, between(random, ...forMs));

const anyMember = (cluster: Cluster, random: Random): Member => pick(random, cluster.members);
const allPostgres = ({ members }: Cluster) => members.map(({ links }) => links.postgres);
const allRedis = ({ members }: Cluster) => members.map(({ links }) => links.redis);

const onRedis = (
  misbehave: [string, ...string[]],
  behave: [string, ...string[]],
): Fault['inject'] =>
  async function inject({ redis }, random) {
    await redis?.command(...misbehave);
    await delay(between(random, 500, 3_000));
    await redis?.command(...behave);
  };

export const faults: readonly Fault[] = [
  {
    name: 'kill -9 of a worker',
    on: 'both',
    inject: killed((cluster, random) => [pick(random, membersOf(cluster, 'worker'))]),
  },
  {
    name: 'kill -9 of all workers',
    on: 'both',
    inject: killed((cluster) => membersOf(cluster, 'worker')),
  },
  {
    name: 'kill -9 of an API replica',
    on: 'both',
    inject: killed((cluster, random) => [pick(random, membersOf(cluster, 'api'))]),
  },
  {
    name: 'kill -9 of every process of the product',
    on: 'both',
    inject: killed(({ members }) => members),
  },
  {
    name: 'a worker is asked to stop',
    on: 'both',
    async inject(cluster, random) {
      const member = pick(random, membersOf(cluster, 'worker'));
      const { process } = member;
      member.process = undefined;
      const code = await process?.stop('SIGTERM');
      if (code !== 0) throw new Error(`a worker that was asked to stop ended with ${code}`);
      await cluster.heal();
    },
  },
  {
    name: 'a worker hangs, and goes on when others have its work',
    on: 'both',
    async inject(cluster, random) {
      const { process } = pick(random, membersOf(cluster, 'worker'));
      process?.child.kill('SIGSTOP');
      await delay(between(random, 2_500, 5_000));
      process?.child.kill('SIGCONT');
    },
  },
  {
    name: 'PostgreSQL is restarted',
    on: 'both',
    inject: (cluster) => cluster.postgres.restart(),
  },
  {
    name: 'PostgreSQL is killed',
    on: 'both',
    async inject(cluster, random) {
      await cluster.postgres.kill();
      await delay(between(random, 0, 2_000));
      await cluster.postgres.start();
    },
  },
  {
    name: 'all connections to PostgreSQL are ended',
    on: 'both',
    async inject(cluster) {
      const database = await cluster.database();
      await database.query(sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where pid <> pg_backend_pid() and backend_type = 'client backend'`);
    },
  },
  {
    name: 'PostgreSQL has no connection left',
    on: 'both',
    async inject(cluster, random) {
      const taken: PostgresClient[] = [];
      try {
        // Those of the product are broken, so that it has to ask for new ones.
        for (const link of allPostgres(cluster)) link.set({ kind: 'cut' });
        for (;;) {
          const client = new PostgresClient({ connectionString: cluster.postgres.url() });
          client.on('error', () => {});
          const full = await client.connect().then(
            () => false,
            () => true,
          );
          if (full) break;
          taken.push(client);
        }
        for (const link of allPostgres(cluster)) link.set({ kind: 'open' });
        await delay(between(random, 500, 3_000));
      } finally {
        await Promise.all(taken.map((client) => client.end().catch(() => {})));
        for (const link of allPostgres(cluster)) link.set({ kind: 'open' });
      }
    },
  },
  {
    name: 'the way to PostgreSQL is cut for one process',
    on: 'both',
    inject: onLinks(
      (cluster, random) => [anyMember(cluster, random).links.postgres],
      { kind: 'cut' },
      [500, 4_000],
    ),
  },
  {
    name: 'the way to PostgreSQL is half-open for one process',
    on: 'both',
    inject: onLinks(
      (cluster, random) => [anyMember(cluster, random).links.postgres],
      { kind: 'frozen' },
      [2_000, 6_000],
    ),
  },
  {
    name: 'the way to PostgreSQL is half-open for all',
    on: 'both',
    inject: onLinks(allPostgres, { kind: 'frozen' }, [1_000, 4_000]),
  },
  {
    name: 'PostgreSQL is slow',
    on: 'both',
    inject: onLinks(allPostgres, { kind: 'slow', milliseconds: 60 }, [1_000, 3_000]),
  },
  {
    name: 'Redis is killed and started with its file',
    on: 'redis',
    async inject({ redis }, random) {
      await redis?.kill();
      await delay(between(random, 0, 3_000));
      await redis?.start();
    },
  },
  {
    name: 'Redis forgets everything',
    on: 'redis',
    inject: async ({ redis }) => redis?.command('FLUSHALL'),
  },
  {
    name: 'Redis is out of memory',
    on: 'redis',
    inject: onRedis(['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']),
  },
  {
    name: 'Redis is read-only',
    on: 'redis',
    inject: onRedis(['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']),
  },
  {
    name: 'Redis is slow',
    on: 'redis',
    inject: onLinks(allRedis, { kind: 'slow', milliseconds: 100 }, [1_000, 3_000]),
  },
  {
    name: 'the way to Redis is cut for one process',
    on: 'redis',
    inject: onLinks(
      (cluster, random) => [anyMember(cluster, random).links.redis],
      { kind: 'cut' },
      [500, 4_000],
    ),
  },
  {
    name: 'the way to Redis is half-open for one process',
    on: 'redis',
    inject: onLinks(
      (cluster, random) => [anyMember(cluster, random).links.redis],
      { kind: 'frozen' },
      [2_000, 6_000],
    ),
  },
  {
    name: 'the way to Redis is half-open for all',
    on: 'redis',
    inject: onLinks(allRedis, { kind: 'frozen' }, [1_000, 4_000]),
  },
];
