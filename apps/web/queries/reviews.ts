import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { ExportFormat } from '#libs/contracts';
import { client } from './client.ts';
import { pages } from './pages.ts';

/** Everything about review queues in the cache lies below `all`, and about one of them below `one(id)`. */
export const reviewKeys = {
  all: ['reviews'] as const,
  lists: ['reviews', 'list'] as const,
  one: (queueId: string) => ['reviews', 'one', queueId] as const,
  snapshot: (queueId: string) => ['reviews', 'snapshot', queueId] as const,
  items: (queueId: string) => ['reviews', 'one', queueId, 'items'] as const,
  agreement: (queueId: string) => ['reviews', 'one', queueId, 'agreement'] as const,
};

export const reviewQueuesQuery = (deleted: boolean) =>
  infiniteQueryOptions({
    queryKey: [...reviewKeys.lists, { deleted }],
    queryFn: ({ pageParam, signal }) =>
      client.listReviewQueues({
        query: { limit: 50, cursor: pageParam, ...(deleted && { deleted: true }) },
        signal,
      }),
    ...pages,
  });

/** The newest two hundred queues, to choose one from. */
export const reviewQueueNamesQuery = queryOptions({
  queryKey: [...reviewKeys.lists, 'names'],
  queryFn: ({ signal }) => client.listReviewQueues({ query: { limit: 200 }, signal }),
  select: (page) => page.items,
});

export const reviewQueueQuery = (queueId: string) =>
  queryOptions({
    queryKey: [...reviewKeys.one(queueId), 'queue'],
    queryFn: ({ signal }) => client.getReviewQueue({ params: { id: queueId }, signal }),
  });

/** Which items of a queue are listed. */
export interface ReviewItemsFilter {
  complete?: boolean | undefined;
  mine?: 'done' | 'skipped' | undefined;
}

export const reviewItemsQuery = (queueId: string, filter: ReviewItemsFilter) =>
  infiniteQueryOptions({
    queryKey: [...reviewKeys.items(queueId), filter],
    queryFn: ({ pageParam, signal }) =>
      client.listReviewItems({
        params: { id: queueId },
        query: { ...filter, limit: 100, cursor: pageParam },
        signal,
      }),
    ...pages,
  });

export const reviewAgreementQuery = (queueId: string, humanMetricId: string) =>
  queryOptions({
    queryKey: [...reviewKeys.agreement(queueId), humanMetricId],
    queryFn: ({ signal }) =>
      client.getReviewAgreement({ params: { id: queueId }, query: { humanMetricId }, signal }),
  });

export interface ComparedJudge {
  humanMetricId: string;
  runId: string;
  metric: string;
  threshold?: number | undefined;
}

export const judgeAgreementQuery = (queueId: string, judge: ComparedJudge) =>
  queryOptions({
    queryKey: [...reviewKeys.agreement(queueId), 'judge', judge],
    queryFn: ({ signal }) =>
      client.getJudgeAgreement({ params: { id: queueId }, query: judge, signal }),
  });

/** The newest completed runs whose name has this in it, to add items of. */
export const reviewableRunsQuery = (search: string) =>
  queryOptions({
    queryKey: ['runs', 'reviewable', search],
    queryFn: ({ signal }) =>
      client.listRuns({ query: { limit: 50, ...(search !== '' && { name: search }) }, signal }),
    select: (page) => page.items,
  });

/** Where what people scored in a queue is downloaded from. */
export const reviewsAddress = (queueId: string, format: ExportFormat): string =>
  `/api/v1/review-queues/${queueId}/export?format=${format}`;
