import { Button, Group, TextInput } from '@mantine/core';
import { useState, type FormEvent, type RefObject } from 'react';
import { ApiError } from '#libs/sdk';
import type { Run } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { faultsAt } from '../../components/schema-form/entries.ts';
import { fieldsOf } from '../../components/schema-form/schema.ts';
import { TextList } from '../../components/schema-form/text-list.tsx';
import { useRunChange } from './use-run-change.ts';
import styles from './actions.module.css';

const fields = fieldsOf({ properties: { name: { type: 'string' }, tags: { type: 'array' } } });

/** The run's name and tags, to be changed. */
export function EditRun({
  run,
  returnTo,
  onClose,
}: {
  run: Run;
  returnTo: RefObject<HTMLElement | null>;
  onClose: () => void;
}) {
  const announce = useAnnounce();
  const { update } = useRunChange(run.id);
  const [name, setName] = useState(run.name);
  const [tags, setTags] = useState(run.tags);
  const errors = update.error instanceof ApiError ? update.error.errors : [];
  const { faults, rest } = faultsAt('', fields, errors);
  const atFields = Object.keys(faults).length > 0 && rest.length === 0;
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const body = { name: name.trim(), tags: tags.filter((tag) => tag !== '') };
    update.mutate(body, {
      onSuccess: () => {
        announce('Saved');
        onClose();
      },
    });
  };
  return (
    <Dialog title="Rename, change tags" size="28rem" returnTo={returnTo} onClose={onClose}>
      <form onSubmit={save} noValidate className={styles.form}>
        <TextInput
          label="Name"
          data-autofocus
          value={name}
          error={faults.name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <TextList label="Tags" noun="a tag" value={tags} error={faults.tags} onChange={setTags} />
        {update.isError && !atFields && <ProblemPanel error={update.error} doing="save this" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Keep as it is
          </Button>
          <Button type="submit" disabled={update.isPending || name.trim() === ''}>
            {update.isPending ? 'Saving…' : 'Save'}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
