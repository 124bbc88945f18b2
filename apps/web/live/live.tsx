import { skipToken, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import {
  createContext,
  useContext,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import { isFinal } from '#libs/evaluation';
import type {
  Comparison,
  ComparisonSnapshot,
  QueueCounts,
  ReviewQueue,
  ReviewSnapshot,
  Run,
  RunBrief,
  RunSnapshot,
} from '#libs/contracts';
import { comparisonKeys } from '../queries/comparisons.ts';
import { operationKeys } from '../queries/operations.ts';
import { reviewKeys } from '../queries/reviews.ts';
import { runKeys } from '../queries/runs.ts';
import { sessionQuery } from '../queries/session.ts';
import { useNow } from '../components/use-now.ts';
import { addSample, rateOf, type Sample } from './rate.ts';
import { RunFeed, type Connection } from './run-feed.ts';
import { newerSnapshot, withReviewSnapshot, withSnapshot } from './snapshots.ts';
import { createSocket } from './socket.ts';

const FeedContext = createContext<RunFeed | undefined>(undefined);

/** The feed whose snapshots land in this cache. One for the page. */
export function createRunFeed(queries: QueryClient): RunFeed {
  return new RunFeed(createSocket, {
    snapshot(received) {
      const key = runKeys.snapshot(received.runId);
      const before = queries.getQueryData<RunSnapshot>(key);
      queries.setQueryData<RunSnapshot>(key, newerSnapshot(before, received));
      const justFinished = isFinal(received.state) && before?.state !== received.state;
      // What a snapshot does not carry (the reason, the quantiles) is to be asked for. The list of
      // items, which may be long, looks after itself.
      if (justFinished) {
        void queries.invalidateQueries({
          queryKey: runKeys.one(received.runId),
          predicate: ({ queryKey }) =>
            !queryKey.includes('snapshot') && !queryKey.includes('items'),
        });
      }
    },
    comparison(received) {
      queries.setQueryData<ComparisonSnapshot>(
        comparisonKeys.snapshot(received.comparisonId),
        (before) => newerSnapshot(before, received),
      );
    },
    review(received) {
      queries.setQueryData<ReviewSnapshot>(reviewKeys.snapshot(received.queueId), (before) =>
        newerSnapshot(before, received),
      );
    },
    queues(counts) {
      queries.setQueryData<QueueCounts>(operationKeys.liveCounts, counts);
    },
    refused() {
      void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
}

export function LiveProvider({ feed, children }: { feed: RunFeed; children: ReactNode }) {
  return <FeedContext value={feed}>{children}</FeedContext>;
}

function useFeed(): RunFeed {
  const feed = useContext(FeedContext);
  if (!feed) throw new Error('A LiveProvider is missing above this component');
  return feed;
}

export function useConnection(): Connection {
  const feed = useFeed();
  return useSyncExternalStore(feed.onConnection, feed.connection);
}

/**
 * Watches the list of the project's runs while the caller is shown; true while it is live, so that
 * nobody needs to ask for news.
 */
export function useRunList(on: {
  listed: (runs: RunBrief[]) => void;
  changed: (runs: RunBrief[]) => void;
}): boolean {
  const feed = useFeed();
  const [live, setLive] = useState(false);
  const listed = useEffectEvent((runs: RunBrief[]) => {
    setLive(true);
    on.listed(runs);
  });
  const changed = useEffectEvent(on.changed);
  useEffect(
    () =>
      feed.watchList({
        listed: (runs) => listed(runs),
        changed: (runs) => changed(runs),
        lost: () => setLive(false),
      }),
    [feed],
  );
  return live;
}

/** Numbers of an unfinished run that is on screen may be old: the connection is lost. */
export const useStale = (run: Run): boolean => useConnection() === 'lost' && !isFinal(run.state);

/** The newest that is known of a run, without watching it: for the cells beside the one that does. */
export function useNewest(run: Run): Run {
  const { data } = useQuery<RunSnapshot>({
    queryKey: runKeys.snapshot(run.id),
    queryFn: skipToken,
    staleTime: Infinity,
  });
  return withSnapshot(run, data);
}

/**
 * The newest that is known of a run, which is watched for as long as it is unfinished and shown.
 * @param after so many milliseconds: rows that are scrolled past need not be watched
 */
export function useRunLive(run: Run, after = 0): Run {
  const feed = useFeed();
  const newest = useNewest(run);
  const unfinished = !isFinal(newest.state);
  useEffect(() => {
    if (!unfinished) return undefined;
    let release: (() => void) | undefined;
    const timer = setTimeout(() => (release = feed.watch(run.id)), after);
    return () => {
      clearTimeout(timer);
      release?.();
    };
  }, [feed, run.id, unfinished, after]);
  return newest;
}

/**
 * How far a comparison is, which is watched for as long as it is being computed; undefined before anything
 * newer was shown than what the API answered.
 */
export function useComparisonLive(
  comparison: Comparison | undefined,
): ComparisonSnapshot | undefined {
  const feed = useFeed();
  const { data } = useQuery<ComparisonSnapshot>({
    queryKey: comparisonKeys.snapshot(comparison?.id ?? ''),
    queryFn: skipToken,
    staleTime: Infinity,
  });
  const snapshot = data && comparison && data.version > comparison.version ? data : undefined;
  const id = comparison?.id;
  const state = comparison?.state;
  const isUnderWay = state === 'queued' || state === 'running' || state === 'refining';
  useEffect(
    () => (id !== undefined && isUnderWay ? feed.watchComparison(id) : undefined),
    [feed, id, isUnderWay],
  );
  return snapshot;
}

/**
 * The newest that is known of a review queue, which is watched for as long as it is shown.
 * @param after so many milliseconds: rows that are scrolled past need not be watched
 */
export function useReviewLive(queue: ReviewQueue, after = 0): ReviewQueue {
  const feed = useFeed();
  const { data } = useQuery<ReviewSnapshot>({
    queryKey: reviewKeys.snapshot(queue.id),
    queryFn: skipToken,
    staleTime: Infinity,
  });
  const isThere = queue.deletedAt === null;
  useEffect(() => {
    if (!isThere) return undefined;
    let release: (() => void) | undefined;
    const timer = setTimeout(() => (release = feed.watchReview(queue.id)), after);
    return () => {
      clearTimeout(timer);
      release?.();
    };
  }, [feed, queue.id, isThere, after]);
  return withReviewSnapshot(queue, data);
}

/** What the queues hold, as it changes; undefined while that is not told live. */
export function useQueueCounts(): QueueCounts | undefined {
  const feed = useFeed();
  const live = useConnection() === 'live';
  const { data } = useQuery<QueueCounts>({
    queryKey: operationKeys.liveCounts,
    queryFn: skipToken,
    staleTime: Infinity,
  });
  const queries = useQueryClient();
  useEffect(() => {
    const stop = feed.watchQueues();
    return () => {
      stop();
      // Whoever looks again must not see them as if they were told now.
      queries.removeQueries({ queryKey: operationKeys.liveCounts });
    };
  }, [feed, queries]);
  return live ? data : undefined;
}

/** Items a second, from the snapshots as they come; undefined where that says nothing. */
export function useRate(run: Run): number | undefined {
  const samples = useRef<Sample[]>([]);
  const running = run.state === 'running';
  const now = useNow(running ? 1000 : undefined);
  const [rate, setRate] = useState<number>();
  useEffect(() => {
    samples.current = running ? addSample(samples.current, { at: Date.now(), done: run.done }) : [];
  }, [running, run.done]);
  useEffect(() => {
    setRate(running ? rateOf(samples.current, now) : undefined);
  }, [running, now]);
  return rate;
}

/** When a snapshot or an answer last told something new about the run. */
export function useLastNews(run: Run): number {
  const queries = useQueryClient();
  const snapshot = queries.getQueryState(runKeys.snapshot(run.id))?.dataUpdatedAt ?? 0;
  const answer = queries.getQueryState([...runKeys.one(run.id), 'run'])?.dataUpdatedAt ?? 0;
  return Math.max(snapshot, answer);
}
