import { Autocomplete, Button, Textarea, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { TextList } from '../../../components/schema-form/text-list.tsx';
import type { DraftItem, ItemFault } from '../draft/draft.ts';
import {
  faultsByField,
  formOf,
  readItemForm,
  sameForm,
  type FormFaults,
  type ItemForm,
} from './item-form.ts';
import { ValueEditor } from './value-editor.tsx';
import styles from './items.module.css';

/**
 * An item, to be written or changed. It goes to the draft; the server looks at it once that is saved.
 * @param props.keyIsFixed the item is one of the version, which is known by its key
 * @param props.onTyped told whether anything stands in the form that is not in the draft
 */
export function ItemEditor(props: {
  item: DraftItem;
  keyIsFixed: boolean;
  refused: readonly ItemFault[];
  splits: string[];
  onTyped: (typed: boolean) => void;
  onKeep: (item: DraftItem) => void;
  onCancel: () => void;
}) {
  const { item, keyIsFixed, refused, splits, onTyped } = props;
  const [first] = useState(() => formOf(item));
  const [form, setForm] = useState(first);
  const [unreadable, setUnreadable] = useState<FormFaults>({});
  const told = faultsByField(refused);
  const faults = { ...told.fields, ...unreadable };
  const top = useRef<HTMLFormElement>(null);
  const set = (change: Partial<ItemForm>): void => {
    const next = { ...form, ...change };
    setForm(next);
    onTyped(!sameForm(next, first));
  };
  useEffect(() => {
    top.current?.querySelector<HTMLElement>('textarea, input:not([type=radio])')?.focus();
  }, []);
  useHotkeys([['mod+Enter', () => top.current?.requestSubmit()]], []);
  const keep = (event: FormEvent): void => {
    event.preventDefault();
    const read = readItemForm(form);
    if ('faults' in read) setUnreadable(read.faults);
    else props.onKeep(read.item);
  };
  return (
    <form ref={top} onSubmit={keep} noValidate className={styles.form}>
      {told.rest.map((fault) => (
        <p key={fault} role="alert" className={styles.notice}>
          {fault}
        </p>
      ))}
      {!keyIsFixed && (
        <TextInput
          label="Key"
          description="Ties the item together across versions and runs. Left empty, it is made from the content."
          value={form.key}
          error={faults.key}
          onChange={({ currentTarget }) => set({ key: currentTarget.value })}
        />
      )}
      <ValueEditor
        label="Input"
        optional={false}
        entry={form.input}
        fault={faults.input}
        onChange={(input) => set({ input })}
      />
      <ValueEditor
        label="Expected"
        optional
        entry={form.expected}
        fault={faults.expected}
        onChange={(expected) => set({ expected })}
      />
      <Autocomplete
        label="Split"
        description="Such as train, validation, test."
        data={splits}
        value={form.split}
        error={faults.split}
        comboboxProps={{ withinPortal: false }}
        onChange={(split) => set({ split })}
      />
      <TextList
        label="Tags"
        noun="a tag"
        value={form.tags}
        error={faults.tags}
        onChange={(tags) => set({ tags })}
      />
      <Textarea
        label="Metadata"
        description="A JSON object."
        autosize
        minRows={2}
        maxRows={12}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mono)' } }}
        value={form.metadata}
        error={faults.metadata}
        onChange={({ currentTarget }) => set({ metadata: currentTarget.value })}
      />
      <div className={styles.formEnd}>
        <Button variant="default" size="xs" onClick={props.onCancel}>
          Cancel
        </Button>
        <Button type="submit" size="xs" title="Ctrl + Enter">
          Put into the draft
        </Button>
      </div>
    </form>
  );
}
