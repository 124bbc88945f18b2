import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { RetryRun } from '#libs/contracts';
import { client } from '../../queries/client.ts';
import { runKeys, runQuery } from '../../queries/runs.ts';

/** Opens items of a run again, or continues one that stopped early. */
export function useRetry(runId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (how: RetryRun) => client.retryRun({ params: { id: runId }, body: how }),
    onSuccess: (answered) => {
      queries.setQueryData(runQuery(runId).queryKey, answered);
      void queries.invalidateQueries({ queryKey: runKeys.lists });
    },
  });
}
