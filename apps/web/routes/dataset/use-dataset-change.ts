import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Dataset, UpdateDataset } from '#libs/contracts';
import { client } from '../../queries/client.ts';
import { datasetKeys, datasetQuery } from '../../queries/datasets.ts';

/** What people may change of a dataset besides its versions, and whether it is deleted. */
export function useDatasetChange(datasetId: string) {
  const queries = useQueryClient();
  const params = { id: datasetId };
  const onSuccess = (answered: Dataset): void => {
    queries.setQueryData(datasetQuery(datasetId).queryKey, answered);
    void queries.invalidateQueries({ queryKey: datasetKeys.lists });
  };
  return {
    update: useMutation({
      mutationFn: (body: UpdateDataset) => client.updateDataset({ params, body }),
      onSuccess,
    }),
    remove: useMutation({
      mutationFn: async () => {
        await client.deleteDataset({ params });
        return client.getDataset({ params });
      },
      onSuccess,
    }),
    restore: useMutation({ mutationFn: () => client.restoreDataset({ params }), onSuccess }),
  };
}
