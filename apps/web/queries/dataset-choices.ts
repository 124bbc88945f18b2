import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';

/** The newest datasets that a text is found in, to choose from. */
export const datasetChoicesQuery = (search: string) =>
  queryOptions({
    queryKey: ['datasets', 'choices', search],
    queryFn: ({ signal }) =>
      client.listDatasets({
        query: { limit: 50, ...(search !== '' && { search }) },
        signal,
      }),
    select: (page) => page.items,
    placeholderData: keepPreviousData,
  });

export const chosenDatasetQuery = (id: string) =>
  queryOptions({
    queryKey: ['datasets', 'chosen', id],
    queryFn: ({ signal }) => client.getDataset({ params: { id }, signal }),
  });

/** The newest versions of a dataset, to choose from. */
export const versionChoicesQuery = (id: string) =>
  queryOptions({
    queryKey: ['datasets', 'chosen', id, 'versions'],
    queryFn: ({ signal }) =>
      client.listDatasetVersions({ params: { id }, query: { limit: 100 }, signal }),
    select: (page) => page.items,
  });

/** The splits and tags of a version, each with how many items have it. */
export const versionPartsQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ['datasets', 'chosen', id, 'parts', version],
    queryFn: ({ signal }) => client.getVersionSummary({ params: { id, version }, signal }),
    select: ({ splits, tags }) => ({
      splits: splits.flatMap(({ split, items }) =>
        split === null ? [] : [{ value: split, items }],
      ),
      tags: tags.map(({ tag, items }) => ({ value: tag, items })),
    }),
    // A version never changes.
    staleTime: Infinity,
  });

/** The first items of a version: what they look like, and what a prompt can name. */
export const firstItemsQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ['datasets', 'chosen', id, 'first-items', version],
    queryFn: ({ signal }) =>
      client.listDatasetItems({ params: { id, version }, query: { limit: 50 }, signal }),
    select: (page) => page.items,
    staleTime: Infinity,
  });
