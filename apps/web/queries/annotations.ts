import { queryOptions } from '@tanstack/react-query';
import type { HumanMetric } from '#libs/contracts';
import { client } from './client.ts';

/** Human metrics lie below `metrics`, what was said of the items of a run below `of(runId)`. */
export const annotationKeys = {
  metrics: ['human-metrics'] as const,
  all: ['annotations'] as const,
  of: (runId: string) => ['annotations', runId] as const,
};

/** All human metrics of the project, by name: two hundred at most, the archived ones among them. */
export const humanMetricsQuery = (archived: boolean) =>
  queryOptions({
    queryKey: [...annotationKeys.metrics, { archived }],
    queryFn: async ({ signal }): Promise<HumanMetric[]> => {
      const query = { limit: 200, ...(archived && { archived: true }) };
      return (await client.listHumanMetrics({ query, signal })).items;
    },
  });

export const itemAnnotationsQuery = (runId: string, no: number) =>
  queryOptions({
    queryKey: [...annotationKeys.of(runId), no],
    queryFn: ({ signal }) => client.getItemAnnotations({ params: { id: runId, no }, signal }),
  });
