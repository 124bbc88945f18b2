import { queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';

/** The names of the project's providers: the first hundred are enough to choose from. */
export const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: ({ signal }) => client.listProviders({ query: { limit: 100 }, signal }),
  select: (page) => page.items.map(({ name }) => name),
});
