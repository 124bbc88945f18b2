import { ActionIcon, Menu } from '@mantine/core';
import { Ellipsis, PencilLine, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Dataset } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { AboutForm } from '../datasets/about-form.tsx';
import { useDatasetChange } from './use-dataset-change.ts';

/** What changes how people find the dataset, and nothing of its versions; for those who may write. */
export function EditMenu({ dataset }: { dataset: Dataset }) {
  const announce = useAnnounce();
  const { update, remove } = useDatasetChange(dataset.id);
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const removeNow = (): void =>
    remove.mutate(undefined, {
      onSuccess: () => announce('The dataset is deleted. Restore takes that back.'),
    });
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={260} withinPortal={false}>
        <Menu.Target>
          <ActionIcon
            ref={button}
            variant="default"
            size={30}
            aria-label="More actions"
            title="More actions"
          >
            <Ellipsis size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<PencilLine size={15} aria-hidden />}
            onClick={() => setEditing(true)}
          >
            Rename, change description, tags
          </Menu.Item>
          <Menu.Item
            leftSection={<Trash2 size={15} aria-hidden />}
            disabled={remove.isPending}
            onClick={removeNow}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {remove.isError && (
        <ProblemPanel error={remove.error} doing="delete this dataset" onRetry={removeNow} />
      )}
      {editing && (
        <Dialog
          title="Name, description, tags"
          size="30rem"
          returnTo={button}
          onClose={() => setEditing(false)}
        >
          <AboutForm
            known={dataset}
            saving={update}
            words={{ save: 'Save', saving: 'Saving…', doing: 'save this' }}
            onSave={(about) =>
              update.mutate(about, {
                onSuccess: () => {
                  announce('Saved');
                  setEditing(false);
                },
              })
            }
            onClose={() => setEditing(false)}
          />
        </Dialog>
      )}
    </>
  );
}
