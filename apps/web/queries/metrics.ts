import { queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';

/** The whole catalogue: it comes with the server's code, so it changes only with that. */
export const metricsQuery = queryOptions({
  queryKey: ['metrics'],
  queryFn: ({ signal }) => client.listMetrics({ signal }),
  select: (page) => page.items,
  staleTime: 300_000,
});

export const metricQuery = (name: string) =>
  queryOptions({
    queryKey: ['metrics', name],
    queryFn: ({ signal }) => client.getMetric({ params: { name }, signal }),
    staleTime: 300_000,
  });
