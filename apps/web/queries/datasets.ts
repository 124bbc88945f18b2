import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { ItemChange } from '#libs/contracts';
import type { ClientRequest } from '#libs/sdk';
import { client } from './client.ts';

/** Which datasets a list shows; deleted ones only where that is asked for. */
export interface DatasetsFilter {
  search?: string | undefined;
  tag?: string | undefined;
  deleted?: boolean | undefined;
}

/** Everything about datasets in the cache lies below `all`, and about one dataset below `one(id)`. */
export const datasetKeys = {
  all: ['datasets'] as const,
  lists: ['datasets', 'list'] as const,
  one: (datasetId: string) => ['datasets', 'one', datasetId] as const,
  versions: (datasetId: string) => ['datasets', 'one', datasetId, 'versions'] as const,
};

/** Versions never change: what was read of one is never asked for again. */
const ofVersion = { staleTime: Infinity, refetchOnWindowFocus: false } as const;
const pages = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: { nextCursor: string | null }) => page.nextCursor ?? undefined,
};

export const datasetsQuery = (which: DatasetsFilter) =>
  infiniteQueryOptions({
    queryKey: [...datasetKeys.lists, which],
    queryFn: ({ pageParam, signal }) =>
      client.listDatasets({ query: { ...which, cursor: pageParam }, signal }),
    ...pages,
  });

export const datasetQuery = (datasetId: string) =>
  queryOptions({
    queryKey: [...datasetKeys.one(datasetId), 'dataset'],
    queryFn: ({ signal }) => client.getDataset({ params: { id: datasetId }, signal }),
  });

export const versionsQuery = (datasetId: string) =>
  infiniteQueryOptions({
    queryKey: datasetKeys.versions(datasetId),
    queryFn: ({ pageParam, signal }) =>
      client.listDatasetVersions({
        params: { id: datasetId },
        query: { cursor: pageParam },
        signal,
      }),
    ...pages,
  });

export type ItemsFilter = Pick<
  NonNullable<ClientRequest<'listDatasetItems'>['query']>,
  'search' | 'split' | 'tag'
>;

export const itemsQuery = (datasetId: string, version: number, filter: ItemsFilter) =>
  infiniteQueryOptions({
    queryKey: [...datasetKeys.one(datasetId), 'items', version, filter],
    queryFn: ({ pageParam, signal }) =>
      client.listDatasetItems({
        params: { id: datasetId, version },
        query: { ...filter, limit: 100, cursor: pageParam },
        signal,
      }),
    ...pages,
    ...ofVersion,
  });

/** One item by its key; null where the version has none of it. */
export const itemQuery = (datasetId: string, version: number, key: string) =>
  queryOptions({
    queryKey: [...datasetKeys.one(datasetId), 'item', version, key],
    queryFn: async ({ signal }) => {
      const params = { id: datasetId, version };
      const page = await client.listDatasetItems({ params, query: { key }, signal });
      return page.items[0] ?? null;
    },
    ...ofVersion,
  });

export const summaryQuery = (datasetId: string, version: number) =>
  queryOptions({
    queryKey: [...datasetKeys.one(datasetId), 'summary', version],
    queryFn: ({ signal }) =>
      client.getVersionSummary({ params: { id: datasetId, version }, signal }),
    ...ofVersion,
  });

export interface DifferenceOf {
  datasetId: string;
  from: number | undefined;
  to: number;
  change: ItemChange | undefined;
}

export const differenceQuery = ({ datasetId, from, to, change }: DifferenceOf) =>
  infiniteQueryOptions({
    queryKey: [...datasetKeys.one(datasetId), 'difference', { from, to, change }],
    queryFn: ({ pageParam, signal }) =>
      client.compareDatasetVersions({
        params: { id: datasetId, version: to },
        query: { from, change, limit: 50, cursor: pageParam },
        signal,
      }),
    ...pages,
    ...ofVersion,
  });

export const datasetRunsQuery = (datasetId: string) =>
  infiniteQueryOptions({
    queryKey: [...datasetKeys.one(datasetId), 'runs'],
    queryFn: ({ pageParam, signal }) =>
      client.listRuns({ query: { datasetId, cursor: pageParam }, signal }),
    ...pages,
  });
