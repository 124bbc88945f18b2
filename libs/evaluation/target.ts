import type { ErrorClass, Json, ToolCall } from '#libs/contracts';
import type { FailedTry } from './calls.ts';

/** One item that a target is asked for. */
export interface TargetCase {
  key: string;
  /** Counted from 0. */
  repeat: number;
  input: Json;
  /** Undefined where the dataset has none. */
  expected?: Json;
  metadata?: Readonly<Record<string, Json>>;
  /** Tries that failed before this batch was deferred; they count. */
  earlier?: readonly FailedTry[];
}

/** What is known of how an output came about. */
export interface Usage {
  /** Of the call that gave the output, without any wait before it. */
  latencyMs?: number;
  inputTokens?: number;
  outputTokens?: number;
  costUsd?: number;
  /** Why the model stopped, as the provider says: `stop`, `length`. */
  finishReason?: string;
}

/** An item that the target could not do, of a closed set of classes, in words free of prompts and secrets. */
export interface TargetError {
  class: ErrorClass;
  message: string;
}

export type TargetResult = Usage & {
  /** The tools that were called for this output, in order. */
  toolCalls?: readonly ToolCall[];
  /** What the target retrieved, where it says so: a text, or a list of texts or objects. */
  context?: Json;
  /** From when the item was taken up until the call that gave the output. */
  queueMs?: number;
  /** The output came from the response cache. */
  cached?: boolean;
  traceId?: string;
  /** Calls that failed, those handed in included. */
  tries?: readonly FailedTry[];
} & ({ output: Json; error?: never } | { output?: never; error: TargetError });

export interface TargetContext {
  /** Aborts when the run is canceled or the worker must stop: whatever is in flight ends at once. */
  signal: AbortSignal;
  /** The longest wait before a call that is sat out; a longer one throws `CallDeferred`. */
  patienceMs?: number;
}

/** Produces outputs for a batch of items, in their order. It throws only where no item can be judged, or `CallDeferred`. */
export interface Target {
  produce(cases: readonly TargetCase[], context: TargetContext): Promise<TargetResult[]>;
}

/** Where work is done: `local` items are computed here, many to a batch; `network` items are calls. */
export type TargetLocality = 'local' | 'network';

/** Outputs that exist already; the port through which the recorded target reads them. */
export interface RecordedOutputs {
  /** What is known of each case, in the order of the cases; undefined where nothing is. */
  find(cases: readonly TargetCase[]): Promise<(TargetResult | undefined)[]>;
}
