import { randomUUID } from 'node:crypto';
import { createLogger } from '#libs/config';
import { openDatabase, sql, type Database } from '#libs/database';
import { CallDeferred, CallError, type CallPlan, type FailedTry } from '#libs/evaluation';
import { createTestDatabase, type TestDatabase } from '#test/databases';
import { waitFor } from '#test/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCalls, forgetCalls, type Calls } from './index.ts';

let testDatabase: TestDatabase;
let database: Database;
/** Its pauses are nothing, unless the other side asks for one. */
let calls: Calls;
/** Questions to the cache that were answered. */
let questions = 0;

const logger = createLogger('test', process.env.TEST_LOG_LEVEL ?? 'silent');

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({ url: testDatabase.url, poolMax: 4 });
  await database.migrate();
  const watched: Database = {
    ...database,
    async queryOne<Row>(statement: Parameters<typeof database.queryOne<Row>>[0]) {
      const row = await database.queryOne<Row>(statement);
      questions += 1;
      return row;
    },
  };
  calls = createCalls({ database: watched, logger, random: () => 0 });
});
afterAll(async () => {
  await calls.close();
  await database.close();
  await testDatabase.drop();
});

const never = new AbortController().signal;
const plan = (
  once: CallPlan<string>['once'],
  more: Partial<CallPlan<string>> = {},
): CallPlan<string> => ({
  lane: { key: randomUUID() },
  estimatedTokens: 1,
  timeoutMs: 20_000,
  maxRetries: 3,
  signal: never,
  once,
  ...more,
});

/** Fails in turn with what is given, then answers. */
function failing(...failures: Error[]) {
  const made = { count: 0 };
  const once = async (): Promise<string> => {
    const failure = failures[made.count];
    made.count += 1;
    if (failure) throw failure;
    return 'yes';
  };
  return { once, made };
}

const serverError = new CallError('server_error', 'it broke');
const caught = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a call that fails', () => {
  it('is made again where that heals, and tells what failed', async () => {
    const { once } = failing(serverError, new CallError('unreachable', 'nobody there'));
    expect(await calls.call(plan(once))).toEqual({
      answer: 'yes',
      latencyMs: expect.any(Number),
      queueMs: expect.any(Number),
      cached: false,
      tries: [
        {
          class: 'server_error',
          message: 'it broke',
          latencyMs: expect.any(Number),
          at: expect.any(String),
        },
        {
          class: 'unreachable',
          message: 'nobody there',
          latencyMs: expect.any(Number),
          at: expect.any(String),
        },
      ],
    });
  });

  it('is given up after the last retry; earlier tries count', async () => {
    const earlier: FailedTry[] = [
      { class: 'timeout', message: 'late', at: '2026-01-01T00:00:00.000Z' },
      { class: 'timeout', message: 'late', at: '2026-01-01T00:00:01.000Z' },
    ];
    const { once, made } = failing(serverError, serverError, serverError);
    const error = await caught(calls.call(plan(once, { earlier })));
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({
      class: 'server_error',
      tries: [...earlier, { class: 'server_error' }, { class: 'server_error' }],
    });
    expect(made.count).toBe(2);
  });

  it('is not made again where nothing heals', async () => {
    const { once, made } = failing(new CallError('authentication', 'bad key'));
    await expect(calls.call(plan(once))).rejects.toMatchObject({
      class: 'authentication',
      tries: [{ message: 'bad key' }],
    });
    expect(made.count).toBe(1);
  });

  it('is an internal error where it fails by no known class, without what it says', async () => {
    const { once } = failing(new TypeError('the prompt was: secret'));
    const error = await caught(calls.call(plan(once)));
    expect(error).toMatchObject({ class: 'internal_error', tries: [{ class: 'internal_error' }] });
    expect(error).toHaveProperty('message', expect.not.stringContaining('secret'));
    expect(error).toHaveProperty('cause.cause', expect.any(TypeError));
  });

  it('counts as a time-out where its time is over, also when it does not heed the signal', async () => {
    const signals: AbortSignal[] = [];
    const once = (signal: AbortSignal): Promise<string> => {
      signals.push(signal);
      return new Promise(() => {});
    };
    await expect(calls.call(plan(once, { timeoutMs: 20, maxRetries: 1 }))).rejects.toMatchObject({
      class: 'timeout',
      tries: [{ class: 'timeout' }, { class: 'timeout' }],
    });
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
  });

  it('is deferred where it has to wait for longer than its caller wants to', async () => {
    const failure = new CallError('server_error', 'busy', { retryAfterMs: 5_000 });
    const error = await caught(calls.call(plan(failing(failure).once, { patienceMs: 1_000 })));
    expect(error).toBeInstanceOf(CallDeferred);
    expect(error).toMatchObject({ delayMs: 5_000, tries: [{ class: 'server_error' }] });
  });

  it('pauses for as long as chance has it, at most twice as long each time', async () => {
    const eager = createCalls({ database, logger, random: () => 1 });
    const earlier = (count: number): FailedTry[] =>
      Array.from({ length: count }, () => ({ class: 'timeout', message: 'late', at: '' }));
    const delays: unknown[] = [];
    for (const count of [0, 1, 3, 20]) {
      const { once } = failing(serverError);
      const error = await caught(
        eager.call(plan(once, { earlier: earlier(count), maxRetries: 30, patienceMs: 100 })),
      );
      delays.push(error instanceof CallDeferred ? error.delayMs : error);
    }
    expect(delays).toEqual([500, 1_000, 4_000, 30_000]);
    await eager.close();
  });
});

describe('a call that is given up', () => {
  const reason = new Error('the run was canceled');

  it('rejects with the reason while it is made, and its permit is free', async () => {
    const lane = { key: randomUUID(), maxConcurrency: 1 };
    const controller = new AbortController();
    const started: string[] = [];
    const call = calls.call(
      plan(
        () => {
          started.push('it');
          return new Promise(() => {});
        },
        { lane, signal: controller.signal },
      ),
    );
    await waitFor(() => started[0]);
    controller.abort(reason);
    expect(await caught(call)).toBe(reason);
    expect(await calls.call(plan(failing().once, { lane }))).toMatchObject({ answer: 'yes' });
  });

  it('rejects with the reason in a pause, while it waits for its turn, and before it began', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const pausing = failing(new CallError('server_error', 'busy', { retryAfterMs: 60_000 }));
    const lane = { key: randomUUID() };
    const inPause = caught(calls.call(plan(pausing.once, { lane, signal })));
    await waitFor(() => (pausing.made.count === 1 ? true : undefined));
    const inLine = caught(calls.call(plan(failing().once, { lane, signal })));
    controller.abort(reason);
    expect(await inPause).toBe(reason);
    expect(await inLine).toBe(reason);
    const late = failing();
    expect(await caught(calls.call(plan(late.once, { signal })))).toBe(reason);
    expect(late.made.count).toBe(0);
  });
});

describe('the response cache', () => {
  const projectId = randomUUID();
  const cacheOf = (key: string, project = projectId): NonNullable<CallPlan<string>['cache']> => ({
    projectId: project,
    key,
    write: (answer) => ({ answer }),
    read: (stored) =>
      typeof stored === 'object' && stored !== null && 'answer' in stored
        ? String(stored.answer)
        : undefined,
  });

  it('gives an answer again without a call, in its project only', async () => {
    const { once, made } = failing();
    const cache = cacheOf('the prompt');
    expect(await calls.call(plan(once, { cache }))).toMatchObject({ cached: false });
    const again = await calls.call(plan(once, { cache }));
    expect(again).toEqual({
      answer: 'yes',
      cached: true,
      latencyMs: undefined,
      queueMs: expect.any(Number),
      tries: [],
    });
    expect(made.count).toBe(1);
    await calls.call(plan(once, { cache: cacheOf('the prompt', randomUUID()) }));
    expect(made.count).toBe(2);
    const [row] = await database.query<{ key: string }>(
      sql`select key from response_cache where project_id = ${projectId}`,
    );
    expect(row?.key).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps neither failures nor what is too large, and replaces what cannot be read any more', async () => {
    const cache = cacheOf('fails first');
    const failed = failing(new CallError('authentication', 'bad key'));
    await caught(calls.call(plan(failed.once, { cache })));
    expect(await calls.call(plan(failed.once, { cache }))).toMatchObject({ cached: false });

    const large = plan(async () => 'x'.repeat(1_000_001), { cache: cacheOf('large') });
    await calls.call(large);
    expect(await calls.call(large)).toMatchObject({ cached: false });

    const old = { ...cacheOf('old'), write: () => 'of another form' };
    await calls.call(plan(failing().once, { cache: old }));
    expect(await calls.call(plan(failing().once, { cache: cacheOf('old') }))).toMatchObject({
      cached: false,
    });
    expect(await calls.call(plan(failing().once, { cache: cacheOf('old') }))).toMatchObject({
      cached: true,
    });
  });

  it('makes one call for all that ask for the same meanwhile, also when the first gives up', async () => {
    const cache = cacheOf('asked by many');
    const controller = new AbortController();
    const answers: ((answer: string) => void)[] = [];
    const once = (): Promise<string> => new Promise((resolve) => answers.push(resolve));
    const first = caught(calls.call(plan(once, { cache, signal: controller.signal })));
    const answer = await waitFor(() => answers[0]);
    let settled = 0;
    const before = questions;
    const others = [1, 2].map(() =>
      calls.call(plan(once, { cache })).finally(() => (settled += 1)),
    );
    // Who found nothing in the cache waits for the call that is under way.
    await waitFor(() => (questions === before + 2 ? true : undefined));
    controller.abort(new Error('gone'));
    expect(await first).toMatchObject({ message: 'gone' });
    expect(settled).toBe(0);
    answer('shared');
    for (const other of others) {
      expect(await other).toMatchObject({ answer: 'shared', cached: true, tries: [] });
    }
    expect(answers).toHaveLength(1);
  });

  it('fails and defers who joined a call with what they tried themselves', async () => {
    const earlier: FailedTry[] = [
      { class: 'timeout', message: 'late', at: '2026-01-01T00:00:00.000Z' },
    ];
    const busy = new CallError('server_error', 'busy', { retryAfterMs: 60_000 });
    const outcomes: [Error, object][] = [
      [busy, { name: 'CallDeferred', delayMs: 60_000, tries: earlier }],
      [
        new CallError('authentication', 'bad key'),
        { class: 'authentication', message: 'bad key', tries: earlier, spend: undefined },
      ],
    ];
    for (const [failure, expected] of outcomes) {
      const cache = cacheOf(randomUUID());
      const fail: ((error: Error) => void)[] = [];
      const once = (): Promise<string> => new Promise((_, reject) => fail.push(reject));
      const patience = { cache, patienceMs: 1_000 };
      const first = caught(calls.call(plan(once, patience)));
      const end = await waitFor(() => fail[0]);
      const before = questions;
      const joined = caught(calls.call(plan(once, { ...patience, earlier })));
      // Who found nothing in the cache waits for the call that is under way.
      await waitFor(() => (questions === before + 1 ? true : undefined));
      end(failure);
      expect(await first).toMatchObject({ tries: [{ message: failure.message }] });
      expect(await joined).toMatchObject(expected);
      expect(fail).toHaveLength(1);
    }
  });

  it('forgets what dead processes held, also of lanes that nobody uses any more', async () => {
    const key = randomUUID();
    await database.query(sql`
      insert into call_lane_holders (key, holder, permits, in_use, wanted, expires_at) values
        (${key}, ${randomUUID()}, 3, 3, 0, now() - interval '1 second'),
        (${key}, ${randomUUID()}, 5, 5, 0, now() + interval '1 minute')`);
    await forgetCalls(database);
    expect(
      await database.query(sql`select permits from call_lane_holders where key = ${key}`),
    ).toEqual([{ permits: 5 }]);
  });

  it('forgets answers of more than 30 days and lanes of more than 7', async () => {
    await calls.call(plan(failing().once, { cache: cacheOf('kept'), lane: { key: 'used' } }));
    await calls.call(plan(failing().once, { cache: cacheOf('aged'), lane: { key: 'idle' } }));
    await database.query(sql`
      update response_cache set created_at = now() - interval '31 days'
      where key = encode(sha256('aged'), 'hex')`);
    // Until it has left its lane, this process would make the lane's row again.
    await waitFor(async () => {
      const held = await database.query(sql`select 1 from call_lane_holders where key = 'idle'`);
      return held.length === 0 ? true : undefined;
    });
    await database.query(sql`
      update call_lanes set updated_at = now() - interval '8 days' where key = 'idle'`);
    await forgetCalls(database);
    expect(await calls.call(plan(failing().once, { cache: cacheOf('kept') }))).toMatchObject({
      cached: true,
    });
    expect(await calls.call(plan(failing().once, { cache: cacheOf('aged') }))).toMatchObject({
      cached: false,
    });
    const left = await database.query(
      sql`select key from call_lanes where key in ('used', 'idle')`,
    );
    expect(left).toEqual([{ key: 'used' }]);
  });
});
