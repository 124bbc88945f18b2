import { z } from 'zod';
import { id } from './common.ts';
import { comparisonSnapshot, type ComparisonSnapshot } from './comparisons.ts';
import { metricSnapshot } from './run-metrics.ts';
import { runState } from './runs.ts';

/** The absolute numbers of a run at one version; a client ignores versions older than the one it has. */
export const runSnapshot = z.object({
  runId: id,
  version: z.int(),
  state: runState,
  total: z.int(),
  done: z.int(),
  failed: z.int(),
  metrics: z.array(metricSnapshot),
});
export type RunSnapshot = z.infer<typeof runSnapshot>;

export const subscribeRequest = z.object({ runId: id });

/** The acknowledgement of a subscription: the snapshot of now, or why there is none. */
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
export type SubscribeRefusal = z.infer<typeof refusal>;
export const subscribeAnswer = z.union([runSnapshot, refusal]);
export type SubscribeAnswer = z.infer<typeof subscribeAnswer>;

export const subscribeComparisonRequest = z.object({ comparisonId: id });

export const subscribeComparisonAnswer = z.union([comparisonSnapshot, refusal]);
export type SubscribeComparisonAnswer = z.infer<typeof subscribeComparisonAnswer>;

/** What a client may emit. */
export interface ClientEvents {
  'run:subscribe': (request: unknown, answer: (answer: SubscribeAnswer) => void) => void;
  'run:unsubscribe': (request: unknown) => void;
  'comparison:subscribe': (
    request: unknown,
    answer: (answer: SubscribeComparisonAnswer) => void,
  ) => void;
  'comparison:unsubscribe': (request: unknown) => void;
}

/** What a client receives. Progress may skip versions; what has finished always arrives. */
export interface ServerEvents {
  'run:progress': (snapshot: RunSnapshot) => void;
  'run:finished': (snapshot: RunSnapshot) => void;
  'comparison:progress': (snapshot: ComparisonSnapshot) => void;
  'comparison:finished': (snapshot: ComparisonSnapshot) => void;
}
