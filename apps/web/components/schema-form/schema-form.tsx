import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { Json } from '#libs/contracts';
import type { Entries, Entry, Faults } from './entries.ts';
import type { Field } from './schema.ts';
import { TextList } from './text-list.tsx';
import styles from './schema-form.module.css';

export interface SchemaFormProps {
  fields: readonly Field[];
  entries: Entries;
  onChange: (name: string, entry: Entry | undefined) => void;
  faults?: Faults | undefined;
}

/** The controls for the fields of a JSON Schema, to stand in a form with a button of its own. */
export function SchemaForm({ fields, entries, onChange, faults = {} }: SchemaFormProps) {
  return (
    <div className={styles.fields}>
      {fields.map((field) => (
        <Control
          key={field.name}
          field={field}
          entry={entries[field.name]}
          fault={faults[field.name]}
          onChange={(entry) => onChange(field.name, entry)}
        />
      ))}
    </div>
  );
}

interface ControlProps {
  field: Field;
  entry: Entry | undefined;
  fault: string | undefined;
  onChange: (entry: Entry | undefined) => void;
}

function Control({ field, entry, fault, onChange }: ControlProps) {
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
