import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { chromiumPath } from '../support/browser.ts';
import { waitFor } from '../support/wait.ts';
import { startProduct, type Product } from './product.ts';

jest.setTimeout(90_000);

/** A proxy as some companies have it: it passes on calls, but lets no websocket through until told. */
async function proxyWithoutWebsockets(target: string) {
  const { hostname, port } = new URL(target);
  let open = false;
  let refused = 0;
  const proxy = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const passed = httpRequest({ host: hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  proxy.on('upgrade', (incoming, client) => {
    client.on('error', () => {});
    if (!open) {
      refused += 1;
      client.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    const upstream = connect(Number(port), hostname);
    upstream.on('error', () => {}).on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    const head = incoming.rawHeaders.flatMap((name, at, all) =>
      at % 2 === 0 ? [`${name}: ${all[at + 1]}\r\n`] : [],
    );
    upstream.write(`GET ${incoming.url} HTTP/1.1\r\n${head.join('')}\r\n`);
    client.pipe(upstream).pipe(client);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    refused: () => refused,
    letThrough: () => (open = true),
    close: () => {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}

(chromiumPath === undefined ? describe.skip : describe)('live numbers, in a browser', () => {
  let product: Product;

  beforeAll(async () => {
    product = await startProduct({ LIVE_IDLE_TIMEOUT_MS: '500' });
  }, 60_000);
  afterEach(() => product.endSession());
  afterAll(() => product.stop());

  /** A run that goes on until it is answered. */
  async function submitRun(name: string): Promise<string> {
    const run = await product.client.submitRun({
      body: {
        name,
        datasetId: await product.world.seedDataset(2),
        target: { kind: 'client' },
        metrics: [{ metric: 'exact_match', name: 'right' }],
      },
    });
    await product.world.waitForState(run.id, 'running');
    return run.id;
  }

  async function answer(runId: string): Promise<void> {
    const { id: leaseId, items } = await waitFor(async () => {
      const lease = await product.client.leaseItems({ params: { id: runId }, body: {} });
      return lease.items.length === 2 ? lease : undefined;
    });
    await product.client.postLeaseResults({
      params: { id: runId, leaseId: leaseId ?? '' },
      body: { results: items.map(({ no }) => ({ no, output: String(no) })) },
    });
    await product.world.waitForState(runId, 'completed');
  }

  const lost = 'Reconnecting…';

  test('where websockets are blocked, pages ask instead, say so, and go live when they may', async () => {
    const proxy = await proxyWithoutWebsockets(product.url);
    product.provoke(/WebSocket handshake: Unexpected response code: 403/);
    const page = await product.open('/');
    await page.goto(`${proxy.url}/runs`);
    await product.signIn(page);
    const inList = await submitRun('in the list');
    const row = page.getByRole('row').filter({ hasText: 'in the list' });
    await row.getByText('Running').waitFor();
    await page.getByText(lost).waitFor();
    await answer(inList);
    await row.getByText('Completed').waitFor();
    expect(proxy.refused()).toBeGreaterThan(0);

    const onPage = await submitRun('on its page');
    await page.goto(`${proxy.url}/runs/${onPage}`);
    await page.getByText('Running').first().waitFor();
    await page.getByText(lost).waitFor();
    await answer(onPage);
    await page.getByText('Completed').first().waitFor();

    const later = await submitRun('later');
    await page.goto(`${proxy.url}/runs/${later}`);
    await page.getByText(lost).waitFor();
    proxy.letThrough();
    await page.getByText(lost).waitFor({ state: 'hidden' });
    await answer(later);
    await page.getByText('Completed').first().waitFor();
    // Before its server goes, of which it would complain.
    await page.close();
    proxy.close();
  });

  test('a page that has nothing to watch is no lost one, and goes live again when it has', async () => {
    const page = await product.open('/catalogue');
    await product.signIn(page);
    const metric = async (name: string): Promise<number> => {
      const text = await (await fetch(`${product.url}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    };
    const idle = 'llm_eval_sockets_ended_total{code="idle"}';
    for (const name of ['first', 'second']) {
      const before = await metric(idle);
      const runId = await submitRun(name);
      await page.goto(`${product.url}/runs/${runId}`);
      await page.getByText('Running').first().waitFor();
      await waitFor(async () => ((await metric('llm_eval_watched_runs')) === 1 ? true : undefined));
      await answer(runId);
      await page.getByText('Completed').first().waitFor();
      await waitFor(async () => ((await metric(idle)) > before ? true : undefined));
    }
    expect(await page.getByText(lost).isVisible()).toBe(false);
  });
});
