import { ActionIcon, Button, Input, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useId, useLayoutEffect, useRef } from 'react';
import styles from './schema-form.module.css';

/**
 * A list of texts, each in a line of its own, so that a text may hold commas and white space. Enter
 * adds one.
 * @param noun what one of them is called, as in "Add a text"
 */
export function TextList(props: {
  label: string;
  noun: string;
  description?: string | undefined;
  error?: string | undefined;
  required?: boolean | undefined;
  value: readonly string[];
  onChange: (value: string[]) => void;
}) {
  const { label, noun, value, onChange } = props;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const wanted = useRef<number>(undefined);
  useLayoutEffect(() => {
    // A line that was added is in the document only now.
    if (wanted.current === undefined) return;
    const inputs = list.current?.querySelectorAll('input') ?? [];
    const input = inputs[Math.min(wanted.current, inputs.length - 1)];
    if (input) input.focus();
    else list.current?.querySelector('button')?.focus();
    wanted.current = undefined;
  });
  const add = (at: number): void => {
    onChange([...value.slice(0, at), '', ...value.slice(at)]);
    wanted.current = at;
  };
  const remove = (at: number): void => {
    onChange(value.filter((_, index) => index !== at));
    wanted.current = Math.max(0, at - 1);
  };
  return (
    <fieldset className={styles.list} aria-describedby={`${id}-about`}>
      <legend className={styles.legend}>
        {label}
        {props.required === true && <span className={styles.required}> *</span>}
      </legend>
      <div id={`${id}-about`}>
        {props.description !== undefined && (
          <Input.Description size="xs">{props.description}</Input.Description>
        )}
        {props.error !== undefined && <Input.Error size="xs">{props.error}</Input.Error>}
      </div>
      <div ref={list} className={styles.lines}>
        {value.map((text, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- a text has nothing but its place
          <div key={index} className={styles.line}>
            <TextInput
              size="xs"
              aria-label={`${label}, ${index + 1}`}
              value={text}
              error={props.error !== undefined}
              onChange={({ currentTarget }) =>
                onChange(value.map((old, at) => (at === index ? currentTarget.value : old)))
              }
              onKeyDown={(event) => {
                if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
                  event.preventDefault();
                  add(index + 1);
                } else if (event.key === 'Backspace' && text === '') {
                  event.preventDefault();
                  remove(index);
                }
              }}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove ${label}, ${index + 1}`}
              title="Remove"
              onClick={() => remove(index)}
            >
              <X size={14} aria-hidden />
            </ActionIcon>
          </div>
        ))}
        <Button
          className={styles.add}
          variant="default"
          size="compact-xs"
          leftSection={<Plus size={13} aria-hidden />}
          onClick={() => add(value.length)}
        >
          Add {noun}
        </Button>
      </div>
    </fieldset>
  );
}
