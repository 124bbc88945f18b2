import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { SubmitRun } from '#libs/contracts';
import { waitFor } from '../support/wait.ts';
import { backends, createWorld, type World } from '../support/world.ts';

describe.each(backends)('scoring elsewhere on %s', (kind) => {
  let world: World;
  let servers: Server[] = [];
  beforeAll(async () => {
    world = await createWorld(kind);
    await world.startWorker({ outgoingAllow: ['127.0.0.1'] });
  });
  afterEach(() => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    servers = [];
  });
  afterAll(() => world.close());

  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  };
  const submit = async (count: number, metrics: SubmitRun['metrics'], concurrency: number) =>
    world.submit({
      datasetId: await world.seedDataset(count),
      target: { kind: 'recorded', recordingId: await world.seedRecording(count) },
      metrics,
      concurrency,
    });

  test('is done side by side, as far as the concurrency of the run allows', async () => {
    let waiting: (() => void)[] = [];
    let most = 0;
    // Answers four at a time: items that went one by one would wait here for ever.
    const url = await serve((_, response) => {
      waiting.push(() => response.end('{"value": 0.5}'));
      most = Math.max(most, waiting.length);
      if (waiting.length < 4) return;
      for (const answer of waiting) answer();
      waiting = [];
    });
    const run = await submit(20, [{ metric: 'http_scorer', config: { url } }], 4);
    const done = await world.waitForState(run.id, 'completed');
    expect(done.summary).toMatchObject([{ n: 20, mean: 0.5, errors: 0 }]);
    expect(most).toBe(4);
  });

  test('ends when the run is canceled, and stores nothing of it', async () => {
    let asked = 0;
    const url = await serve(() => {
      asked += 1;
    });
    const config = { url, timeoutMs: 30_000 };
    const run = await submit(4, [{ metric: 'http_scorer', config }], 4);
    await waitFor(() => (asked > 0 ? asked : undefined));
    await world.runs.cancel(world.projectId, run.id);
    const state = await waitFor(async () => {
      const { items } = await world.runs.listItems(world.projectId, run.id, {
        sort: 'position',
        limit: 10,
      });
      const open = await new Promise<number>((resolve, reject) => {
        servers[0]?.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      });
      return open === 0 ? { stored: items.length } : undefined;
    });
    expect(state).toEqual({ stored: 0 });
  });

  test('an address that is not allowed is an error of the score', async () => {
    const config = { url: 'http://169.254.169.254/latest/meta-data' };
    const run = await submit(3, [{ metric: 'http_scorer', config }, { metric: 'exact_match' }], 2);
    const done = await world.waitForState(run.id, 'completed');
    expect(done).toMatchObject({
      failed: 0,
      summary: [
        { name: 'http_scorer', n: 0, mean: null, errors: 3 },
        { name: 'exact_match', n: 3, mean: 1, errors: 0 },
      ],
    });
  });

  test('a function that loops, takes memory without end or reaches out is an error of its score, and the worker goes on', async () => {
    const bad = (name: string, deed: string) => ({
      metric: 'javascript',
      name,
      config: { code: `({ input }) => { if (input === 1) { ${deed} } return 1; }` },
    });
    const metrics = [
      bad('loops', 'while (true) {}'),
      bad('allocates', 'const all = []; while (true) all.push(new Array(1000).fill(1));'),
      bad('doubles', "let text = 'x'; while (true) text += text;"),
      bad('process', 'process.exit(1);'),
      bad('fetch', "return fetch('http://127.0.0.1');"),
      bad('require', "require('fs');"),
      bad('constructor', "(() => {}).constructor('return process')().exit(1);"),
      bad('prototypes', 'Object.prototype.toString = 1; Array.prototype.push = null; nothing();'),
    ];
    const run = await submit(3, metrics, 2);
    const done = await world.waitForState(run.id, 'completed');
    expect(done.summary).toEqual(
      metrics.map(({ name }) => ({ name, n: 2, mean: 1, errors: 1, notApplicable: 0 })),
    );
  });
});
