import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { ClientRequest, CompareRequest } from '#libs/sdk';
import { client } from './client.ts';
import { dimensionsOf } from './dimensions.ts';

type ItemsQuery = NonNullable<ClientRequest<'listComparisonItems'>['query']>;
export type ComparisonItemKind = NonNullable<ItemsQuery['kind']>;

/** Everything about one comparison in the cache lies below `one(id)`. */
export const comparisonKeys = {
  asked: (request: CompareRequest) => ['comparisons', 'asked', request] as const,
  one: (id: string) => ['comparisons', 'one', id] as const,
  snapshot: (id: string) => ['comparisons', 'one', id, 'snapshot'] as const,
};

/** Asks the question; the same one always has the same comparison. */
export const askQuery = (request: CompareRequest) =>
  queryOptions({
    queryKey: comparisonKeys.asked(request),
    queryFn: ({ signal }) => client.createComparison({ body: request, signal }),
    // Its news come from the comparison itself.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });

export const comparisonQuery = (id: string) =>
  queryOptions({
    queryKey: [...comparisonKeys.one(id), 'comparison'],
    queryFn: ({ signal }) => client.getComparison({ params: { id }, signal }),
  });

/** One of the lists of items of a comparison; anew for each version of its result. */
export const comparisonItemsQuery = (
  id: string,
  query: { metric: string; candidateRunId: string; kind: ComparisonItemKind },
  of: string,
) =>
  infiniteQueryOptions({
    queryKey: [...comparisonKeys.one(id), 'items', query, of],
    queryFn: ({ pageParam, signal }) =>
      client.listComparisonItems({
        params: { id },
        query: { ...query, limit: 100, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });

export const distributionQuery = (
  id: string,
  query: { metric: string; candidateRunId: string },
  of: string,
) =>
  queryOptions({
    queryKey: [...comparisonKeys.one(id), 'distribution', query, of],
    queryFn: ({ signal }) => client.getComparisonDistribution({ params: { id }, query, signal }),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });

/** Runs that may be compared, newest first: of one dataset, with a part of a name, where these are given. */
export const choosableRunsQuery = (which: { datasetId?: string[]; name?: string }) =>
  infiniteQueryOptions({
    queryKey: ['runs', 'choosable', which],
    queryFn: ({ pageParam, signal }) =>
      client.listRuns({ query: { ...which, limit: 50, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

/** One item of a run in full, all its repeats; empty where the run does not have it or is not there yet. */
export const runItemQuery = (runId: string, key: string) =>
  queryOptions({
    queryKey: ['runs', 'one', runId, 'item', key],
    queryFn: ({ signal }) =>
      client.listRunItems({ params: { id: runId }, query: { key, limit: 200 }, signal }),
    select: (page) => page.items,
    staleTime: 30_000,
  });

/** What items can be sliced by, as far as the first of them tell: tags, split, paths of metadata. */
export const dimensionsQuery = (datasetId: string, version: number) =>
  queryOptions({
    queryKey: ['datasets', datasetId, 'dimensions', version],
    queryFn: ({ signal }) =>
      client.listDatasetItems({ params: { id: datasetId, version }, query: { limit: 50 }, signal }),
    select: ({ items }) => dimensionsOf(items),
    staleTime: 300_000,
  });

/** The series of a dataset, those with the newest runs first. */
export const seriesQuery = (datasetId: string) =>
  queryOptions({
    queryKey: ['datasets', datasetId, 'series'],
    queryFn: ({ signal }) =>
      client.listSeries({ params: { id: datasetId }, query: { limit: 200 }, signal }),
    select: (page) => page.items,
    staleTime: 30_000,
  });

export const trendQuery = (datasetId: string, query: { metric: string; name: string }) =>
  queryOptions({
    queryKey: ['datasets', datasetId, 'trend', query],
    queryFn: ({ signal }) => client.getTrend({ params: { id: datasetId }, query, signal }),
    staleTime: 30_000,
  });
