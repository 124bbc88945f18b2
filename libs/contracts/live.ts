import { z } from 'zod';
import { id } from './common.ts';
import { comparisonSnapshot, type ComparisonSnapshot } from './comparisons.ts';
import { reviewSnapshot, type ReviewSnapshot } from './reviews.ts';
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

export const subscribeReviewRequest = z.object({ queueId: id });

export const subscribeReviewAnswer = z.union([reviewSnapshot, refusal]);
export type SubscribeReviewAnswer = z.infer<typeof subscribeReviewAnswer>;

export const subscribeProjectRequest = z.object({ projectId: id.optional() });

/** What a list shows of a run, at one version; a client ignores versions older than the one it has. */
export const runBrief = z.object({
  runId: id,
  version: z.int(),
  name: z.string(),
  state: runState,
  total: z.int(),
  done: z.int(),
  failed: z.int(),
  createdAt: z.string(),
  deleted: z.boolean(),
});
export type RunBrief = z.infer<typeof runBrief>;

/** Runs of a project that have changed; in the answer: those that go on, and the newest. */
export const projectRuns = z.object({ projectId: id, runs: z.array(runBrief) });
export type ProjectRuns = z.infer<typeof projectRuns>;

/** How many jobs each queue holds. */
export const queueCounts = z.object({
  queues: z.array(
    z.object({
      name: z.string(),
      waiting: z.int(),
      active: z.int(),
      delayed: z.int(),
      failed: z.int(),
    }),
  ),
});
export type QueueCounts = z.infer<typeof queueCounts>;

/** Why the server ends a socket, right before it does; the message says what to do about it. */
export const socketClosed = z.object({ code: z.string(), message: z.string() });
export type SocketClosed = z.infer<typeof socketClosed>;

/** What a client may emit. */
export interface ClientEvents {
  'run:subscribe': (request: unknown, answer: (answer: SubscribeAnswer) => void) => void;
  'run:unsubscribe': (request: unknown) => void;
  'comparison:subscribe': (
    request: unknown,
    answer: (answer: SubscribeComparisonAnswer) => void,
  ) => void;
  'comparison:unsubscribe': (request: unknown) => void;
  'review:subscribe': (request: unknown, answer: (answer: SubscribeReviewAnswer) => void) => void;
  'review:unsubscribe': (request: unknown) => void;
  'project:subscribe': (
    request: unknown,
    answer: (answer: ProjectRuns | SubscribeRefusal) => void,
  ) => void;
  'project:unsubscribe': (request: unknown) => void;
  'queues:subscribe': (
    request: unknown,
    answer: (answer: QueueCounts | SubscribeRefusal) => void,
  ) => void;
  'queues:unsubscribe': (request: unknown) => void;
}

/** What a client receives. Progress may skip versions; what has finished always arrives. */
export interface ServerEvents {
  'run:progress': (snapshot: RunSnapshot) => void;
  'run:finished': (snapshot: RunSnapshot) => void;
  'comparison:progress': (snapshot: ComparisonSnapshot) => void;
  'comparison:finished': (snapshot: ComparisonSnapshot) => void;
  /** How far a review queue is. */
  'review:progress': (snapshot: ReviewSnapshot) => void;
  'project:runs': (changed: ProjectRuns) => void;
  'queues:counts': (counts: QueueCounts) => void;
  'socket:closed': (reason: SocketClosed) => void;
}
