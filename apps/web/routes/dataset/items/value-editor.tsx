import { SegmentedControl, Textarea } from '@mantine/core';
import { useId } from 'react';
import type { ValueEntry } from './item-form.ts';
import styles from './items.module.css';

const kinds = [
  { value: 'text', label: 'Text' },
  { value: 'json', label: 'JSON' },
] as const;
const noKind = { value: 'none', label: 'None' } as const;

/** A value of an item, written as a text or as JSON; or none, where it may be left out. */
export function ValueEditor(props: {
  label: string;
  optional: boolean;
  entry: ValueEntry;
  fault: string | undefined;
  onChange: (entry: ValueEntry) => void;
}) {
  const { label, optional, entry, fault, onChange } = props;
  const id = useId();
  return (
    <fieldset className={styles.editor} aria-labelledby={id}>
      <div className={styles.editorHead}>
        <span id={id}>{label}</span>
        <SegmentedControl
          size="xs"
          aria-label={`${label} is`}
          data={optional ? [noKind, ...kinds] : [...kinds]}
          value={entry.kind}
          onChange={(kind) => onChange({ ...entry, kind })}
        />
      </div>
      {entry.kind === 'none' ? null : (
        <Textarea
          aria-label={label}
          autosize
          minRows={3}
          maxRows={18}
          spellCheck={entry.kind === 'text'}
          styles={entry.kind === 'json' ? { input: { fontFamily: 'var(--mono)' } } : {}}
          value={entry.text}
          error={fault}
          onChange={({ currentTarget }) => onChange({ ...entry, text: currentTarget.value })}
        />
      )}
      {entry.kind === 'none' && fault !== undefined && <p role="alert">{fault}</p>}
    </fieldset>
  );
}
