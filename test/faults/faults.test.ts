import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { seededRandom } from '#libs/statistics';
import { backends } from '../support/world.ts';
import { waitFor } from '../support/wait.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { faults } from './faults.ts';
import { watchRun, type Watchers } from './watch.ts';
import { expectUndisturbed, ITEMS, prepareWorkload, submit, type Workload } from './workload.ts';

/** Another one repeats what it gives: `FAULTS_SEED=… npm run jest -- test/faults`. */
const SEED = Number(process.env.FAULTS_SEED ?? 20_261_127);

describe.each(backends)(
  'a run of 5,000 items on %s ends as if nothing had happened, when',
  (kind) => {
    let cluster: Cluster;
    let workload: Workload;
    let watchers: Watchers | undefined;
    beforeAll(async () => {
      cluster = await startCluster(kind, { apis: kind === 'redis' ? 2 : 1, workers: 3 });
      workload = await prepareWorkload(cluster);
    }, 120_000);
    afterEach(async () => {
      watchers?.close();
      await cluster.heal();
    }, 60_000);
    afterAll(() => cluster.close(), 60_000);

    const here = faults.filter(({ on }) => on === 'both' || kind === 'redis');
    test.each(here.map((fault, place) => ({ ...fault, place })))(
      '$name',
      async ({ inject, place }) => {
        const random = seededRandom(SEED + place);
        const { id } = await submit(cluster, workload.request);
        watchers = watchRun(cluster, id);
        const at = Math.floor(ITEMS * (0.05 + 0.5 * random.uniform()));
        await waitFor(async () => {
          const { done } = await cluster.ask((client) => client.getRun({ params: { id } }));
          return done >= at ? true : undefined;
        });
        await inject(cluster, random);
        await cluster.waitForEnd(id, 60_000);
        await expect(expectUndisturbed(cluster, workload, id)).resolves.toBeUndefined();
        await watchers.expectEnd(ITEMS, 15_000);
      },
      120_000,
    );
  },
);
