import { CloseButton, Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useState, type ReactNode, type RefObject } from 'react';
import styles from './dialog.module.css';

/**
 * A dialog under a title, over the page, for as long as it is rendered; Esc closes it, and the focus
 * goes back to where it was.
 * @param size its width, where the screen has it; a narrow screen is filled where `fills` says so
 * @param returnTo where the focus goes instead, since what has it will be gone by then, as a menu's item is
 */
export function Dialog(props: {
  title: string;
  size: string;
  fills?: boolean | undefined;
  returnTo?: RefObject<HTMLElement | null> | undefined;
  onClose: () => void;
  children: ReactNode;
}) {
  const narrow = useMediaQuery('(max-width: 60rem)', false, { getInitialValueInEffect: false });
  const { title, size, fills = false, returnTo, onClose, children } = props;
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      const back = returnTo?.current ?? before;
      if (back instanceof HTMLElement) back.focus({ preventScroll: true });
    },
    [before, returnTo],
  );
  return (
    <Modal
      opened
      returnFocus={false}
      onClose={onClose}
      size={size}
      fullScreen={fills && narrow}
      centered={!fills}
      // Its own head is a banner to a screen reader, and the page has one.
      withCloseButton={false}
      classNames={{ body: styles.body }}
    >
      <div className={styles.head}>
        <Modal.Title className={styles.title}>{title}</Modal.Title>
        <CloseButton aria-label="Close" title="Close (Esc)" onClick={onClose} />
      </div>
      <div className={styles.content}>{children}</div>
    </Modal>
  );
}
