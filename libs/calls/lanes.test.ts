import { createLogger } from '#libs/config';
import { openDatabase, sql, type Database } from '#libs/database';
import { CallDeferred, CallError, type CallLane, type CallPlan } from '#libs/evaluation';
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

/** Calls that are spread over the processes. */
function startInTurn(): (index: number, plan: CallPlan<string>) => Promise<unknown> {
  const all = startAll();
  return async (index, plan) => all[index % PROCESSES]?.call(plan);
}

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
  it('never lets more requests go than the limit of any window', async () => {
    const perSecond = 200;
    const lane = { key: 'requests', requestsPerMinute: perSecond * 60 };
    const arrivals: { at: number; weight: number }[] = [];
    const once = async (): Promise<string> => {
      arrivals.push({ at: performance.now(), weight: 1 });
      await later(20);
      return 'yes';
    };
    const call = startInTurn();
    await Promise.all(Array.from({ length: 500 }, (_, index) => call(index, plan(lane, once))));
    arrivals.sort((a, b) => a.at - b.at);
    for (const seconds of [1, 1.5, 2]) {
      expect(mostIn(seconds * 1000, arrivals)).toBeLessThanOrEqual(perSecond * seconds);
    }
  });

  it('holds tokens to their limit too, by what calls probably take', async () => {
    const perSecond = 20_000;
    const lane = { key: 'tokens', tokensPerMinute: perSecond * 60 };
    const arrivals: { at: number; weight: number }[] = [];
    const call = startInTurn();
    await Promise.all(
      Array.from({ length: 800 }, (_, index) => {
        const weight = 20 + (index % 5) * 10;
        const once = async (): Promise<string> => {
          arrivals.push({ at: performance.now(), weight });
          return 'yes';
        };
        return call(index, plan(lane, once, { estimatedTokens: weight }));
      }),
    );
    arrivals.sort((a, b) => a.at - b.at);
    expect(arrivals).toHaveLength(800);
    for (const seconds of [1, 1.5]) {
      expect(mostIn(seconds * 1000, arrivals)).toBeLessThanOrEqual(perSecond * seconds);
    }
  });

  it('corrects tokens by what calls really took', async () => {
    const [first, second] = startAll();
    // An estimate of a minute's tokens: the next call would have to wait for a minute.
    const much = { estimatedTokens: 60_000, patienceMs: 1_000 };
    const answer = async () => 'yes';
    const wrong = { key: 'wrong estimate', tokensPerMinute: 60_000 };
    await first?.call(plan(wrong, answer, { ...much, tokensOf: () => 10 }));
    await expect(first?.call(plan(wrong, answer, much))).resolves.toMatchObject({ answer: 'yes' });

    const right = { key: 'right estimate', tokensPerMinute: 60_000 };
    await first?.call(plan(right, answer, much));
    for (const calls of [first, second]) {
      const call = calls?.call(plan(right, answer, much));
      await expect(call).rejects.toBeInstanceOf(CallDeferred);
      await expect(call).rejects.toMatchObject({ delayMs: expect.any(Number), tries: [] });
    }
  });

  it('gives the slots of those who left to those who wait', async () => {
    const calls = start(0);
    const lane = { key: 'slots', requestsPerMinute: 240 };
    const leaving = new AbortController();
    const started: string[] = [];
    const make = (name: string, signal: AbortSignal) =>
      calls.call(plan(lane, async () => `${started.push(name)}`, { signal }));
    const all = [
      make('first', never),
      make('leaves', leaving.signal),
      make('stays', never),
      make('stays too', never),
    ];
    await all[0];
    const reason = new Error('gone');
    leaving.abort(reason);
    const ended = await Promise.allSettled(all);
    expect(ended[1]).toEqual({ status: 'rejected', reason });
    expect(started).toEqual(['first', 'stays', 'stays too']);
    // Three slots were used, of four that were asked for; what was given out is what counts.
    const row = await database().queryOne<{ ahead: number }>(sql`
      select extract(epoch from next_request_at - clock_timestamp())::float8 as ahead
      from call_lanes where key = 'slots'`);
    expect(row?.ahead).toBeLessThan(1);
  });
});

describe('concurrency', () => {
  it('is shared by all processes and never above its maximum', async () => {
    const place = createPlace();
    const lane = { key: 'most', maxConcurrency: 4 };
    const done = { count: 0 };
    const all = startAll().flatMap((calls) =>
      Array.from({ length: 8 }, () =>
        calls.call(plan(lane, place.once)).then(() => (done.count += 1)),
      ),
    );
    await until('four are in flight', () => place.inFlight() === 4);
    for (let answered = 0; answered < all.length; answered += 1) {
      await until('one is in flight', () => place.inFlight() > 0);
      place.answer();
    }
    await Promise.all(all);
    expect(done.count).toBe(24);
    expect(place.most()).toBe(4);
  });

  it('gives every process its turn where there is less than one call for each', async () => {
    const lane = { key: 'turns', maxConcurrency: 1 };
    const turns: number[] = [];
    const stop = new AbortController();
    const calls = startAll();
    const loops = calls.map(async (one, index) => {
      while (!stop.signal.aborted) {
        await one.call(
          plan(lane, async () => {
            turns.push(index);
            await later(5);
            return 'yes';
          }),
        );
      }
    });
    await until('all had a turn', () => new Set(turns).size === PROCESSES);
    stop.abort();
    await Promise.all(loops);
    expect(new Set(turns).size).toBe(PROCESSES);
  });

  it('halves once for all complaints of a moment, for all processes, and recovers one by one', async () => {
    const lane = { key: 'adaptive' };
    const first = start(0);
    const second = start(1);
    const place = createPlace();
    const refused = Array.from({ length: 8 }, () => first.call(plan(lane, place.once)));
    await until('eight are in flight', () => place.inFlight() === 8);
    place.refuse(8);
    for (const { status } of await Promise.allSettled(refused)) expect(status).toBe('rejected');
    expect(await laneOf(lane.key)).toMatchObject({ concurrency: 4 });

    const next = createPlace();
    const all = [first, second].flatMap((calls) =>
      Array.from({ length: 10 }, () => calls.call(plan(lane, next.once))),
    );
    const limitIs = (limit: number) =>
      until(`${limit} are in flight`, async () => {
        const row = await laneOf(lane.key);
        return row?.concurrency === limit && next.inFlight() === limit;
      });
    await limitIs(4);
    next.answer(4);
    await limitIs(5);
    next.answer(5);
    await limitIs(6);
    expect(next.most()).toBe(6);
    for (let left = 11; left > 0; left -= 1) {
      await until('one is in flight', () => next.inFlight() > 0);
      next.answer();
    }
    await Promise.all(all);
  });

  it('takes the share of a process that died', async () => {
    const lane = { key: 'orphaned', maxConcurrency: 2 };
    await database().query(sql`
      insert into call_lane_holders (key, holder, permits, in_use, wanted, expires_at)
      values (${lane.key}, gen_random_uuid(), 2, 2, 0, now() + interval '1 day')`);
    const [calls] = startAll();
    const answer = async () => 'yes';
    await expect(calls?.call(plan(lane, answer, { patienceMs: 1 }))).rejects.toBeInstanceOf(
      CallDeferred,
    );
    const waiting = calls?.call(plan(lane, answer));
    await database().query(sql`
      update call_lane_holders set expires_at = now() where key = ${lane.key} and in_use = 2`);
    await expect(waiting).resolves.toMatchObject({ answer: 'yes' });
  });

  it('gives back what it holds when it closes, and turns away who waits', async () => {
    const lane = { key: 'closing', maxConcurrency: 1 };
    const [first, second] = startAll();
    const place = createPlace();
    const inFlight = first?.call(plan(lane, place.once));
    await until('it is in flight', () => place.inFlight() === 1);
    const waiting = first?.call(plan(lane, place.once));
    const [turnedAway] = await Promise.all([Promise.allSettled([waiting]), first?.close()]);
    expect(turnedAway).toMatchObject([{ status: 'rejected' }]);
    place.answer();
    await inFlight;
    await expect(second?.call(plan(lane, async () => 'yes'))).resolves.toMatchObject({
      answer: 'yes',
    });
  });
});

describe('Retry-After', () => {
  it('keeps every process away, also those that are calling', async () => {
    const lane = { key: 'blocked' };
    const [first, second, third] = startAll();
    const place = createPlace();
    const busy = second?.call(plan(lane, place.once));
    await until('the second is calling', () => place.inFlight() === 1);
    const refused = first?.call(
      plan(lane, async () => {
        throw new CallError('rate_limited', 'wait', { retryAfterMs: 60_000 });
      }),
    );
    await expect(refused).rejects.toMatchObject({ class: 'rate_limited' });

    const delayOf = async (calls: Calls | undefined): Promise<number> => {
      try {
        await calls?.call(plan(lane, async () => 'yes', { patienceMs: 500 }));
        return 0;
      } catch (error) {
        if (error instanceof CallDeferred) return error.delayMs;
        throw error;
      }
    };
    expect(await delayOf(first)).toBeGreaterThan(30_000);
    expect(await delayOf(third)).toBeGreaterThan(30_000);
    await until('the second knows', async () => (await delayOf(second)) > 30_000);
    place.answer();
    await busy;
    expect(await laneOf(lane.key)).toMatchObject({ blocked: true });
  });
});

describe('a lane that nobody limits', () => {
  it('asks the database next to never', async () => {
    let transactions = 0;
    const counted = createCalls({
      database: {
        ...database(),
        transaction: (work) => {
          transactions += 1;
          return database().transaction(work);
        },
      },
      logger: createLogger('test', 'silent'),
    });
    opened.push(counted);
    for (let round = 0; round < 100; round += 1) {
      await Promise.all(
        Array.from({ length: 10 }, () => counted.call(plan({ key: 'free' }, async () => 'yes'))),
      );
    }
    expect(transactions).toBeGreaterThan(0);
    expect(transactions).toBeLessThan(20);
  });
});
