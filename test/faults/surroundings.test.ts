import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ApiError } from '#libs/sdk';
import { sql } from '#libs/database';
import { createLogger, loadConfig } from '#libs/config';
import { openQueues } from '#libs/queues';
import { redisAvailable } from '../support/redis.ts';
import { waitFor } from '../support/wait.ts';
import { startCluster, type Cluster, type Member } from './cluster.ts';
import { available } from './unavailable.ts';
import { expectUndisturbed, ITEMS, prepareWorkload, submit } from './workload.ts';

const kind = redisAvailable ? 'redis' : 'postgresql';
const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What makes a process believe in another clock: Debian's package `faketime`. */
const [fakeClock = ''] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
const canMount = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0;
/** Before comparisons and gates: its workers know neither their queue nor their tables. */
const OLD_VERSION = '23f6113';
const hasHistory =
  spawnSync('git', ['cat-file', '-e', `${OLD_VERSION}^{commit}`], { cwd: repository }).status === 0;

describe('a run of 5,000 items ends as if nothing had happened, when', () => {
  const ended: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ended.splice(0).toReversed()) await end();
  }, 60_000);

  const start = async (...given: Parameters<typeof startCluster>): Promise<Cluster> => {
    const cluster = await startCluster(...given);
    ended.push(() => cluster.close());
    return cluster;
  };
  const folderOf = async (name: string): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), `llm-eval-${name}-`));
    ended.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  };
  const reach = (cluster: Cluster, id: string, share: number) =>
    waitFor(async () => {
      const { done } = await cluster.ask((client) => client.getRun({ params: { id } }));
      return done >= ITEMS * share ? true : undefined;
    });
  const workersOf = ({ members }: Cluster): Member[] =>
    members.filter(({ app }) => app === 'worker');

  const clock = available("Debian's package faketime", fakeClock !== '');
  (clock ? describe : describe.skip)('with another clock', () => {
    test('the clocks of workers jump by hours, forth and back', async () => {
      const clocks = join(await folderOf('clock'), 'clock');
      await writeFile(clocks, '+0');
      const cluster = await start(kind, { apis: 1, workers: 2 });
      const workload = await prepareWorkload(cluster);
      for (const member of workersOf(cluster)) {
        await cluster.kill(member);
        await cluster.start(member, {
          LD_PRELOAD: fakeClock,
          FAKETIME_TIMESTAMP_FILE: clocks,
          FAKETIME_CACHE_DURATION: '1',
          DONT_FAKE_MONOTONIC: '1',
        });
      }
      const { id } = await submit(cluster, workload.request);
      for (const [share, clock] of [
        [0.1, '+3h'],
        [0.3, '-2h'],
        [0.5, '+400d'],
        [0.7, '+0'],
      ] as const) {
        await reach(cluster, id, share);
        await writeFile(clocks, clock);
      }
      await cluster.waitForEnd(id, 60_000);
      await expect(expectUndisturbed(cluster, workload, id)).resolves.toBeUndefined();
    }, 180_000);
  });

  const disk = available('root, to mount a small disk', canMount);
  (disk ? describe : describe.skip)('with a small disk', () => {
    test('the disk of PostgreSQL is full for a while; what arrives meanwhile is refused', async () => {
      const folder = await folderOf('disk');
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=0777', 'tmpfs', folder]);
      ended.push(async () => execFileSync('umount', ['--lazy', folder]));
      const cluster = await start(
        kind,
        { apis: 1, workers: 2 },
        { postgresFolder: join(folder, 'postgres') },
      );
      const workload = await prepareWorkload(cluster);
      const { id } = await submit(cluster, workload.request);
      await reach(cluster, id, 0.2);
      const ballast = join(folder, 'ballast');
      const fillDisk = (): void => {
        spawnSync('dd', [
          'if=/dev/zero',
          `of=${ballast}`,
          'bs=64k',
          'conv=notrunc',
          'oflag=append',
        ]);
      };
      fillDisk();
      // Some more may have been freed and written since.
      const refusal = await waitFor(async () => {
        fillDisk();
        try {
          await cluster.client().submitRun({ body: workload.request });
          return undefined;
        } catch (error) {
          return error instanceof ApiError ? error : undefined;
        }
      });
      expect(refusal).toMatchObject({ status: 503, code: 'database_full' });
      await rm(ballast);
      await cluster.heal();
      await cluster.waitForEnd(id, 90_000);
      await expectUndisturbed(cluster, workload, id);
    }, 240_000);
  });

  const history = available('the history of this repository in git', hasHistory);
  (history ? describe : describe.skip)('with an older version', () => {
    test('a worker of an older version works beside a new one', async () => {
      const old = await folderOf('old');
      const archive = execFileSync('git', ['archive', OLD_VERSION], {
        cwd: repository,
        maxBuffer: 2 ** 28,
      });
      execFileSync('tar', ['-x', '-C', old], { input: archive });
      await symlink(join(repository, 'node_modules'), join(old, 'node_modules'));
      expect(existsSync(join(old, 'libs/comparisons'))).toBe(false);
      const cluster = await start(kind, { apis: 1, workers: 2 });
      const workload = await prepareWorkload(cluster);
      const [first] = workersOf(cluster);
      if (!first) throw new Error('there is no worker');
      await cluster.kill(first);
      await cluster.start(first, {}, old);
      const { id } = await submit(cluster, workload.request);
      await cluster.waitForEnd(id, 60_000);
      await expectUndisturbed(cluster, workload, id);
      // And alone: what was begun by both.
      const second = await submit(cluster, workload.request);
      await reach(cluster, second.id, 0.3);
      for (const member of workersOf(cluster)) if (member !== first) await cluster.kill(member);
      await cluster.waitForEnd(second.id, 60_000);
      await expectUndisturbed(cluster, workload, second.id);
    }, 240_000);
  });

  test('every job is delivered twice, and in another order', async () => {
    const cluster = await start(kind, { apis: 1, workers: 3 });
    const workload = await prepareWorkload(cluster);
    const [{ environment } = { environment: {} }] = cluster.members;
    const logger = createLogger('test', 'silent');
    const queues = await openQueues(loadConfig(environment), logger);
    ended.push(() => queues.close());
    const board = queues.boards.find(({ name }) => name === 'batches');
    if (!board) throw new Error('there is no queue of batches');
    const { id } = await submit(cluster, workload.request);
    const seen = new Set<string>();
    await waitFor(
      async () => {
        for (const job of await board.getJobs(['waiting', 'active'], 0, 100)) {
          if (job.id === undefined || job.id.startsWith('again-') || seen.has(job.id)) continue;
          seen.add(job.id);
          // Before all that waits, so that what was to come later comes first.
          await board.add(job.name, job.data, { jobId: `again-${job.id}`, lifo: true });
        }
        const run = await cluster.ask((client) => client.getRun({ params: { id } }));
        return run.state === 'completed' ? true : undefined;
      },
      undefined,
      60_000,
    );
    expect(seen.size).toBeGreaterThan(10);
    await waitFor(async () => {
      const counts = await board.getJobCounts('waiting', 'active', 'delayed');
      return Object.values(counts).every((count) => count === 0) ? true : undefined;
    });
    await expectUndisturbed(cluster, workload, id);
    const database = await cluster.database();
    expect(await database.query(sql`select 1 from outbox`)).toEqual([]);
  }, 180_000);
});
