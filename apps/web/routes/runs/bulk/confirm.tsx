import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { Dialog } from '../../../components/dialog.tsx';
import styles from './bulk-bar.module.css';

/** Asks before something is done that cannot be taken back. */
export function Confirm(props: {
  title: string;
  action: string;
  keep: string;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog title={props.title} size="26rem" onClose={props.onClose}>
      <p className={styles.question}>{props.children}</p>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" data-autofocus onClick={props.onClose}>
          {props.keep}
        </Button>
        <Button
          onClick={() => {
            props.onConfirm();
            props.onClose();
          }}
        >
          {props.action}
        </Button>
      </Group>
    </Dialog>
  );
}
