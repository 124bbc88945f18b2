import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '#libs/database';
import { startPostgres } from '../apps/embedded/postgres/index.ts';

const CALLS = 10_000;
const PROCESSES = 3;
/**
 * A minute of 600 requests, ten times as fast. The ways of calls are as slow as ever: faster still, and
 * one that is held up for a moment would arrive among those of another minute.
 */
const WINDOW_MS = 6_000;
const PER_WINDOW = 600;
const REQUESTS_PER_MINUTE = (PER_WINDOW * 60_000) / WINDOW_MS;
/** Windows of other lengths, with their part of the limit. */
const OTHER_WINDOWS_MS = [1_000, 3_000, 12_000, 60_000];

/**
 * 10,000 calls under a limit that three processes share, counted where they arrive: the most that is in
 * any window, and how much of the limit is used. `rounds` times.
 */
export async function benchLimits(rounds: number): Promise<void> {
  console.log(
    `${CALLS} calls by ${PROCESSES} processes, at most ${PER_WINDOW} in any ${WINDOW_MS / 1000} s`,
  );
  for (let round = 1; round <= rounds; round += 1) {
    const { arrivals, sent } = await collectCalls();
    const seconds = ((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)) / 1000;
    const used = (arrivals.length - 1) / ((seconds * 1000 * PER_WINDOW) / WINDOW_MS);
    console.log(
      `round ${round}: ${arrivals.length} calls in ${seconds.toFixed(2)} s, ${(used * 100).toFixed(1)} % of the limit used`,
    );
    console.log(`  most that arrived: ${describe(arrivals)}`);
    // A server that is held up counts what waited meanwhile as if it had come at once.
    console.log(`  most that was sent: ${describe(sent)}`);
  }
}

const describe = (times: readonly number[]): string =>
  [WINDOW_MS, ...OTHER_WINDOWS_MS]
    .map((windowMs) => {
      const limit = (windowMs * PER_WINDOW) / WINDOW_MS;
      return `${mostIn(windowMs, times)} of ${limit} in ${windowMs / 1000} s`;
    })
    .join(', ');

function mostIn(windowMs: number, arrivals: readonly number[]): number {
  let most = 0;
  let first = 0;
  arrivals.forEach((at, index) => {
    while ((arrivals[first] ?? Infinity) <= at - windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

/** When each call arrived, and when it was sent by the machine's clock: milliseconds, in order. */
async function collectCalls(): Promise<{ arrivals: number[]; sent: number[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'llm-eval-bench-'));
  const postgres = await startPostgres({
    dataFolder: join(folder, 'data'),
    logFile: join(folder, 'postgres.log'),
  });
  const arrivals: number[] = [];
  const sent: number[] = [];
  const server = createServer((request, response) => {
    arrivals.push(performance.now());
    sent.push(Number(request.headers['sent-at']));
    setTimeout(() => response.end('yes'), 20);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const database = await openDatabase({ url: postgres.url, poolMax: 2 });
    await database.migrate();
    await database.close();
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await Promise.all(
      Array.from({ length: PROCESSES }, (_, index) => {
        const calls = Math.floor(CALLS / PROCESSES) + (index < CALLS % PROCESSES ? 1 : 0);
        return callFromProcess(postgres.url, `http://127.0.0.1:${port}/`, calls);
      }),
    );
  } finally {
    server.close();
    server.closeAllConnections();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return { arrivals, sent: sent.sort((a, b) => a - b) };
}

async function callFromProcess(databaseUrl: string, url: string, calls: number): Promise<void> {
  const script = fileURLToPath(new URL('./limits-caller.ts', import.meta.url));
  const child = fork(script, {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      CALL_URL: url,
      CALLS: String(calls),
      REQUESTS_PER_MINUTE: String(REQUESTS_PER_MINUTE),
    },
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`a process that calls ended with ${String(code)}`);
}
