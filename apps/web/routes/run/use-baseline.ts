import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Run } from '#libs/contracts';
import { client } from '../../queries/client.ts';
import { baselineQuery, gateKeys } from '../../queries/gates.ts';

/** The pinned baseline of the run's dataset, and how this run becomes it, or is it no more. */
export function useBaseline({ id: runId, datasetId }: Pick<Run, 'id' | 'datasetId'>) {
  const queries = useQueryClient();
  const params = { id: datasetId };
  const baseline = useQuery(baselineQuery(datasetId)).data;
  const onSettled = () => queries.invalidateQueries({ queryKey: gateKeys.baselines });
  return {
    /** Undefined until it is known; null: none is pinned. */
    baseline,
    isBaseline: baseline?.runId === runId,
    pin: useMutation({
      mutationFn: () => client.pinBaseline({ params, body: { runId } }),
      onSettled,
    }),
    unpin: useMutation({ mutationFn: () => client.unpinBaseline({ params }), onSettled }),
  };
}
