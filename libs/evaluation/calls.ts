import type { ErrorClass } from '#libs/contracts';

/** A call that failed, before it was tried again or given up. */
export interface FailedTry {
  class: ErrorClass;
  /** Free of prompts, outputs and secrets. */
  message: string;
  latencyMs?: number;
  /** ISO 8601, UTC. */
  at: string;
}

/** What a call took. */
export interface ModelSpend {
  inputTokens?: number;
  outputTokens?: number;
  /** Undefined where no price is known. 0 for a cached answer. */
  costUsd?: number;
}

/**
 * A call elsewhere that failed, of a closed set of classes, in words free of prompts, outputs and
 * secrets, fit to be stored and shown.
 */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly class: ErrorClass;
  /** How long the other side asked to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** All tries that failed, this one included, in their order. */
  readonly tries: readonly FailedTry[];
  /** What was paid for all the same, as for an answer that a filter emptied; undefined: nothing that is known. */
  readonly spend: ModelSpend | undefined;

  constructor(
    errorClass: ErrorClass,
    message: string,
    options: ErrorOptions & {
      retryAfterMs?: number;
      tries?: readonly FailedTry[];
      spend?: ModelSpend;
    } = {},
  ) {
    super(message, options);
    this.class = errorClass;
    this.retryAfterMs = options.retryAfterMs;
    this.tries = options.tries ?? [];
    this.spend = options.spend;
  }
}

/** The call has to wait for longer than its caller wants to hold its place: come back then. */
export class CallDeferred extends Error {
  override readonly name = 'CallDeferred';
  readonly delayMs: number;
  /** The tries that failed so far, to be handed in again. */
  readonly tries: readonly FailedTry[];

  constructor(delayMs: number, tries: readonly FailedTry[]) {
    super(`come back in ${Math.ceil(delayMs)} ms`);
    this.delayMs = delayMs;
    this.tries = tries;
  }
}

/** What is shared by all calls to one place: a provider's key, or an endpoint. */
export interface CallLane {
  /** Unique in the installation: a provider's id, or `http:` with project and origin. */
  key: string;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  /** Calls in flight at most, of all workers. */
  maxConcurrency?: number;
}

/** One call, and how patiently it is to be made. */
export interface CallPlan<Answer> {
  lane: CallLane;
  /** Tokens that it will probably take in and give out, for the lane's limit. */
  estimatedTokens: number;
  /** What it really took, once that is known. */
  tokensOf?(this: void, answer: Answer): number | undefined;
  /** Milliseconds that one try may take. */
  timeoutMs: number;
  /** Tries after the first; rate limits, which are about all calls together, are borne five times as often. */
  maxRetries: number;
  /** Tries that failed before, where the call was deferred; they count as tries. */
  earlier?: readonly FailedTry[];
  /** The longest wait before a try that is sat out here; a longer one throws `CallDeferred`. Left out: any. */
  patienceMs?: number;
  signal: AbortSignal;
  /** Nothing is called: what the cache does not have is an `invalid_request`. */
  keptOnly?: boolean;
  /**
   * One try. It throws a `CallError` for what it can tell; whatever else it throws is `internal_error`.
   * The signal aborts when the try's time is over, and then `timeout` is what it counts as.
   */
  once(this: void, signal: AbortSignal): Promise<Answer>;
  /** Looks the answer up first, and keeps it; left out: no cache. */
  cache?: {
    /** The project whose cache it is. */
    projectId: string;
    /** All that changes the answer, as text; only its hash is kept. */
    key: string;
    /** To and from what is stored. `read` gives undefined for what is none any more. */
    write(this: void, answer: Answer): unknown;
    read(this: void, stored: unknown): Answer | undefined;
  };
}

export interface CallResult<Answer> {
  answer: Answer;
  /** Of the try that gave the answer; of a cached one, none. */
  latencyMs: number | undefined;
  /** Until that try began: waits for limits, pauses and failed tries. */
  queueMs: number;
  tries: readonly FailedTry[];
  cached: boolean;
}

/** Makes calls elsewhere as fast as the other side allows, and as patiently as it pays. */
export interface Caller {
  /**
   * @throws {CallError} of the last try, with all tries
   * @throws {CallDeferred} see `patienceMs`
   * @throws the signal's reason where it aborts
   */
  call<Answer>(plan: CallPlan<Answer>): Promise<CallResult<Answer>>;
}

/** Places among what a lane may have in flight, shared by all workers. */
export interface CallLanes {
  /**
   * Waits for a place among what a lane may have in flight, of all workers, for work that is no single
   * call. Resolves with what gives the place back, which must be called once.
   * @throws the signal's reason where it aborts
   */
  hold(lane: CallLane, signal: AbortSignal): Promise<() => void>;
}
