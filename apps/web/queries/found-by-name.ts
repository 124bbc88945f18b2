import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';

/** Of each kind that many, the newest first. */
const LIMIT = 6;

/** Runs and datasets with a text in their names; without one, the newest. */
export const foundByNameQuery = (text: string) =>
  queryOptions({
    queryKey: ['found-by-name', text],
    queryFn: async ({ signal }) => {
      const [runs, datasets] = await Promise.all([
        client.listRuns({ query: { limit: LIMIT, ...(text !== '' && { name: text }) }, signal }),
        client.listDatasets({
          query: { limit: LIMIT, ...(text !== '' && { search: text }) },
          signal,
        }),
      ]);
      return { runs: runs.items, datasets: datasets.items };
    },
    placeholderData: keepPreviousData,
  });
