import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '#libs/database';
import { redisAvailable } from '../support/redis.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { submit } from './workload.ts';

const kind = redisAvailable ? 'redis' : 'postgresql';
const ITEMS = 100;
/** What an item's endpoint does, by its number. */
const ways = ['answers', 'hangs', 'streams for ever', 'returns 50 MB', 'is no UTF-8'] as const;

/** An endpoint that does with each item what its number says. */
async function startEndpoint(): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const n = Number(body);
      response.on('error', () => {});
      switch (ways[n % ways.length]) {
        case 'hangs':
          return;
        case 'streams for ever': {
          response.writeHead(200, { 'Content-Type': 'application/json' });
          const timer = setInterval(() => response.write(' '.repeat(100)), 50);
          response.on('close', () => clearInterval(timer));
          return;
        }
        case 'returns 50 MB':
          response.writeHead(200, { 'Content-Type': 'text/plain' });
          response.end(Buffer.alloc(50 * 2 ** 20, 'x'));
          return;
        case 'is no UTF-8':
          response.writeHead(200, { 'Content-Type': 'application/json' });
          response.end(Buffer.from([0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22]));
          return;
        case 'answers':
        case undefined:
          response.writeHead(200, { 'Content-Type': 'application/json' });
          response.end(JSON.stringify(String(n)));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The endpoint has no port.');
  return { server, url: `http://127.0.0.1:${address.port}/` };
}

describe('what misbehaves costs its own items only:', () => {
  let cluster: Cluster;
  let datasetId: string;
  let endpoint: Awaited<ReturnType<typeof startEndpoint>>;
  beforeAll(async () => {
    cluster = await startCluster(kind, { apis: 1, workers: 2 });
    endpoint = await startEndpoint();
    const client = cluster.client();
    const dataset = await client.createDataset({ body: { name: 'evil' } });
    datasetId = dataset.id;
    await client.createDatasetVersion({
      params: { id: datasetId },
      contentType: 'application/x-ndjson',
      body: Array.from(
        { length: ITEMS },
        (_, n) => `${JSON.stringify({ key: `item-${n}`, input: n, expected: String(n) })}\n`,
      ).join(''),
    });
  }, 120_000);
  afterAll(async () => {
    endpoint.server.close().closeAllConnections();
    await cluster.close();
  }, 60_000);

  const settings = {
    repeats: 1,
    concurrency: 30,
    // On a busy machine the others must not time out too.
    timeoutMs: 8_000,
    maxRetries: 0,
    cache: false,
    tags: [],
    metadata: {},
  };

  test('an endpoint that hangs, streams for ever, returns 50 MB or no UTF-8', async () => {
    const { id } = await submit(cluster, {
      name: 'endpoint',
      datasetId,
      target: { kind: 'http', url: endpoint.url, method: 'POST', body: '{{ input }}' },
      metrics: [{ metric: 'exact_match' }],
      ...settings,
    });
    const run = await cluster.waitForEnd(id, 90_000);
    const database = await cluster.database();
    const classes = await database.query<{ way: number; class: string | null; count: number }>(sql`
      select no % ${ways.length}::int as way, error_class as class, count(*)::int as count
      from evaluation_items where run_id = ${id} group by 1, 2 order by 1, 2`);
    const each = ITEMS / ways.length;
    expect(classes.map(({ way, ...rest }) => ({ way: ways[way], ...rest }))).toEqual([
      { way: 'answers', class: null, count: each },
      { way: 'hangs', class: 'timeout', count: each },
      { way: 'streams for ever', class: 'timeout', count: each },
      { way: 'returns 50 MB', class: 'response_too_large', count: each },
      // What is no UTF-8 is read with U+FFFD in its place, and scored as it is: a wrong answer.
      { way: 'is no UTF-8', class: null, count: each },
    ]);
    expect(run).toMatchObject({
      done: ITEMS,
      failed: 3 * each,
      summary: [{ n: 2 * each, mean: 0.5, errors: 0 }],
    });
    const outputs = await database.query(sql`
      select distinct output #>> '{}' as output from evaluation_items
      where run_id = ${id} and no % ${ways.length}::int = 4`);
    expect(outputs).toEqual([{ output: '\uFFFD\uFFFD\uFFFD(' }]);
  }, 120_000);

  test('a metric that throws, loops or eats memory', async () => {
    const client = cluster.client();
    const recording = await client.createRecording({
      query: { name: 'evil' },
      contentType: 'application/x-ndjson',
      body: Array.from(
        { length: ITEMS },
        (_, n) => `${JSON.stringify({ key: `item-${n}`, output: String(n) })}\n`,
      ).join(''),
    });
    const metric = (name: string, code: string) => ({
      metric: 'javascript',
      name,
      config: { code, timeMs: 50, memoryMb: 8 },
    });
    const { id } = await submit(cluster, {
      name: 'metrics',
      datasetId,
      target: { kind: 'recorded', recordingId: recording.id },
      metrics: [
        { metric: 'exact_match' },
        metric('throws', '() => { throw new Error("no"); }'),
        metric('loops', '({ output }) => { while (Number(output) % 10 === 3) {} return 1; }'),
        metric(
          'eats',
          '({ output }) => { const all = []; while (Number(output) % 10 === 7) all.push("x".repeat(1e6)); return 1; }',
        ),
      ],
      ...settings,
    });
    const run = await cluster.waitForEnd(id, 90_000);
    expect(run).toMatchObject({
      done: ITEMS,
      failed: 0,
      summary: [
        { name: 'exact_match', n: ITEMS, mean: 1, errors: 0 },
        { name: 'throws', n: 0, errors: ITEMS },
        { name: 'loops', n: ITEMS - ITEMS / 10, mean: 1, errors: ITEMS / 10 },
        { name: 'eats', n: ITEMS - ITEMS / 10, mean: 1, errors: ITEMS / 10 },
      ],
    });
  }, 120_000);
});
