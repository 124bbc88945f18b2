import { Button, Group, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { ApiError } from '#libs/sdk';
import type { Dataset } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { faultsAt } from '../../components/schema-form/entries.ts';
import { fieldsOf } from '../../components/schema-form/schema.ts';
import { TextList } from '../../components/schema-form/text-list.tsx';
import styles from './datasets.module.css';

const fields = fieldsOf({
  properties: {
    name: { type: 'string' },
    description: { type: 'string' },
    tags: { type: 'array' },
  },
});

type About = Pick<Dataset, 'name' | 'description' | 'tags'>;

/** Name, description and tags of a dataset, to be given or changed. */
export function AboutForm(props: {
  known: About;
  saving: { isPending: boolean; isError: boolean; error: unknown };
  words: { save: string; saving: string; doing: string };
  onSave: (about: About) => void;
  onClose: () => void;
}) {
  const { known, saving, words } = props;
  const [name, setName] = useState(known.name);
  const [description, setDescription] = useState(known.description ?? '');
  const [tags, setTags] = useState(known.tags);
  const errors = saving.error instanceof ApiError ? saving.error.errors : [];
  const { faults, rest } = faultsAt('', fields, errors);
  const atFields = Object.keys(faults).length > 0 && rest.length === 0;
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const about = description.trim();
    props.onSave({
      name: name.trim(),
      description: about === '' ? null : about,
      tags: tags.filter((tag) => tag !== ''),
    });
  };
  return (
    <form onSubmit={save} noValidate className={styles.form}>
      <TextInput
        label="Name"
        data-autofocus
        value={name}
        error={faults['name']}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Textarea
        label="Description"
        autosize
        minRows={2}
        maxRows={8}
        value={description}
        error={faults['description']}
        onChange={({ currentTarget }) => setDescription(currentTarget.value)}
      />
      <TextList label="Tags" noun="a tag" value={tags} error={faults['tags']} onChange={setTags} />
      {saving.isError && !atFields && <ProblemPanel error={saving.error} doing={words.doing} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={saving.isPending || name.trim() === ''}>
          {saving.isPending ? words.saving : words.save}
        </Button>
      </Group>
    </form>
  );
}
