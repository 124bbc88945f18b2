import { queryOptions } from '@tanstack/react-query';
import { runViewLimits } from '#libs/contracts';
import { client } from './client.ts';

/** The saved views of the list of runs: all that a project may have. */
export const runViewsQuery = queryOptions({
  queryKey: ['run-views'],
  queryFn: ({ signal }) => client.listRunViews({ query: { limit: runViewLimits.views }, signal }),
  select: (page) => page.items,
  staleTime: 30_000,
});
