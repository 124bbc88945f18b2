import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';

export const templateKeys = {
  all: ['templates'] as const,
  one: (id: string) => ['templates', 'one', id] as const,
};

export const templatesQuery = (deleted: boolean) =>
  infiniteQueryOptions({
    queryKey: [...templateKeys.all, 'list', deleted],
    queryFn: ({ pageParam, signal }) =>
      client.listTemplates({
        query: { cursor: pageParam, limit: 100, ...(deleted && { deleted }) },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

export const templateQuery = (id: string) =>
  queryOptions({
    queryKey: templateKeys.one(id),
    queryFn: ({ signal }) => client.getTemplate({ params: { id }, signal }),
  });

/** Which templates fit a dataset, best first. */
export const recommendationQuery = (datasetId: string) =>
  queryOptions({
    queryKey: [...templateKeys.all, 'recommended', datasetId],
    queryFn: ({ signal }) => client.recommendTemplates({ body: { datasetId }, signal }),
    select: (page) => page.items,
    staleTime: 60_000,
  });

/** Whether the items of a dataset have the shape that a template asks for. */
export const templateCheckQuery = (id: string, datasetId: string) =>
  queryOptions({
    queryKey: [...templateKeys.one(id), 'check', datasetId],
    queryFn: ({ signal }) =>
      client.checkTemplateDataset({ params: { id }, body: { datasetId }, signal }),
    retry: false,
  });
