import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededRandom, type Random } from '#libs/statistics';
import type { BackendKind } from '../support/world.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { faults } from './faults.ts';
import { watchRun } from './watch.ts';
import { expectUndisturbed, ITEMS, prepareWorkload, submit, type Workload } from './workload.ts';

/**
 * `npm run soak [-- --minutes 60] [--seed 1] [--backend redis|postgresql]`: runs of 5,000 items, several
 * at a time, while faults of all kinds come at random moments, also two at once; each run is compared
 * item by item with an undisturbed one. Ends with an error at the first difference, and with what it did.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'redis' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const backend = backendNamed(values.backend);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  throw new Error('usage: npm run soak -- --minutes 60 --seed 1 --backend redis');
}

function backendNamed(name: string): BackendKind {
  if (name === 'redis' || name === 'postgresql') return name;
  throw new Error('The backend must be redis or postgresql.');
}

const begun = Date.now();
const elapsed = (): string => {
  const seconds = Math.round((Date.now() - begun) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};
const say = (text: string): void => console.log(`${elapsed().padStart(6)}  ${text}`);
const below = (random: Random, n: number): number => Math.floor(random.uniform() * n);

/** The most that one of the processes holds now, in megabytes. */
async function residentMb({ members }: Cluster): Promise<{ api: number; worker: number }> {
  const most = { api: 0, worker: 0 };
  for (const { app, process } of members) {
    if (!process || process.child.exitCode !== null) continue;
    const status = await readFile(`/proc/${process.child.pid}/status`, 'utf8').catch(() => '');
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
    most[app] = Math.max(most[app], Math.round(Number(kilobytes) / 1024));
  }
  return most;
}

async function round(cluster: Cluster, workload: Workload, random: Random): Promise<string[]> {
  const runs = await Promise.all(
    Array.from({ length: 1 + below(random, 3) }, () => submit(cluster, workload.request)),
  );
  const watched = runs.map(({ id }) => ({ id, watchers: watchRun(cluster, id) }));
  const done: string[] = [];
  const here = faults.filter(({ on }) => on === 'both' || backend === 'redis');
  for (let count = 1 + below(random, 4); count > 0; count -= 1) {
    await delay(below(random, 2_000));
    const fault = here[below(random, here.length)];
    if (!fault) throw new Error('there is no fault');
    done.push(fault.name);
    await fault.inject(cluster, random);
  }
  await cluster.heal();
  for (const { id, watchers } of watched) {
    await cluster.waitForEnd(id, 180_000);
    await expectUndisturbed(cluster, workload, id);
    await watchers.expectEnd(ITEMS, 30_000);
    watchers.close();
  }
  say(`${runs.length} runs exact after: ${done.join('; ')}`);
  return done;
}

const cluster = await startCluster(backend, { apis: backend === 'redis' ? 2 : 1, workers: 3 });
const counts = new Map<string, number>();
let runs = 0;
try {
  const workload = await prepareWorkload(cluster);
  const random = seededRandom(seed);
  say(`${backend}, seed ${seed}, ${minutes} minutes; the undisturbed run is there`);
  const first = await residentMb(cluster);
  for (let rounds = 1; Date.now() - begun < minutes * 60_000; rounds += 1) {
    for (const name of await round(cluster, workload, random)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    runs = rounds;
    if (rounds % 10 === 0) {
      const now = await residentMb(cluster);
      say(
        `round ${rounds}: API ${first.api} → ${now.api} MB, worker ${first.worker} → ${now.worker} MB`,
      );
    }
  }
  say(`${runs} rounds without a difference`);
} finally {
  for (const [name, count] of [...counts].sort(([, a], [, b]) => b - a)) {
    console.log(`${String(count).padStart(5)} × ${name}`);
  }
  await cluster.close();
}
