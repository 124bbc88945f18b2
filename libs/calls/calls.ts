import type { Logger } from '#libs/config';
import { uuid, type Database } from '#libs/database';
import {
  CallDeferred,
  CallError,
  describeErrorClass,
  type Caller,
  type CallLanes,
  type CallPlan,
  type CallResult,
  type FailedTry,
} from '#libs/evaluation';
import { createDatabaseClock } from './clock.ts';
import { leaveLanes, reportToLane } from './lane-table.ts';
import { createLane, type Lane, type Outcome } from './lane.ts';
import { sleep, startFlight, untilAborted, type Flight } from './waiting.ts';
import { createResponseCache, hashOf, type CacheOf } from './response-cache.ts';

/** How much more often than its own failures a call may be refused for the pace of all calls together. */
const REFUSALS_PER_RETRY = 5;
/** The first pause is at most this long, each further one twice that, up to the cap. */
const BACKOFF_MS = 500;
const BACKOFF_CAP_MS = 30_000;
/** Nobody is left alone for longer, whatever they ask for. */
const MAX_PAUSE_MS = 3_600_000;

/** The callers of one process; what they share with those of other processes is in the database. */
export interface Calls extends Caller, CallLanes {
  /** What is under way here, over all lanes. */
  gauges(): { inFlight: number; waiting: number; refused: number };
  /** Gives back what is held of shared limits; who still waits is turned away. */
  close(): Promise<void>;
}

/**
 * Makes the caller of a process. Limits are shared through the database with every other process;
 * answers are cached there; a failed try is repeated with growing pauses where its class heals.
 * @param deps.random from 0 to 1, for the pauses
 */
export function createCalls(deps: {
  database: Database;
  logger: Logger;
  random?: () => number;
}): Calls {
  const { database, logger, random = Math.random } = deps;
  const holder = uuid();
  const clock = createDatabaseClock();
  const cache = createResponseCache(database, logger);
  const lanes = new Map<string, Lane>();
  const flights = new Map<string, Flight>();
  let refused = 0;
  let isClosed = false;
  const closedReason = (): Error => new Error('No call is made any more: this process stops.');

  const laneOf = (key: string): Lane => {
    if (isClosed) throw closedReason();
    const known = lanes.get(key);
    if (known) return known;
    const lane = createLane({
      clock,
      logger,
      report: (report, leaving) => reportToLane(database, key, holder, report, leaving),
      onIdle: () => {
        if (lanes.get(key) === lane) lanes.delete(key);
      },
    });
    lanes.set(key, lane);
    return lane;
  };

  async function persist<Answer>(
    plan: CallPlan<Answer>,
    signal: AbortSignal,
  ): Promise<CallResult<Answer>> {
    const began = performance.now();
    const tries: FailedTry[] = [...(plan.earlier ?? [])];
    for (;;) {
      const admitted = await laneOf(plan.lane.key).admit(plan.lane, {
        tokens: plan.estimatedTokens,
        patienceMs: plan.patienceMs,
        signal,
      });
      if ('delayMs' in admitted) throw new CallDeferred(admitted.delayMs, tries);
      const startedAt = performance.now();
      let endedAt: number;
      let failure: CallError;
      try {
        const answer = await tryOnce(plan, signal);
        const latencyMs = performance.now() - startedAt;
        await admitted.end({ kind: 'answered', tokens: plan.tokensOf?.(answer) });
        return { answer, latencyMs, queueMs: startedAt - began, tries, cached: false };
      } catch (error) {
        endedAt = performance.now();
        failure = asCallError(error, signal);
        const outcome: Outcome = signal.aborted ? { kind: 'other' } : outcomeOf(failure);
        const ended = admitted.end(outcome);
        if (outcome.kind === 'refused') refused += 1;
        await untilAborted(ended, signal);
      }
      tries.push({
        class: failure.class,
        message: failure.message,
        latencyMs: endedAt - startedAt,
        at: new Date().toISOString(),
      });
      if (!describeErrorClass(failure.class).heals || areTooMany(tries, plan.maxRetries)) {
        throw new CallError(failure.class, failure.message, {
          cause: failure,
          ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
          tries,
        });
      }
      const pauseMs = pauseAfter(failure, tries.length);
      if (pauseMs > (plan.patienceMs ?? Infinity)) throw new CallDeferred(pauseMs, tries);
      await sleep(pauseMs, signal);
    }
  }

  /** Full jitter: anything up to a bound that doubles, but not before the other side wants it. */
  const pauseAfter = (failure: CallError, failed: number): number =>
    Math.min(
      MAX_PAUSE_MS,
      Math.max(
        random() * Math.min(BACKOFF_CAP_MS, BACKOFF_MS * 2 ** (failed - 1)),
        failure.retryAfterMs ?? 0,
      ),
    );

  function asCallError(error: unknown, signal: AbortSignal): CallError {
    if (error instanceof CallError) return error;
    if (signal.aborted) return new CallError('internal_error', 'The call was given up.');
    // Its message may quote what was sent: only what it is and where it came from is logged.
    const stack =
      error instanceof Error
        ? error.stack?.split('\n').filter((line) => /^\s+at /.test(line))
        : undefined;
    const name = error instanceof Error ? error.name : typeof error;
    logger.error({ error: name, stack }, 'a call failed unexpectedly');
    return new CallError('internal_error', `The call failed unexpectedly (${name}).`, {
      cause: error,
    });
  }

  async function find<Answer>(
    plan: CallPlan<Answer>,
    stored: CacheOf<Answer>,
  ): Promise<CallResult<Answer>> {
    const began = performance.now();
    const tries = plan.earlier ?? [];
    const found = await untilAborted(cache.find(stored), plan.signal);
    if (found !== undefined) return foundResult(found, began, tries);
    const id = `${stored.projectId} ${hashOf(stored.key)}`;
    const flight = flights.get(id);
    if (flight) {
      // Who asks for the same while it is under way gets the same, and spends nothing.
      const shared = await flight.join(plan.signal).catch((error: unknown) => {
        throw asJoined(error, tries);
      });
      const answer = stored.read(shared);
      if (answer !== undefined) return foundResult(answer, began, tries);
      return persist(plan, plan.signal);
    }
    let made: CallResult<Answer> | undefined;
    const mine = startFlight(
      async (signal) => {
        made = await persist(plan, signal);
        await cache.keep(stored, made.answer);
        return stored.write(made.answer);
      },
      () => {
        if (flights.get(id) === mine) flights.delete(id);
      },
    );
    flights.set(id, mine);
    await mine.join(plan.signal);
    if (!made) throw new Error('a flight landed without an answer');
    return made;
  }

  async function findKept<Answer>(plan: CallPlan<Answer>): Promise<CallResult<Answer>> {
    const found = plan.cache && (await untilAborted(cache.find(plan.cache), plan.signal));
    if (found === undefined) throw new CallError('invalid_request', 'No answer to this was kept.');
    return foundResult(found, performance.now(), []);
  }

  return {
    async hold(lane, signal) {
      const admission = { tokens: 0, patienceMs: undefined, signal };
      const admitted = await laneOf(lane.key).admit(lane, admission);
      if ('delayMs' in admitted) throw new Error('who waits without end was turned away');
      return () => void admitted.end({ kind: 'other' });
    },
    async call(plan) {
      plan.signal.throwIfAborted();
      if (plan.keptOnly === true) return findKept(plan);
      return plan.cache ? find(plan, plan.cache) : persist(plan, plan.signal);
    },
    gauges() {
      const all = [...lanes.values()].map((lane) => lane.gauges());
      return {
        inFlight: all.reduce((sum, one) => sum + one.inFlight, 0),
        waiting: all.reduce((sum, one) => sum + one.waiting, 0),
        refused,
      };
    },
    async close() {
      isClosed = true;
      for (const lane of lanes.values()) lane.close(closedReason());
      lanes.clear();
      await leaveLanes(database, holder);
    },
  };
}

const foundResult = <Answer>(
  answer: Answer,
  began: number,
  tries: readonly FailedTry[],
): CallResult<Answer> => ({
  answer,
  latencyMs: undefined,
  queueMs: performance.now() - began,
  tries,
  cached: true,
});

/** Who joined another's call fails with it, but what was tried and spent is the other's. */
function asJoined(error: unknown, tries: readonly FailedTry[]): unknown {
  if (error instanceof CallDeferred) return new CallDeferred(error.delayMs, tries);
  if (!(error instanceof CallError)) return error;
  return new CallError(error.class, error.message, {
    cause: error,
    tries,
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
  });
}

/** A rate limit is about all calls together, and so spends little of a call's own patience. */
function areTooMany(tries: readonly FailedTry[], maxRetries: number): boolean {
  const refusals = tries.filter((one) => one.class === 'rate_limited').length;
  return tries.length - refusals > maxRetries || refusals > maxRetries * REFUSALS_PER_RETRY;
}

/** What a failed try says about the lane. */
function outcomeOf(failure: CallError): Outcome {
  const pauseMs = Math.min(MAX_PAUSE_MS, failure.retryAfterMs ?? 0);
  if (failure.class === 'rate_limited') return { kind: 'refused', tooMany: true, pauseMs };
  if (failure.class === 'server_error' && pauseMs > 0) {
    return { kind: 'refused', tooMany: false, pauseMs };
  }
  return { kind: 'other' };
}

async function tryOnce<Answer>(plan: CallPlan<Answer>, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const { timeoutMs } = plan;
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new CallError('timeout', `No answer within ${timeoutMs} ms.`)),
    timeoutMs,
  );
  const either = AbortSignal.any([signal, late.signal]);
  try {
    return await untilAborted(plan.once(either), either);
  } catch (error) {
    if (late.signal.aborted) throw late.signal.reason;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
