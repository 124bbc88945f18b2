import { Button, Group, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type RefObject } from 'react';
import { runView, type RunView } from '#libs/contracts';
import { useAnnounce } from '../../../components/announcer.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { ProblemPanel } from '../../../components/problem.tsx';
import { client } from '../../../queries/client.ts';
import { runViewsQuery } from '../../../queries/run-views.ts';
import type { RunsSearch } from '../search.ts';
import styles from './views.module.css';

interface Common {
  returnTo: RefObject<HTMLElement | null>;
  onClose: () => void;
}

/** Only what the address says. */
const storable = (search: RunsSearch): RunView['search'] =>
  runView.shape.search.parse(
    Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)),
  );

/** Saves what is shown under a name, or gives a view another one. A name that is taken is replaced. */
export function SaveView(
  props: Common & { saved: RunView[]; search: RunsSearch; renamed?: RunView },
) {
  const { saved, search, renamed, returnTo, onClose } = props;
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [name, setName] = useState(renamed?.name ?? '');
  const given = name.trim();
  const taken = saved.find((view) => view.name === given && view.id !== renamed?.id);
  const save = useMutation({
    mutationFn: () => {
      const what = storable(search);
      if (renamed)
        return client.updateRunView({ params: { id: renamed.id }, body: { name: given } });
      if (taken) return client.updateRunView({ params: { id: taken.id }, body: { search: what } });
      return client.createRunView({ body: { name: given, search: what } });
    },
    async onSuccess() {
      await queries.invalidateQueries({ queryKey: runViewsQuery.queryKey });
      announce('The view is saved');
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (given !== '') save.mutate();
  };
  return (
    <Dialog
      title={renamed ? 'Rename the view' : 'Save as a view'}
      size="24rem"
      returnTo={returnTo}
      onClose={onClose}
    >
      <form onSubmit={submit} noValidate className={styles.form}>
        <TextInput
          label="Name"
          data-autofocus
          maxLength={100}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <p className={styles.hint}>
          {taken && !renamed
            ? `There is a view of this name. It will show what you see now.`
            : 'Filters, order and columns, for everybody in the project.'}
        </p>
        {save.isError && <ProblemPanel error={save.error} doing="save the view" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Keep as it is
          </Button>
          <Button
            type="submit"
            disabled={
              given === '' || save.isPending || (renamed !== undefined && taken !== undefined)
            }
          >
            {taken && !renamed ? 'Replace' : 'Save'}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}

/** Deletes a view; runs stay as they are. */
export function DeleteView({ view, returnTo, onClose }: Common & { view: RunView }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const remove = useMutation({
    mutationFn: () => client.deleteRunView({ params: { id: view.id } }),
    async onSuccess() {
      await queries.invalidateQueries({ queryKey: runViewsQuery.queryKey });
      announce('The view is deleted');
      onClose();
    },
  });
  return (
    <Dialog
      title={`Delete the view “${view.name}”?`}
      size="24rem"
      returnTo={returnTo}
      onClose={onClose}
    >
      <div className={styles.form}>
        <p>It goes for everybody in the project. Runs stay as they are.</p>
        {remove.isError && <ProblemPanel error={remove.error} doing="delete the view" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={onClose}>
            Keep it
          </Button>
          <Button disabled={remove.isPending} onClick={() => remove.mutate()}>
            Delete the view
          </Button>
        </Group>
      </div>
    </Dialog>
  );
}
