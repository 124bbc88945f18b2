import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { ClientRequest } from '#libs/sdk';
import { client } from './client.ts';

/** Which runs a list shows, and in which order. */
export type RunListQuery = NonNullable<NonNullable<ClientRequest<'listRuns'>>['query']>;

export const runsPageSize = 100;

/** Everything about runs in the cache lies below `all`, and about one run below `one(id)`. */
export const runKeys = {
  all: ['runs'] as const,
  lists: ['runs', 'list'] as const,
  list: (which: string) => ['runs', 'list', which] as const,
  count: (which: string) => ['runs', 'count', which] as const,
  facets: ['runs', 'facets'] as const,
  one: (runId: string) => ['runs', 'one', runId] as const,
  snapshot: (runId: string) => ['runs', 'one', runId, 'snapshot'] as const,
  metrics: (runId: string) => ['runs', 'one', runId, 'metrics'] as const,
  items: (runId: string) => ['runs', 'one', runId, 'items'] as const,
};

/**
 * Runs, page by page.
 * @param which tells this list from others
 * @param query what is asked for; "the last week" is another one each day
 */
export const runsQuery = (which: string, query: () => RunListQuery) =>
  infiniteQueryOptions({
    queryKey: runKeys.list(which),
    queryFn: ({ pageParam, signal }) =>
      client.listRuns({ query: { ...query(), limit: runsPageSize, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    // What changes is asked for run by run; asking again for every page would cost one call for each.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });

/** How many runs meet the filters. */
export const runCountQuery = (which: string, query: () => RunListQuery) =>
  queryOptions({
    queryKey: runKeys.count(which),
    queryFn: ({ signal }) => {
      const { sort: _, order: _order, metric: _metric, ...filter } = query();
      return client.countRuns({ query: filter, signal });
    },
  });

/** What the runs can be filtered by. */
export const runFacetsQuery = queryOptions({
  queryKey: runKeys.facets,
  queryFn: ({ signal }) => client.getRunFacets({ signal }),
  staleTime: 30_000,
});

export const runQuery = (runId: string) =>
  queryOptions({
    queryKey: [...runKeys.one(runId), 'run'],
    queryFn: ({ signal }) => client.getRun({ params: { id: runId }, signal }),
  });

export const runMetricsQuery = (runId: string) =>
  queryOptions({
    queryKey: runKeys.metrics(runId),
    queryFn: ({ signal }) => client.listRunMetrics({ params: { id: runId }, signal }),
    select: (page) => page.items,
  });

export type ItemsPage = Awaited<ReturnType<typeof client.listRunItems>>;

export type ItemFilter = Pick<
  NonNullable<ClientRequest<'listRunItems'>['query']>,
  | 'status'
  | 'errorClass'
  | 'metric'
  | 'min'
  | 'max'
  | 'passed'
  | 'category'
  | 'search'
  | 'sliceBy'
  | 'sliceValue'
  | 'sort'
>;

export const runItemsQuery = (runId: string, filter: ItemFilter) =>
  infiniteQueryOptions({
    queryKey: [...runKeys.items(runId), filter],
    queryFn: ({ pageParam, signal }) =>
      client.listRunItems({
        params: { id: runId },
        query: { ...filter, limit: 100, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });

/** The newest runs of a dataset, to choose one from. */
export const runChoicesQuery = (datasetId: string) =>
  queryOptions({
    queryKey: [...runKeys.all, 'choices', datasetId],
    queryFn: ({ signal }) => client.listRuns({ query: { datasetId, limit: 100 }, signal }),
    select: (page) => page.items,
  });
