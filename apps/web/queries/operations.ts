import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { ClientRequest } from '#libs/sdk';
import type { queueName, RetryFailures } from '#libs/contracts';
import type { z } from 'zod';
import { client } from './client.ts';
import { pages } from './pages.ts';

export type QueueName = z.infer<typeof queueName>;

/** All that admins of the instance see lies below `all`. */
export const operationKeys = {
  all: ['operations'] as const,
  queues: ['operations', 'queues'] as const,
  /** Beside the others: it comes by itself, and is never asked for. */
  liveCounts: ['queue-counts'] as const,
  failures: ['operations', 'failures'] as const,
};

export const queuesQuery = queryOptions({
  queryKey: operationKeys.queues,
  queryFn: ({ signal }) => client.listQueues({ signal }),
  select: (page) => page.items,
});

export const scalingQuery = (target: number) =>
  queryOptions({
    queryKey: [...operationKeys.all, 'scaling', target],
    queryFn: ({ signal }) => client.getScaling({ query: { target }, signal }),
  });

export const workersQuery = queryOptions({
  queryKey: [...operationKeys.all, 'workers'],
  queryFn: ({ signal }) => client.listWorkers({ signal }),
  select: (page) => page.items,
});

export const replicasQuery = queryOptions({
  queryKey: [...operationKeys.all, 'replicas'],
  queryFn: ({ signal }) => client.listReplicas({ signal }),
  select: (page) => page.items,
});

export const failuresQuery = (
  which: Pick<NonNullable<ClientRequest<'listFailures'>['query']>, 'errorClass' | 'runId'>,
) =>
  infiniteQueryOptions({
    queryKey: [...operationKeys.failures, 'counts', which],
    queryFn: ({ pageParam, signal }) =>
      client.listFailures({ query: { ...which, limit: 100, cursor: pageParam }, signal }),
    ...pages,
  });

export const failedItemsQuery = (
  which: Pick<
    NonNullable<ClientRequest<'listFailedItems'>['query']>,
    'errorClass' | 'runId' | 'from' | 'to'
  >,
) =>
  infiniteQueryOptions({
    queryKey: [...operationKeys.failures, 'items', which],
    queryFn: ({ pageParam, signal }) =>
      client.listFailedItems({ query: { ...which, limit: 100, cursor: pageParam }, signal }),
    ...pages,
  });

export const failedJobsQuery = (
  queue: QueueName,
  which: Pick<NonNullable<ClientRequest<'listFailedJobs'>['query']>, 'runId' | 'from' | 'to'>,
) =>
  infiniteQueryOptions({
    queryKey: [...operationKeys.failures, 'jobs', queue, which],
    queryFn: ({ pageParam, signal }) =>
      client.listFailedJobs({
        params: { queue },
        query: { ...which, limit: 100, cursor: pageParam },
        signal,
      }),
    ...pages,
  });

/** What a retry would touch; asked for anew each time that somebody is about to do it. */
export const retryPreviewQuery = (request: Omit<RetryFailures, 'dryRun'>) =>
  queryOptions({
    queryKey: [...operationKeys.all, 'retry', request],
    queryFn: ({ signal }) => client.retryFailures({ body: { ...request, dryRun: true }, signal }),
    staleTime: 0,
    gcTime: 0,
  });

export const auditQuery = (
  which: Pick<NonNullable<ClientRequest<'listAuditEvents'>['query']>, 'action' | 'from' | 'to'>,
) =>
  infiniteQueryOptions({
    queryKey: [...operationKeys.all, 'audit', which],
    queryFn: ({ pageParam, signal }) =>
      client.listAuditEvents({ query: { ...which, limit: 100, cursor: pageParam }, signal }),
    ...pages,
  });
