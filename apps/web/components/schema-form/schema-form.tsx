import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Json } from '#libs/contracts';
import {
  faultsWithin,
  groupOf,
  isEntered,
  type Entries,
  type Entry,
  type Faults,
} from './entries.ts';
import type { Field } from './schema.ts';
import { TextList } from './text-list.tsx';
import styles from './schema-form.module.css';

export interface SchemaFormProps {
  fields: readonly Field[];
  entries: Entries;
  onChange: (name: string, entry: Entry | undefined) => void;
  faults?: Faults | undefined;
  /** What there is to choose from in fields for a text, by their path, such as `model.provider`. */
  choices?: Choices | undefined;
}

type Choices = Readonly<Record<string, readonly string[] | undefined>>;

/** The controls for the fields of a JSON Schema, to stand in a form with a button of its own. */
export function SchemaForm(props: SchemaFormProps) {
  const { fields, entries, onChange, faults = {}, choices = {} } = props;
  return (
    <div className={styles.fields}>
      {fields.map((field) =>
        field.kind === 'group' ? (
          <Group
            key={field.name}
            field={field}
            entries={groupOf(entries[field.name])}
            fault={faults[field.name]}
            faults={faultsWithin(faults, field.name)}
            choices={within(choices, field.name)}
            onChange={(entry) => onChange(field.name, entry)}
          />
        ) : (
          <Control
            key={field.name}
            field={field}
            entry={entries[field.name]}
            fault={faults[field.name]}
            choices={choices[field.name]}
            onChange={(entry) => onChange(field.name, entry)}
          />
        ),
      )}
    </div>
  );
}

const within = (choices: Choices, group: string): Choices =>
  Object.fromEntries(
    Object.entries(choices)
      .filter(([path]) => path.startsWith(`${group}.`))
      .map(([path, texts]) => [path.slice(group.length + 1), texts]),
  );

interface GroupProps {
  field: Field;
  entries: Entries;
  /** Of the group as a whole. */
  fault: string | undefined;
  /** Of its fields. */
  faults: Faults;
  choices: Choices;
  onChange: (entries: Entries | undefined) => void;
}

/** The fields of an object: open where it is needed, and folded away where it can be left out. */
function Group({ field, entries, fault, faults, choices, onChange }: GroupProps) {
  const [unfolded, setUnfolded] = useState(() => isEntered(entries));
  const body = (
    <div className={styles.groupBody}>
      {field.description !== undefined && <p className={styles.about}>{field.description}</p>}
      {fault !== undefined && <p className={styles.fault}>{fault}</p>}
      <SchemaForm
        fields={field.fields}
        entries={entries}
        faults={faults}
        choices={choices}
        onChange={(name, entry) => {
          const next = { ...entries, [name]: entry };
          onChange(isEntered(next) ? next : undefined);
        }}
      />
    </div>
  );
  if (field.required) {
    return (
      <fieldset className={styles.group}>
        <legend className={styles.legend}>
          {field.name} <span className={styles.required}>*</span>
        </legend>
        {body}
      </fieldset>
    );
  }
  const isFaulty = fault !== undefined || Object.keys(faults).length > 0;
  return (
    <details
      className={styles.group}
      open={unfolded || isFaulty}
      onToggle={({ currentTarget }) => setUnfolded(currentTarget.open)}
    >
      <summary className={styles.legend}>{field.name}</summary>
      {body}
    </details>
  );
}

interface ControlProps {
  field: Field;
  entry: Entry | undefined;
  fault: string | undefined;
  choices: readonly string[] | undefined;
  onChange: (entry: Entry | undefined) => void;
}

function Control({ field, entry, fault, choices, onChange }: ControlProps) {
  const shared = {
    size: 'xs',
    label: field.name,
    description: aboutOf(field),
    error: fault,
    required: field.required,
    // The server says what is missing beside the field; the browser's own bubble would come first.
    withAsterisk: field.required,
  } as const;
  const text = typeof entry === 'string' ? entry : '';
  const placeholder = placeholderOf(field);

  if (field.kind === 'boolean' && typeof field.fallback === 'boolean') {
    return (
      <Checkbox
        size="xs"
        label={field.name}
        description={field.description}
        error={fault}
        checked={typeof entry === 'boolean' ? entry : field.fallback}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
    );
  }
  if (field.kind === 'boolean') {
    const chosen = typeof entry === 'boolean' ? String(entry) : '';
    return (
      <NativeSelect
        {...shared}
        value={chosen}
        data={['', 'true', 'false'].map((value) => ({ value, label: value || 'not set' }))}
        onChange={({ currentTarget: { value } }) =>
          onChange(value === '' ? undefined : value === 'true')
        }
      />
    );
  }
  if (field.kind === 'choice') {
    const fallback = typeof field.fallback === 'string' ? field.fallback : '';
    const options = fallback === '' ? ['', ...field.options] : field.options;
    return (
      <NativeSelect
        {...shared}
        value={text || fallback}
        data={options.map((value) => ({ value, label: value || 'not set' }))}
        onChange={({ currentTarget: { value } }) => onChange(value === '' ? undefined : value)}
      />
    );
  }
  if (field.kind === 'texts') {
    return (
      <TextList
        label={field.name}
        noun="a text"
        description={aboutOf(field)}
        error={fault}
        required={field.required}
        value={Array.isArray(entry) ? entry : []}
        onChange={(value) => onChange(value.length === 0 ? undefined : value)}
      />
    );
  }
  const set = (value: string): void => onChange(value === '' ? undefined : value);
  if (choices !== undefined && choices.length > 0) {
    const known = [...(choices.includes(text) ? [] : [text]), ...choices];
    return (
      <NativeSelect
        {...shared}
        value={text}
        data={known.map((value) => ({ value, label: labelOf(value, choices) }))}
        onChange={({ currentTarget: { value } }) => set(value)}
      />
    );
  }
  if (field.kind === 'json' || field.long) {
    return (
      <Textarea
        {...shared}
        autosize
        minRows={field.kind === 'json' ? 2 : 3}
        maxRows={16}
        spellCheck={false}
        classNames={{ input: styles.code }}
        placeholder={placeholder}
        value={text}
        onChange={({ currentTarget: { value } }) => set(value)}
      />
    );
  }
  const isNumber = field.kind === 'number' || field.kind === 'integer';
  return (
    <TextInput
      {...shared}
      inputMode={isNumber ? 'decimal' : undefined}
      spellCheck={false}
      autoComplete="off"
      placeholder={placeholder}
      value={text}
      onChange={({ currentTarget: { value } }) => set(value)}
    />
  );
}

const labelOf = (value: string, choices: readonly string[]): string =>
  value === '' ? 'not set' : choices.includes(value) ? value : `${value} (not there)`;

function aboutOf({ description, kind, type, limits }: Field): string {
  const form = kind === 'json' ? `JSON: ${type}` : '';
  return [description, form, kind === 'texts' ? '' : limits]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ');
}

function placeholderOf({ fallback, example }: Field): string | undefined {
  if (fallback !== undefined) return `${inWords(fallback)} (the default)`;
  return example === undefined ? undefined : `such as ${example}`;
}

const inWords = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value);
