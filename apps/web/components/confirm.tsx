import { Button, Group, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode, type RefObject } from 'react';
import { Dialog } from './dialog.tsx';
import { ProblemPanel } from './problem.tsx';
import styles from './confirm.module.css';

/**
 * Asks before something that cannot be taken back.
 * @param children what will happen, with its numbers
 * @param confirm what the button says, as in "Revoke the key"
 * @param doing the same for a sentence about what went wrong, as in "revoke the key"
 * @param name to be typed first, where a click is not enough
 */
export function Confirm(props: {
  title: string;
  confirm: string;
  doing: string;
  keep?: string | undefined;
  name?: string | undefined;
  pending: boolean;
  error: unknown;
  returnTo?: RefObject<HTMLElement | null> | undefined;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { title, confirm, doing, keep = 'Keep it', name, pending, error } = props;
  const [typed, setTyped] = useState('');
  const may = name === undefined || typed.trim() === name;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (may && !pending) props.onConfirm();
  };
  return (
    <Dialog title={title} size="30rem" returnTo={props.returnTo} onClose={props.onClose}>
      <form className={styles.form} onSubmit={submit} noValidate>
        <div className={styles.text}>{props.children}</div>
        {name !== undefined && (
          <TextInput
            label={`Type ${name} to say that it is meant`}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        )}
        {error !== null && error !== undefined && <ProblemPanel error={error} doing={doing} />}
        <Group justify="flex-end" gap="xs">
          <Button
            variant="default"
            onClick={props.onClose}
            data-autofocus={name === undefined || undefined}
          >
            {keep}
          </Button>
          <Button type="submit" color="red.8" disabled={!may || pending}>
            {pending ? 'One moment…' : confirm}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
