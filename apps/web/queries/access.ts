import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';
import { pages } from './pages.ts';

export const keysQuery = infiniteQueryOptions({
  queryKey: ['keys'],
  queryFn: ({ pageParam, signal }) =>
    client.listKeys({ query: { limit: 100, cursor: pageParam }, signal }),
  ...pages,
});

export const projectsQuery = infiniteQueryOptions({
  queryKey: ['projects'],
  queryFn: ({ pageParam, signal }) =>
    client.listProjects({ query: { limit: 100, cursor: pageParam }, signal }),
  ...pages,
});

/** The newest two hundred projects, to name what an id means. */
export const projectNamesQuery = queryOptions({
  queryKey: ['projects', 'names'],
  queryFn: ({ signal }) => client.listProjects({ query: { limit: 200 }, signal }),
  select: (page) => page.items,
  staleTime: 60_000,
});
