import { Button, Group, TagsInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { Run } from '#libs/contracts';
import { Dialog } from '../../../components/dialog.tsx';
import { runFacetsQuery } from '../../../queries/runs.ts';
import { countOf } from './in-words.ts';
import type { Bulk } from './use-bulk.ts';
import styles from './bulk-bar.module.css';

/** Adds tags to runs, and takes tags away that some of them have. */
export function TagDialog({
  runs,
  bulk,
  onClose,
}: {
  runs: Run[];
  bulk: Bulk;
  onClose: () => void;
}) {
  const { data: facets } = useQuery(runFacetsQuery);
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const present = [...new Set(runs.flatMap(({ tags }) => tags))].toSorted();
  const save = (event: FormEvent): void => {
    event.preventDefault();
    bulk.give({ action: 'tag', add, remove }, runs);
    onClose();
  };
  return (
    <Dialog title={`Tag ${countOf(runs.length)}`} size="28rem" onClose={onClose}>
      <form onSubmit={save} className={styles.form}>
        <TagsInput
          label="Add"
          description="Enter after each"
          data-autofocus
          data={facets?.tags ?? []}
          value={add}
          maxLength={100}
          splitChars={[]}
          acceptValueOnBlur
          onChange={setAdd}
        />
        {present.length > 0 && (
          <fieldset className={styles.present}>
            <legend>Remove</legend>
            {present.map((tag) => (
              <label key={tag} className={styles.tag}>
                <input
                  type="checkbox"
                  checked={remove.includes(tag)}
                  onChange={() =>
                    setRemove(
                      remove.includes(tag) ? remove.filter((one) => one !== tag) : [...remove, tag],
                    )
                  }
                />
                {tag}
              </label>
            ))}
          </fieldset>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Keep as it is
          </Button>
          <Button type="submit" disabled={add.length + remove.length === 0}>
            Save
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
