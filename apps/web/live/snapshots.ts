import type { ReviewQueue, ReviewSnapshot, Run, RunSnapshot } from '#libs/contracts';

/** The one of two snapshots that knows more; versions only rise. */
export const newerSnapshot = <Snapshot extends { version: number }>(
  known: Snapshot | undefined,
  received: Snapshot,
): Snapshot => (known !== undefined && known.version >= received.version ? known : received);

/** The run with the live numbers laid over it, where those are newer than what the API answered. */
export function withSnapshot(run: Run, snapshot: RunSnapshot | undefined): Run {
  if (snapshot === undefined || snapshot.version <= run.version) return run;
  const { version, state, total, done, failed, metrics } = snapshot;
  return { ...run, version, state, total, done, failed, summary: metrics };
}

/** The same for a review queue. What the caller has done is its own, and no snapshot carries it. */
export function withReviewSnapshot(
  queue: ReviewQueue,
  snapshot: ReviewSnapshot | undefined,
): ReviewQueue {
  if (snapshot === undefined || snapshot.version <= queue.version) return queue;
  const { version, items, complete, reviews } = snapshot;
  return { ...queue, version, items, complete, reviews };
}
