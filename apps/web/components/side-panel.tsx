import { ActionIcon, FocusTrap } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useEffectEvent, useRef, type ReactNode, type RefObject } from 'react';
import styles from './side-panel.module.css';

/**
 * One row of a table, beside the table that it is opened from; over it where the screen is narrow. The
 * focus comes in on opening (the table takes it back on closing); Esc closes.
 * @param props.noun what a row is, as in "Next item"
 * @param props.icon stands before the title
 * @param props.wide takes most of a wide screen
 * @param props.onNext undefined where there is no row to move on to
 */
export function SidePanel(props: {
  label: string;
  title: string;
  noun: string;
  icon?: ReactNode;
  wide?: boolean;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
  onClose: () => void;
  children: ReactNode;
}) {
  const { label, title, noun, icon, wide = false, onPrevious, onNext, onClose, children } = props;
  const narrow = useMediaQuery('(max-width: 60rem)', false, { getInitialValueInEffect: false });
  const panel = useRef<HTMLDialogElement>(null);
  usePanelFocus(panel, onClose);
  return (
    <FocusTrap active={narrow} innerRef={panel}>
      <dialog
        open
        aria-modal={narrow || undefined}
        aria-label={label}
        tabIndex={-1}
        data-row-panel
        data-wide={wide || undefined}
        className={styles.panel}
      >
        <div className={styles.head}>
          <h2 tabIndex={-1} data-autofocus>
            {icon}
            <span className={styles.title}>{title}</span>
          </h2>
          <div className={styles.steps}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Previous ${noun}`}
              title={`Previous ${noun} (k)`}
              disabled={onPrevious === undefined}
              onClick={onPrevious}
            >
              <ChevronUp size={18} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Next ${noun}`}
              title={`Next ${noun} (j)`}
              disabled={onNext === undefined}
              onClick={onNext}
            >
              <ChevronDown size={18} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Close"
              title="Close (Esc)"
              onClick={onClose}
            >
              <X size={18} aria-hidden />
            </ActionIcon>
          </div>
        </div>
        <div className={styles.body}>{children}</div>
      </dialog>
    </FocusTrap>
  );
}

function usePanelFocus(panel: RefObject<HTMLElement | null>, onClose: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const elsewhere = document.querySelector('[aria-modal="true"]:not([data-row-panel])');
    if (event.key === 'Escape' && !event.defaultPrevented && !elsewhere) onClose();
  });
  useEffect(() => {
    panel.current?.querySelector('h2')?.focus({ preventScroll: true });
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [panel]);
}
