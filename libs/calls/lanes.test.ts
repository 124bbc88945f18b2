import { createLogger } from '#libs/config';
import { openDatabase, sql, type Database } from '#libs/database';
import { CallError, type CallLane, type CallPlan } from '#libs/evaluation';
import { createTestDatabase, type TestDatabase } from '#test/databases';
import { waitFor } from '#test/wait';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createCalls, type Calls } from './index.ts';

const PROCESSES = 3;

let testDatabase: TestDatabase;
/** Each stands for a process: a pool of its own. */
const databases: Database[] = [];
let opened: Calls[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  for (let index = 0; index < PROCESSES; index += 1) {
    databases.push(await openDatabase({ url: testDatabase.url, poolMax: 2 }));
  }
  await database().migrate();
});
afterEach(async () => {
  await Promise.all(opened.map((calls) => calls.close()));
  opened = [];
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await testDatabase.drop();
});

function database(index = 0): Database {
  const found = databases[index];
  if (!found) throw new Error('no such process');
  return found;
}

/** The calls of one process. */
function start(index: number): Calls {
  const calls = createCalls({
    database: database(index),
    logger: createLogger('test', process.env.TEST_LOG_LEVEL ?? 'silent'),
    random: () => 0,
  });
  opened.push(calls);
  return calls;
}
const startAll = (): Calls[] => databases.map((_, index) => start(index));

const never = new AbortController().signal;

const plan = (
  lane: CallLane,
  once: CallPlan<string>['once'],
  more: Partial<CallPlan<string>> = {},
): CallPlan<string> => ({
  lane,
  estimatedTokens: 1,
  timeoutMs: 20_000,
  maxRetries: 0,
  signal: never,
  once,
  ...more,
});

const later = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** A place that is called: it answers when it is told to. */
function createPlace() {
  const open: { resolve: (answer: string) => void; reject: (error: Error) => void }[] = [];
  let most = 0;
  return {
    once: (): Promise<string> =>
      new Promise((resolve, reject) => {
        open.push({ resolve, reject });
        most = Math.max(most, open.length);
      }),
    inFlight: () => open.length,
    /** Calls that were in flight together, at most. */
    most: () => most,
    answer: (count = 1) => open.splice(0, count).forEach((one) => one.resolve('yes')),
    refuse: (count: number, retryAfterMs?: number) =>
      open.splice(0, count).forEach((one) => {
        one.reject(
          new CallError('rate_limited', 'too many', {
            ...(retryAfterMs !== undefined && { retryAfterMs }),
          }),
        );
      }),
  };
}

const until = (what: string, isTrue: () => boolean | Promise<boolean>) =>
  waitFor(
    async () => ((await isTrue()) ? true : undefined),
    () => `not so: ${what}`,
  );

async function laneOf(key: string) {
  return database().queryOne<{ concurrency: number | null; blocked: boolean }>(
    sql`select concurrency, blocked_until > clock_timestamp() as blocked from call_lanes where key = ${key}`,
  );
}

/** The most that is in any window of that length: two pointers over sorted times. */
function mostIn(windowMs: number, arrivals: readonly { at: number; weight: number }[]): number {
  let most = 0;
  let first = 0;
  let inside = 0;
  for (const { at, weight } of arrivals) {
    inside += weight;
    for (;;) {
      const oldest = arrivals[first];
      if (!oldest || oldest.at > at - windowMs) break;
      inside -= oldest.weight;
      first += 1;
    }
    most = Math.max(most, inside);
  }
  return most;
}

describe('pacing', () => {
  it('never lets more requests go than the limit of any window, and uses over 95 % of it', async () => {
    const perSecond = 200;
    const lane = { key: 'requests', requestsPerMinute: perSecond * 60 };
    const arrivals: { at: number; weight: number }[] = [];
    const once = async (): Promise<string> => {
      arrivals.push({ at: performance.now(), weight: 1 });
      await later(20);
      return 'yes';
    };
    const processes = startAll();
    await Promise.all(
      Array.from({ length: 700 }, (_, index) =>
        processes[index % PROCESSES]?.call(plan(lane, once)),
      ),
    );
    arrivals.sort((a, b) => a.at - b.at);
    for (const seconds of [1, 1.5, 2, 3]) {
      expect({ seconds, most: mostIn(seconds * 1000, arrivals) }).toEqual({
        seconds,
        most: expect.any(Number),
      });
      expect(mostIn(seconds * 1000, arrivals)).toBeLessThanOrEqual(perSecond * seconds);
    }
    const duration = (arrivals.at(-1)?.at ?? 0) - (arrivals[0]?.at ?? 0);
    expect((arrivals.length - 1) / (duration / 1000)).toBeGreaterThan(perSecond * 0.95);
  });
});
