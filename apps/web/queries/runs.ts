import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { ClientRequest } from '#libs/sdk';
import type { RunState } from '#libs/contracts';
import { client } from './client.ts';

/** Which runs a list shows; deleted ones only where that is asked for. */
export interface RunsFilter {
  state?: RunState | undefined;
  deleted?: boolean | undefined;
}

/** Everything about runs in the cache lies below `all`, and about one run below `one(id)`. */
export const runKeys = {
  all: ['runs'] as const,
  lists: ['runs', 'list'] as const,
  list: (which: RunsFilter) => ['runs', 'list', which] as const,
  one: (runId: string) => ['runs', 'one', runId] as const,
  snapshot: (runId: string) => ['runs', 'one', runId, 'snapshot'] as const,
  metrics: (runId: string) => ['runs', 'one', runId, 'metrics'] as const,
  items: (runId: string) => ['runs', 'one', runId, 'items'] as const,
};

export const runsQuery = (which: RunsFilter) =>
  infiniteQueryOptions({
    queryKey: runKeys.list(which),
    queryFn: ({ pageParam, signal }) =>
      client.listRuns({ query: { ...which, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    // Its head is polled on its own; asking again for every page would cost one call for each.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
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
