import type { Json, LeasedItem, LeaseResult, Run } from '#libs/contracts';
import pMap from 'p-map';
import type { Client } from './client.ts';
import { ApiError, ConnectionError } from './errors.ts';
import { pause } from './pause.ts';

/** What may be known of an answer beside its output. */
export type AnswerDetails = Omit<LeaseResult, 'no' | 'output' | 'error'>;

/** An output with what is known of it. A class, so that no output can be mistaken for one. */
class Answer {
  readonly output: Json;
  readonly details: AnswerDetails;
  constructor(output: Json, details: AnswerDetails) {
    this.output = output;
    this.details = details;
  }
}
export type { Answer };

/** An output together with its tokens, cost, tool calls, retrieved context or trace id. */
export const answer = (output: Json, details: AnswerDetails): Answer => new Answer(output, details);

/**
 * The code that is evaluated: makes an output of an item. What it throws becomes the item's error.
 * The signal aborts when the answer is not wanted any more.
 */
export type Produce = (
  item: LeasedItem,
  how: { signal: AbortSignal },
) => Json | Answer | Promise<Json | Answer>;

export interface RunTargetOptions {
  /** Items at work here at the same time; 10. Over all takers, the run's own concurrency holds too. */
  concurrency?: number | undefined;
  /** After how many milliseconds without a word from here its items go to others; 60,000, at least 1,000. */
  leaseMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

const FINAL = new Set(['completed', 'failed', 'canceled']);
const POLL_MS = { first: 100, most: 2_000 };
/** Of a result group, as the API takes it. */
const GROUP = 100;

/**
 * Does the items of a run whose target is `{kind: 'client'}`: takes them under leases, calls `produce`
 * for each, posts results as they come, and keeps the leases while it works. Any number of processes
 * may do this for the same run; the items of one that dies go to the others.
 * @returns the run once it is final: completed, failed or canceled
 * @throws {ApiError | ConnectionError} where the API refuses, or stays away; the signal's reason where
 * the caller aborted. What is under way is then given back.
 */
export async function runTarget(
  client: Client,
  runId: string,
  produce: Produce,
  options: RunTargetOptions = {},
): Promise<Run> {
  const { concurrency = 10, leaseMs = 60_000 } = options;
  const over = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
  const held = new Set<HeldLease>();

  async function* items(): AsyncGenerator<{ item: LeasedItem; lease: HeldLease }> {
    let waitMs = POLL_MS.first;
    for (;;) {
      options.signal?.throwIfAborted();
      const lease = await persist(signal, () =>
        client.leaseItems({
          params: { id: runId },
          body: { limit: Math.min(GROUP, concurrency), leaseMs },
          signal,
        }),
      );
      if (lease.id !== null) {
        waitMs = POLL_MS.first;
        const mine = holdLease(client, { runId, leaseId: lease.id, leaseMs, signal }, () =>
          held.delete(mine),
        );
        held.add(mine);
        mine.expect(lease.items.length);
        for (const item of lease.items) yield { item, lease: mine };
      } else if (FINAL.has(lease.runState)) {
        // Canceled: what is still at work here is not wanted any more.
        if (lease.runState === 'canceled') over.abort();
        return;
      } else {
        await pause(waitMs, signal);
        waitMs = Math.min(POLL_MS.most, waitMs * 2);
      }
    }
  }

  try {
    await pMap(
      items(),
      async ({ item, lease }) => lease.post(await resultOf(item, produce, signal)),
      { concurrency, signal },
    );
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!over.signal.aborted && !isCanceled(error)) throw error;
  } finally {
    over.abort();
    await Promise.all([...held].map((lease) => lease.giveBack()));
  }
  return client.getRun({
    params: { id: runId },
    ...(options.signal && { signal: options.signal }),
  });
}

export type EvaluateOptions = Omit<Parameters<Client['submitRun']>[0]['body'], 'target'> &
  RunTargetOptions & { target: Produce };

/**
 * Evaluates the caller's own code on a dataset: submits a run, does its items here, and waits for the
 * scores.
 * @param options the body of a run, whose target is a function
 * @throws as `runTarget`
 */
export async function evaluate(client: Client, options: EvaluateOptions) {
  const { target, leaseMs, signal, ...body } = options;
  const { id } = await client.submitRun({
    body: { ...body, target: { kind: 'client' } },
    ...(signal && { signal }),
  });
  const { concurrency } = body;
  const run = await runTarget(client, id, target, { concurrency, leaseMs, signal });
  const { items: metrics } = await client.listRunMetrics({ params: { id } });
  return { run, metrics };
}

async function resultOf(
  item: LeasedItem,
  produce: Produce,
  signal: AbortSignal,
): Promise<LeaseResult> {
  const { no } = item;
  const begun = performance.now();
  try {
    const made = await produce(item, { signal });
    const latencyMs = performance.now() - begun;
    if (made instanceof Answer) return { no, latencyMs, ...made.details, output: made.output };
    if (made === undefined) return { no, latencyMs, error: 'The function returned nothing.' };
    return { no, latencyMs, output: made };
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message || error.name : String(error);
    const text = message.replaceAll('\u0000', '\uFFFD').toWellFormed().slice(0, 2000);
    return { no, latencyMs: performance.now() - begun, error: text.trim() || 'unknown error' };
  }
}

interface HeldLease {
  expect(items: number): void;
  /** Resolves when the result has been taken. Results that wait go together. */
  post(result: LeaseResult): Promise<void>;
  giveBack(): Promise<void>;
}

/** Keeps a lease until all of its items are answered, and posts their results. */
function holdLease(
  client: Client,
  lease: { runId: string; leaseId: string; leaseMs: number; signal: AbortSignal },
  onOver: () => void,
): HeldLease {
  const { leaseId, leaseMs, signal } = lease;
  const params = { id: lease.runId, leaseId };
  let open = 0;
  let waiting: LeaseResult[] = [];
  let posting: Promise<void> | undefined;

  const extend = (ms: number) => client.extendLease({ params, body: { leaseMs: ms } });
  // One that fails is made good by the next; where all do, the items go to others, and the first
  // answer counts.
  const timer = setInterval(() => void extend(leaseMs).catch(() => undefined), leaseMs / 3);
  const end = () => {
    clearInterval(timer);
    onOver();
  };

  const postWaiting = async (): Promise<void> => {
    const results = waiting.slice(0, GROUP);
    waiting = waiting.slice(GROUP);
    await persist(signal, () => client.postLeaseResults({ params, body: { results }, signal }));
    open -= results.length;
    if (open <= 0) end();
  };

  return {
    expect: (items) => {
      open = items;
    },
    async post(result) {
      waiting.push(result);
      // Whoever finds another post under way waits for it; the first of them then takes all along.
      while (waiting.includes(result)) {
        if (posting) await posting;
        else {
          posting = postWaiting().finally(() => {
            posting = undefined;
          });
        }
      }
      await posting;
    },
    async giveBack() {
      end();
      // Where this fails, the lease runs out by itself.
      await extend(0).catch(() => undefined);
    },
  };
}

const isCanceled = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 'run_state';

const TRIES = 6;
const FIRST_WAIT_MS = 250;

/** A call that may be made twice without harm, made again where the API is away for a moment. */
async function persist<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await call();
    } catch (error) {
      const heals =
        error instanceof ConnectionError ||
        (error instanceof ApiError && (error.status === 429 || error.status >= 500));
      if (!heals || tried === TRIES) throw error;
    }
    await pause(FIRST_WAIT_MS * 2 ** (tried - 1), signal);
  }
}
