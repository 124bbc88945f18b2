import { ActionIcon, Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Trash2, Undo2 } from 'lucide-react';
import { createContext, useContext } from 'react';
import type { Dataset } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RowActionContext } from '../../components/row-action.tsx';
import { client } from '../../queries/client.ts';
import { datasetKeys } from '../../queries/datasets.ts';
import styles from './datasets.module.css';

/** Datasets are deleted one by one from the list; the last one can be taken back. */
export function useDeletion() {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const onSettled = () => queries.invalidateQueries({ queryKey: datasetKeys.all });
  const remove = useMutation({
    mutationFn: async (dataset: Dataset) => {
      await client.deleteDataset({ params: { id: dataset.id } });
      return dataset;
    },
    onSuccess: ({ name }) => announce(`${name} is deleted`),
    onSettled,
  });
  const undo = useMutation({
    mutationFn: ({ id }: Dataset) => client.restoreDataset({ params: { id } }),
    onSuccess: ({ name }) => {
      announce(`${name} is restored`);
      remove.reset();
    },
    onSettled,
  });
  return { remove, undo };
}

/** Nothing where nobody may delete. */
export const DeleteContext = createContext<((dataset: Dataset) => void) | undefined>(undefined);

/** Deletes the dataset of its row. */
export function DeleteCell({ dataset }: { dataset: Dataset }) {
  const onDelete = useContext(DeleteContext);
  const tabbable = useContext(RowActionContext);
  if (!onDelete || dataset.deletedAt !== null) return null;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      className={styles.delete}
      aria-label={`Delete ${dataset.name}`}
      title="Delete; this can be undone"
      tabIndex={tabbable ? 0 : -1}
      onClick={() => onDelete(dataset)}
    >
      <Trash2 size={15} aria-hidden />
    </ActionIcon>
  );
}

/** What was deleted last, and the way back. */
export function Deleted({ remove, undo }: ReturnType<typeof useDeletion>) {
  const { data: dataset, variables } = remove;
  if (remove.isError && variables) {
    return (
      <ProblemPanel
        error={remove.error}
        doing={`delete ${variables.name}`}
        onRetry={() => remove.mutate(variables)}
      />
    );
  }
  if (!dataset) return null;
  return (
    <section className={styles.undo} aria-label="Deleted">
      <p>“{dataset.name}” is deleted. Its runs stay, and it can be restored at any time.</p>
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<Undo2 size={13} aria-hidden />}
        disabled={undo.isPending}
        onClick={() => undo.mutate(dataset)}
      >
        Undo
      </Button>
      {undo.isError && <ProblemPanel error={undo.error} doing="restore this dataset" />}
    </section>
  );
}
