import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAccess } from '#libs/access';
import { createAdmin } from '#libs/admin';
import { createComparisons } from '#libs/comparisons';
import { concurrencyOf } from '#libs/config';
import { sql } from '#libs/database';
import { createProviders } from '#libs/providers';
import { createSandbox } from '#libs/sandbox';
import { answer, createClient, evaluate, runTarget, type Client } from '#libs/sdk';
import { Registry } from 'prom-client';
import { createApp } from '../../apps/api/app.ts';
import { listen } from '../../apps/api/http/listen.ts';
import { noCaller, noTools } from '../support/scoring.ts';
import { waitFor } from '../support/wait.ts';
import { createWorld, type World } from '../support/world.ts';

describe("the caller's own code, through the API", () => {
  let world: World;
  let client: Client;
  let datasetId: string;
  const ended: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    world = await createWorld('postgresql');
    const { database, queues, runs, logger, config, projectId } = world;
    const access = createAccess(database);
    await access.ensureAdminKey('the-admin-key');
    const sandbox = createSandbox();
    const app = createApp({
      config,
      logger,
      database,
      access,
      runs,
      comparisons: createComparisons({ database, queues, logger }),
      queues,
      admin: createAdmin(world.context, concurrencyOf(config)),
      sandbox,
      models: () => noTools.models,
      caller: noCaller,
      providers: createProviders({ database, secretKeys: [] }),
      http: noTools.http,
      registry: new Registry(),
    });
    const http = await listen(app, { port: 0, host: '127.0.0.1' });
    ended.push(
      () => http.close(1000),
      () => sandbox.close(),
    );
    client = createClient({ baseUrl: http.url, key: 'the-admin-key', project: projectId });
    datasetId = await world.seedDataset(30);
    await world.startWorker();
  });
  afterAll(async () => {
    for (const end of ended) await end();
    await world.close();
  });

  const submit = () =>
    client.submitRun({
      body: {
        name: 'mine',
        datasetId,
        target: { kind: 'client' },
        metrics: [{ metric: 'exact_match' }],
      },
    });

  test('is evaluated: never more at work than asked for, what it throws fails its item alone', async () => {
    let atWork = 0;
    let most = 0;
    const { run, metrics } = await evaluate(client, {
      name: 'mine',
      datasetId,
      metrics: [{ metric: 'exact_match' }],
      concurrency: 4,
      target: async ({ input, key }) => {
        atWork += 1;
        most = Math.max(most, atWork);
        await new Promise((resolve) => setImmediate(resolve));
        atWork -= 1;
        if (key === 'item-7') throw new Error('seven is too much');
        return key === 'item-8' ? answer('8', { inputTokens: 5 }) : JSON.stringify(input);
      },
    });
    expect(run).toMatchObject({ state: 'completed', done: 30, failed: 1, inputTokens: 5 });
    expect(most).toBeLessThanOrEqual(4);
    expect(metrics).toMatchObject([{ metric: 'exact_match', n: 29, mean: 1 }]);
    const failed = await client.listRunItems({
      params: { id: run.id },
      query: { status: 'failed' },
    });
    expect(failed.items).toMatchObject([
      { key: 'item-7', error: { class: 'client_error', message: 'seven is too much' } },
    ]);
  });

  test('aborted, it gives its items back to whoever goes on', async () => {
    const { id } = await submit();
    const stop = new AbortController();
    const first = runTarget(
      client,
      id,
      ({ no }, { signal }) => {
        if (no === 3) stop.abort(new Error('enough'));
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      },
      { signal: stop.signal },
    );
    await expect(first).rejects.toThrow('enough');
    const run = await runTarget(client, id, ({ input }) => JSON.stringify(input));
    expect(run).toMatchObject({ state: 'completed', done: 30, failed: 0 });
  });

  test('keeps its leases while it works, for longer than a lease lasts', async () => {
    const { id } = await submit();
    const extended = async () => {
      const [lease] = await world.database.query<{ late: boolean }>(sql`
        select bool_and(b.lease_expires_at > l.created_at + interval '3.2 seconds') as late
        from run_batches b join client_leases l on l.id = b.lease_id
        where b.run_id = ${id} and b.state = 'leased'`);
      return lease?.late === true ? true : undefined;
    };
    const seen: number[] = [];
    const run = await runTarget(
      client,
      id,
      async ({ no, input }) => {
        seen.push(no);
        if (no === 0) await waitFor(extended, () => 'the lease was never extended');
        return JSON.stringify(input);
      },
      { leaseMs: 3000 },
    );
    expect(run).toMatchObject({ state: 'completed', failed: 0 });
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, no) => no));
  });

  test('canceled by somebody, it is told and ends', async () => {
    const { id } = await submit();
    const run = await runTarget(client, id, async ({ input }) => {
      await client.cancelRun({ params: { id } });
      return JSON.stringify(input);
    });
    expect(run).toMatchObject({ state: 'canceled', done: 0 });
  });
});
