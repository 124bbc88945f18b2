import { Button, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { z } from 'zod';
import { json, type Dataset, type ItemSchema } from '#libs/contracts';
import { ApiError } from '#libs/sdk';
import { useAnnounce } from '../../components/announcer.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { readJson } from '../../components/schema-form/entries.ts';
import { Scrollable } from '../../components/scrollable.tsx';
import { useDatasetChange } from './use-dataset-change.ts';
import styles from './dataset.module.css';

const parts: Omit<SchemaPartProps, 'dataset' | 'mayEdit'>[] = [
  {
    field: 'inputSchema',
    title: 'Input',
    none: 'Any input is taken.',
    example: {
      type: 'object',
      properties: { question: { type: 'string' } },
      required: ['question'],
    },
  },
  {
    field: 'expectedSchema',
    title: 'Expected',
    none: 'Any expected value is taken, and none.',
    example: { type: 'string', minLength: 1 },
  },
];

/** What items have to look like, from the next version on. */
export function Schemas({ dataset, mayEdit }: { dataset: Dataset; mayEdit: boolean }) {
  return (
    <div className={styles.section}>
      <p className={styles.soft}>
        JSON Schemas (draft 2020-12) that items have to meet. They hold for what is imported or
        edited from now on; versions that exist are neither checked nor changed.
      </p>
      {parts.map((part) => (
        <SchemaPart key={part.field} dataset={dataset} mayEdit={mayEdit} {...part} />
      ))}
    </div>
  );
}

interface SchemaPartProps {
  dataset: Dataset;
  mayEdit: boolean;
  field: 'inputSchema' | 'expectedSchema';
  title: string;
  none: string;
  example: ItemSchema;
}

function SchemaPart({ dataset, mayEdit, field, title, none, example }: SchemaPartProps) {
  const [editing, setEditing] = useState(false);
  const known = dataset[field];
  const text = JSON.stringify(known, null, 2);
  return (
    <section aria-labelledby={field}>
      <div className={styles.sectionHead}>
        <h2 id={field}>{title}</h2>
        {!editing && (
          <span className={styles.buttons}>
            {known !== null && <CopyButton text={text} label={`Copy the schema of ${title}`} />}
            {mayEdit && (
              <Button
                variant="default"
                size="compact-xs"
                aria-label={`${known === null ? 'Add a' : 'Edit the'} schema for ${title.toLowerCase()}`}
                onClick={() => setEditing(true)}
              >
                {known === null ? 'Add a schema' : 'Edit'}
              </Button>
            )}
          </span>
        )}
      </div>
      {editing ? (
        <SchemaForm
          datasetId={dataset.id}
          field={field}
          title={title}
          known={known}
          example={example}
          onDone={() => setEditing(false)}
        />
      ) : known === null ? (
        <p className={styles.soft}>{none}</p>
      ) : (
        <Scrollable className={styles.schema} label={`Schema of ${title}`}>
          <pre>{text}</pre>
        </Scrollable>
      )}
    </section>
  );
}

const schemaObject = z.record(z.string(), json);

function SchemaForm(props: {
  datasetId: string;
  field: 'inputSchema' | 'expectedSchema';
  title: string;
  known: ItemSchema | null;
  example: ItemSchema;
  onDone: () => void;
}) {
  const { datasetId, field, title, known, example, onDone } = props;
  const announce = useAnnounce();
  const { update } = useDatasetChange(datasetId);
  const [text, setText] = useState(() => JSON.stringify(known ?? example, null, 2));
  const [fault, setFault] = useState<string>();
  const send = (schema: ItemSchema | null): void =>
    update.mutate(
      { [field]: schema },
      {
        onSuccess: () => {
          announce(schema === null ? 'The schema is removed' : 'The schema is saved');
          onDone();
        },
      },
    );
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const read = readJson(text);
    const schema = 'value' in read ? schemaObject.safeParse(read.value) : undefined;
    if (schema?.success) {
      setFault(undefined);
      send(schema.data);
    } else setFault('fault' in read ? read.fault : 'must be a JSON object');
  };
  const errors = update.error instanceof ApiError ? update.error.errors : [];
  const refused = errors.filter((error) => error.field?.startsWith(field));
  const told = fault ?? (refused.map(({ message }) => message).join('; ') || undefined);
  return (
    <form onSubmit={save} noValidate className={styles.form}>
      <Textarea
        label={`JSON Schema of ${title.toLowerCase()}`}
        data-autofocus
        autosize
        minRows={6}
        maxRows={28}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mono)' } }}
        value={text}
        error={told}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      {update.isError && refused.length === 0 && (
        <ProblemPanel error={update.error} doing="save the schema" />
      )}
      <div className={styles.buttons}>
        <Button type="submit" size="xs" disabled={update.isPending}>
          {update.isPending ? 'Saving…' : 'Save'}
        </Button>
        <Button variant="default" size="xs" onClick={onDone}>
          Cancel
        </Button>
        {known !== null && (
          <Button
            variant="default"
            size="xs"
            disabled={update.isPending}
            onClick={() => send(null)}
          >
            Remove the schema
          </Button>
        )}
      </div>
    </form>
  );
}
