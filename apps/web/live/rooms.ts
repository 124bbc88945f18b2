import {
  comparisonSnapshot,
  queueCounts,
  reviewSnapshot,
  runSnapshot,
  subscribeAnswer,
  subscribeComparisonAnswer,
  subscribeReviewAnswer,
  type ComparisonSnapshot,
  type QueueCounts,
  type ReviewSnapshot,
  type RunSnapshot,
} from '#libs/contracts';
import { z } from 'zod';
import type { LiveSocket } from './socket.ts';

type Answered = (error: Error | null, answer: unknown) => void;

/** What the socket of the page can watch: how it is asked for, and what becomes of the answer. */
export interface Room {
  key: string;
  subscribe: (socket: LiveSocket, timeoutMs: number, answered: Answered) => void;
  unsubscribe: (socket: LiveSocket) => void;
  /** Takes the snapshot out of an answer. Gives the code of a refusal. */
  read: (answer: unknown, events: RoomEvents) => string | undefined;
}

export interface RoomEvents {
  snapshot: (snapshot: RunSnapshot) => void;
  comparison: (snapshot: ComparisonSnapshot) => void;
  review: (snapshot: ReviewSnapshot) => void;
  /** What the queues hold; shown when it changes. */
  queues: (counts: QueueCounts) => void;
}

export const runRoom = (runId: string): Room => ({
  key: `run:${runId}`,
  subscribe: (socket, timeoutMs, answered) =>
    socket.timeout(timeoutMs).emit('run:subscribe', { runId }, answered),
  unsubscribe: (socket) => socket.emit('run:unsubscribe', { runId }),
  read(answer, events) {
    const parsed = subscribeAnswer.safeParse(answer);
    if (!parsed.success) return undefined;
    if ('error' in parsed.data) return parsed.data.error.code;
    events.snapshot(parsed.data);
    return undefined;
  },
});

export const comparisonRoom = (comparisonId: string): Room => ({
  key: `comparison:${comparisonId}`,
  subscribe: (socket, timeoutMs, answered) =>
    socket.timeout(timeoutMs).emit('comparison:subscribe', { comparisonId }, answered),
  unsubscribe: (socket) => socket.emit('comparison:unsubscribe', { comparisonId }),
  read(answer, events) {
    const parsed = subscribeComparisonAnswer.safeParse(answer);
    if (!parsed.success) return undefined;
    if ('error' in parsed.data) return parsed.data.error.code;
    events.comparison(parsed.data);
    return undefined;
  },
});

export const reviewRoom = (queueId: string): Room => ({
  key: `review:${queueId}`,
  subscribe: (socket, timeoutMs, answered) =>
    socket.timeout(timeoutMs).emit('review:subscribe', { queueId }, answered),
  unsubscribe: (socket) => socket.emit('review:unsubscribe', { queueId }),
  read(answer, events) {
    const parsed = subscribeReviewAnswer.safeParse(answer);
    if (!parsed.success) return undefined;
    if ('error' in parsed.data) return parsed.data.error.code;
    events.review(parsed.data);
    return undefined;
  },
});

const queuesAnswer = z.union([queueCounts, z.object({ error: z.object({ code: z.string() }) })]);

/** What the queues hold, for admins of the instance. */
export const queuesRoom: Room = {
  key: 'queues',
  subscribe: (socket, timeoutMs, answered) =>
    socket.timeout(timeoutMs).emit('queues:subscribe', {}, answered),
  unsubscribe: (socket) => socket.emit('queues:unsubscribe', {}),
  read(answer, events) {
    const parsed = queuesAnswer.safeParse(answer);
    if (!parsed.success) return undefined;
    if ('error' in parsed.data) return parsed.data.error.code;
    events.queues(parsed.data);
    return undefined;
  },
};

/** Hears what is shown of all rooms that the socket is in. */
export function hear(socket: LiveSocket, events: RoomEvents): void {
  const run = (received: unknown): void => {
    const parsed = runSnapshot.safeParse(received);
    if (parsed.success) events.snapshot(parsed.data);
  };
  const comparison = (received: unknown): void => {
    const parsed = comparisonSnapshot.safeParse(received);
    if (parsed.success) events.comparison(parsed.data);
  };
  const review = (received: unknown): void => {
    const parsed = reviewSnapshot.safeParse(received);
    if (parsed.success) events.review(parsed.data);
  };
  const queues = (received: unknown): void => {
    const parsed = queueCounts.safeParse(received);
    if (parsed.success) events.queues(parsed.data);
  };
  socket.on('queues:counts', queues);
  socket.on('run:progress', run);
  socket.on('run:finished', run);
  socket.on('comparison:progress', comparison);
  socket.on('comparison:finished', comparison);
  socket.on('review:progress', review);
}
