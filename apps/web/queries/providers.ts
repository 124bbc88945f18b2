import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';
import { pages } from './pages.ts';

/** The names of the project's providers: the first hundred are enough to choose from. */
export const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: ({ signal }) => client.listProviders({ query: { limit: 100 }, signal }),
  select: (page) => page.items.map(({ name }) => name),
});

/** Providers with the models that they have prices for, which are the ones that are used. */
export const providerChoicesQuery = queryOptions({
  ...providersQuery,
  select: (page) => page.items.map(({ name, prices }) => ({ name, models: Object.keys(prices) })),
});

/** The names of the secrets that headers can name; their values never leave the server. */
export const secretsQuery = queryOptions({
  queryKey: ['secrets'],
  queryFn: ({ signal }) => client.listSecrets({ query: { limit: 100 }, signal }),
  select: (page) => page.items.map(({ name }) => name),
});

export const providerListQuery = infiniteQueryOptions({
  queryKey: ['providers', 'list'],
  queryFn: ({ pageParam, signal }) =>
    client.listProviders({ query: { limit: 100, cursor: pageParam }, signal }),
  ...pages,
});

export const secretListQuery = infiniteQueryOptions({
  queryKey: ['secrets', 'list'],
  queryFn: ({ pageParam, signal }) =>
    client.listSecrets({ query: { limit: 100, cursor: pageParam }, signal }),
  ...pages,
});

/** The newest two hundred runs: who uses a provider or a secret is looked for among them. */
export const recentRunsQuery = queryOptions({
  queryKey: ['runs', 'recent'],
  queryFn: ({ signal }) => client.listRuns({ query: { limit: 200 }, signal }),
  select: (page) => page.items,
  staleTime: 30_000,
});
