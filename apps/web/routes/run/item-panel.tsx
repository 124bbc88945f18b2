import { ActionIcon, Button, FocusTrap, Skeleton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useEffectEvent, useRef, type RefObject } from 'react';
import type { EvaluationItem, RunMetricSpec } from '#libs/contracts';
import { ItemDetails } from './item-details.tsx';
import { ItemStatus } from './item-status.tsx';
import styles from './item-panel.module.css';

export interface ItemPanelProps {
  no: number;
  /** Undefined while it is looked for, and where it is not among the items. */
  item: EvaluationItem | undefined;
  /** The metrics of the run, as they were configured. */
  specs: RunMetricSpec[];
  position: number | undefined;
  count: number;
  more: boolean;
  searching: boolean;
  onStep: (step: number) => void;
  /** Undefined where all items have been looked through. */
  onSearchOn: (() => void) | undefined;
  onClose: () => void;
}

/** One item, beside the table that it is opened from; over it where the screen is narrow. */
export function ItemPanel(props: ItemPanelProps) {
  const { item, position, count, onClose } = props;
  const narrow = useMediaQuery('(max-width: 60rem)', false, { getInitialValueInEffect: false });
  const panel = useRef<HTMLDialogElement>(null);
  usePanelFocus(panel, onClose);
  const last = position === undefined || (position >= count - 1 && !props.more);

  return (
    <FocusTrap active={narrow} innerRef={panel}>
      <dialog
        open
        aria-modal={narrow || undefined}
        aria-label={item ? `Item ${item.key}` : 'Item'}
        tabIndex={-1}
        data-row-panel
        className={styles.panel}
      >
        <div className={styles.head}>
          <h2 tabIndex={-1} data-autofocus>
            {item && <ItemStatus status={item.status} />}
            <span className={styles.key}>{item?.key ?? `No. ${props.no}`}</span>
          </h2>
          <div className={styles.steps}>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Previous item"
              title="Previous item (k)"
              disabled={position === undefined || position === 0}
              onClick={() => props.onStep(-1)}
            >
              <ChevronUp size={18} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Next item"
              title="Next item (j)"
              disabled={last}
              onClick={() => props.onStep(1)}
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
        <div className={styles.body}>
          {item ? (
            <ItemDetails key={item.no} item={item} specs={props.specs} />
          ) : (
            <Missing {...props} />
          )}
        </div>
      </dialog>
    </FocusTrap>
  );
}

function Missing({ searching, onSearchOn }: ItemPanelProps) {
  if (searching) {
    return (
      <div aria-busy="true">
        <span className="visually-hidden">Looking for the item</span>
        <Skeleton height={12} mt={8} width="40%" />
        <Skeleton height={96} mt={12} />
        <Skeleton height={96} mt={12} />
      </div>
    );
  }
  return (
    <>
      <p>
        {onSearchOn
          ? 'This item is not among those that are loaded so far.'
          : 'This item is not among those that the filters show, or it is not done yet.'}
      </p>
      {onSearchOn && (
        <Button variant="default" size="xs" mt="sm" onClick={onSearchOn}>
          Look further
        </Button>
      )}
    </>
  );
}

/** The focus comes in on opening (the table takes it back on closing); Esc closes. */
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
