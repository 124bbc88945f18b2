import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';

export const promptKeys = {
  all: ['prompts'] as const,
  one: (id: string) => ['prompts', 'one', id] as const,
};

export const promptsQuery = (deleted: boolean) =>
  infiniteQueryOptions({
    queryKey: [...promptKeys.all, 'list', deleted],
    queryFn: ({ pageParam, signal }) =>
      client.listPrompts({
        query: { cursor: pageParam, limit: 100, ...(deleted && { deleted }) },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

/** The newest prompts, to choose from. */
export const promptChoicesQuery = queryOptions({
  queryKey: [...promptKeys.all, 'choices'],
  queryFn: ({ signal }) => client.listPrompts({ query: { limit: 200 }, signal }),
  select: (page) => page.items,
});

export const promptQuery = (id: string) =>
  queryOptions({
    queryKey: promptKeys.one(id),
    queryFn: ({ signal }) => client.getPrompt({ params: { id }, signal }),
  });

export const promptVersionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: [...promptKeys.one(id), 'versions'],
    queryFn: ({ pageParam, signal }) =>
      client.listPromptVersions({
        params: { id },
        query: { cursor: pageParam, limit: 100 },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
