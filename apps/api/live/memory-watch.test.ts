import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { createLogger } from '#libs/config';
import { waitFor } from '#test/wait';
import { createAlerts } from './alerts.ts';
import { createMemoryWatch, type MemoryWatch } from './memory-watch.ts';

const logger = createLogger('test', 'silent');
const watches: MemoryWatch[] = [];
afterEach(() => Promise.all(watches.splice(0).map((watch) => watch.stop())));

test('it is busy over the limit, told once, and not until it is well below, told again', async () => {
  let megabytes = 90;
  const told: string[] = [];
  const watch = createMemoryWatch({
    limitMb: 100,
    logger,
    alerts: { alert: (event, { sockets }) => told.push(`${event} ${sockets}`) },
    load: () => ({ sockets: 7 }),
    residentBytes: () => megabytes * 2 ** 20,
  });
  watches.push(watch);
  expect(watch.busy()).toBeUndefined();
  megabytes = 101;
  await waitFor(() => watch.busy());
  expect(watch.gauges()).toEqual({ limitBytes: 100 * 2 ** 20, busy: true });
  megabytes = 94;
  await waitFor(() => (watch.busy() ? undefined : true));
  expect(told).toEqual(['memory_high 7', 'memory_recovered 7']);
});

test('an alert returns at once, is not repeated, and harms nobody where it cannot be sent', async () => {
  const bodies: unknown[] = [];
  const hook = createServer((request) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    // It is never answered.
    request.on('end', () => bodies.push(JSON.parse(body)));
  }).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const address = hook.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const alerts = createAlerts(`http://127.0.0.1:${port}/`, logger);
  alerts.alert('one', { sockets: 1 });
  alerts.alert('one', { sockets: 2 });
  alerts.alert('two', { sockets: 3 });
  await waitFor(() => (bodies.length === 2 ? true : undefined));
  const at = expect.any(String);
  expect(bodies).toEqual(
    expect.arrayContaining([
      { event: 'one', at, sockets: 1 },
      { event: 'two', at, sockets: 3 },
    ]),
  );
  hook.closeAllConnections();
  hook.close();
  createAlerts('http://127.0.0.1:9/', logger).alert('one', {});
  createAlerts(undefined, logger).alert('one', {});
});
