import {
  subscribeComparisonRequest,
  subscribeRequest,
  subscribeReviewRequest,
  type ComparisonSnapshot,
  type ReviewSnapshot,
  type RunSnapshot,
} from '#libs/contracts';
import { isFinal } from '#libs/evaluation';
import type { RelaySource, Versioned } from './relay.ts';

/** What the relays read; each answers for many in one query. */
export interface LiveReader<Snapshot> {
  snapshots(ids: readonly string[]): Promise<(Snapshot & { projectId: string })[]>;
  versions(ids: readonly string[]): Promise<Map<string, number>>;
}

/** A kind of thing that sockets watch by its id. */
export interface Kind<Snapshot extends Versioned> extends RelaySource<Snapshot> {
  noun: string;
  /** By which a subscription names it. */
  field: string;
  /** The id that a subscription names. */
  idIn(request: unknown): string | undefined;
}

const source = <Snapshot extends Versioned>(reader: LiveReader<Snapshot>) => ({
  snapshots: async (ids: readonly string[]) =>
    (await reader.snapshots(ids)).map(({ projectId, ...snapshot }) => ({ projectId, snapshot })),
  versions: (ids: readonly string[]) => reader.versions(ids),
});

export const runKind = (reader: LiveReader<RunSnapshot>): Kind<RunSnapshot> => ({
  ...source(reader),
  noun: 'run',
  field: 'runId',
  idIn: (request) => subscribeRequest.safeParse(request).data?.runId,
  idOf: ({ runId }) => runId,
  isFinal: ({ state }) => isFinal(state),
  roomOf: (runId) => `run:${runId}`,
  show: (audience, snapshot, event) => audience.emit(`run:${event}`, snapshot),
});

export const comparisonKind = (
  reader: LiveReader<ComparisonSnapshot>,
): Kind<ComparisonSnapshot> => ({
  ...source(reader),
  noun: 'comparison',
  field: 'comparisonId',
  idIn: (request) => subscribeComparisonRequest.safeParse(request).data?.comparisonId,
  idOf: ({ comparisonId }) => comparisonId,
  isFinal: ({ state }) => state === 'completed' || state === 'failed',
  roomOf: (comparisonId) => `comparison:${comparisonId}`,
  show: (audience, snapshot, event) => audience.emit(`comparison:${event}`, snapshot),
});

/** A review has no end: items may always be added. */
export const reviewKind = (reader: LiveReader<ReviewSnapshot>): Kind<ReviewSnapshot> => ({
  ...source(reader),
  noun: 'review_queue',
  field: 'queueId',
  idIn: (request) => subscribeReviewRequest.safeParse(request).data?.queueId,
  idOf: ({ queueId }) => queueId,
  isFinal: () => false,
  roomOf: (queueId) => `review:${queueId}`,
  show: (audience, snapshot) => audience.emit('review:progress', snapshot),
});
