import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { CreateDataset } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { client } from '../../queries/client.ts';
import { datasetKeys, datasetQuery } from '../../queries/datasets.ts';
import { AboutForm } from './about-form.tsx';

/** Creates a dataset, and goes there. */
export function NewDataset({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const announce = useAnnounce();
  const create = useMutation({
    mutationFn: (body: CreateDataset) => client.createDataset({ body }),
    onSuccess: (dataset) => {
      queries.setQueryData(datasetQuery(dataset.id).queryKey, dataset);
      void queries.invalidateQueries({ queryKey: datasetKeys.lists });
      announce(`${dataset.name} is created`);
      void navigate({ to: '/datasets/$datasetId', params: { datasetId: dataset.id } });
    },
  });
  return (
    <Dialog title="New dataset" size="30rem" onClose={onClose}>
      <AboutForm
        known={{ name: '', description: null, tags: [] }}
        saving={create}
        words={{ save: 'Create', saving: 'Creating…', doing: 'create the dataset' }}
        onSave={(about) => create.mutate(about)}
        onClose={onClose}
      />
    </Dialog>
  );
}
