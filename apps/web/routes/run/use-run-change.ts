import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Run, UpdateRun } from '#libs/contracts';
import { client } from '../../queries/client.ts';
import { runKeys, runQuery } from '../../queries/runs.ts';

/** What people may change of a run: its name and tags, and whether it is deleted. */
export function useRunChange(runId: string) {
  const queries = useQueryClient();
  const params = { id: runId };
  const onSuccess = (answered: Run): void => {
    queries.setQueryData(runQuery(runId).queryKey, answered);
    void queries.invalidateQueries({ queryKey: runKeys.lists });
  };
  return {
    update: useMutation({
      mutationFn: (body: UpdateRun) => client.updateRun({ params, body }),
      onSuccess,
    }),
    remove: useMutation({
      mutationFn: async () => {
        await client.deleteRun({ params });
        return client.getRun({ params });
      },
      onSuccess,
    }),
    restore: useMutation({ mutationFn: () => client.restoreRun({ params }), onSuccess }),
  };
}
