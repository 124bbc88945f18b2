import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client } from './client.ts';
import { runKeys } from './runs.ts';

/** How the values of one metric of a run lie, or of what its target used. */
export const runDistributionQuery = (runId: string, metric: string) =>
  queryOptions({
    queryKey: [...runKeys.one(runId), 'distribution', metric],
    queryFn: ({ signal }) =>
      client.getRunDistribution({ params: { id: runId }, query: { metric }, signal }),
    staleTime: 10_000,
  });

export const runSlicesQuery = (runId: string, query: { metric: string; by: string }) =>
  queryOptions({
    queryKey: [...runKeys.one(runId), 'slices', query],
    queryFn: ({ signal }) => client.getRunSlices({ params: { id: runId }, query, signal }),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });

/** What a metric asked of its judge about an item, as it stands after its last attempt. */
export const judgePromptsQuery = (
  runId: string,
  { no, attempt }: { no: number; attempt: number },
  metric: string,
) =>
  queryOptions({
    queryKey: ['judge-prompts', runId, no, attempt, metric],
    queryFn: ({ signal }) =>
      client.getJudgePrompts({ params: { id: runId, no }, query: { metric }, signal }),
    staleTime: Infinity,
  });
