import { queryOptions } from '@tanstack/react-query';
import { client } from '../../queries/client.ts';
import { gateKeys } from '../../queries/gates.ts';
import { runKeys } from '../../queries/runs.ts';

const SHOWN = 8;

/** What changes when a run does. */
export const homeKey = [...runKeys.lists, 'home'] as const;

/** Runs that are not over, the newest first. */
export const goingOnQuery = queryOptions({
  queryKey: [...homeKey, 'going on'],
  queryFn: async ({ signal }) =>
    (
      await client.listRuns({
        query: { state: ['running', 'paused', 'queued'], limit: SHOWN },
        signal,
      })
    ).items,
});

/** Runs that are over, whatever became of them, those that ended last first. */
export const finishedQuery = queryOptions({
  queryKey: [...homeKey, 'finished'],
  queryFn: async ({ signal }) =>
    (
      await client.listRuns({
        query: { state: ['completed', 'failed', 'canceled'], sort: 'finished', limit: SHOWN },
        signal,
      })
    ).items,
});

/** Pinned baselines with what was held against them, of the newest datasets that have one. */
export const newestBaselinesQuery = queryOptions({
  queryKey: [...gateKeys.baselines, 'newest'],
  queryFn: ({ signal }) => client.listBaselines({ query: { limit: 6 }, signal }),
  // No event tells of verdicts.
  refetchInterval: 10_000,
  refetchOnWindowFocus: 'always',
});

/** The last runs of a series under one metric. */
export const trendQuery = (datasetId: string, name: string, metric: string) =>
  queryOptions({
    queryKey: ['trends', datasetId, name, metric],
    queryFn: ({ signal }) =>
      client.getTrend({ params: { id: datasetId }, query: { name, metric, limit: 20 }, signal }),
    staleTime: 30_000,
  });
