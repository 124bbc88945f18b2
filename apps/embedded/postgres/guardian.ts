/**
 * The process that owns PostgreSQL. It runs in a session of its own, so that neither a terminal's
 * Ctrl-C nor the death of the process that started it reaches PostgreSQL before its users are done.
 *
 * It ends PostgreSQL, and then itself, on `{ type: 'stop' }`, on a signal, or when its parent is
 * gone; in that last case it first gives the parent's other children, told by
 * `{ type: 'clients', pids }`, some time to store what they have in hand.
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { identify, waitUntilGone } from '../processes.ts';
import { startServer } from './server.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    log: { type: 'string', default: '' },
    volatile: { type: 'boolean', default: false },
    temporary: { type: 'string', default: '' },
    connections: { type: 'string', default: '100' },
    grace: { type: 'string', default: '12000' },
  },
});

/** Where a stop that was asked for during the start waits for its end. */
const ending = Promise.withResolvers<number>();
let clients: number[] = [];

process.on('message', (message: unknown) => {
  if (typeof message !== 'object' || message === null || !('type' in message)) return;
  if (message.type === 'stop') ending.resolve(0);
  if (message.type === 'clients' && 'pids' in message && Array.isArray(message.pids)) {
    clients = message.pids.filter((pid) => typeof pid === 'number');
  }
});
process.on('disconnect', () => void parentGone());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => ending.resolve(0));

async function parentGone(): Promise<void> {
  const living = clients.map(identify).filter((client) => client !== undefined);
  await Promise.all(living.map((client) => waitUntilGone(client, Number(values.grace))));
  ending.resolve(0);
}

/** Tells the parent, if it still listens. */
function tell(message: Record<string, string>): Promise<void> {
  return new Promise((resolve) => {
    if (process.send && process.connected) process.send(message, () => resolve());
    else resolve();
  });
}

async function guard(): Promise<number> {
  const server = await startServer({
    dataFolder: values.data,
    logFile: values.log,
    durable: !values.volatile,
    maxConnections: Number(values.connections),
  });
  await tell({ type: 'ready', url: server.url });
  const lost = server.ended.then(async (message) => {
    await tell({ type: 'lost', message });
    return 1;
  });
  const exitCode = await Promise.race([ending.promise, lost]);
  await server.stop();
  return exitCode;
}

let exitCode = 1;
try {
  exitCode = await guard();
} catch (error) {
  await tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
}
if (values.temporary !== '') await rm(values.temporary, { recursive: true, force: true });
process.exit(exitCode);
