import {
  useCallback,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
  type RefObject,
} from 'react';

export interface RowKeys {
  body: RefObject<HTMLElement | null>;
  count: number;
  chosen: number | undefined;
  onChoose: ((index: number) => void) | undefined;
  /** Selects a row, or takes that back; `range`: all from the last one to this one. */
  onSelect?: ((index: number, range: boolean) => void) | undefined;
  scrollTo: (index: number) => void;
  firstInView: () => number;
}

// A choice among a few takes the arrows, and no letters.
const elsewhere =
  'input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable], [role="menu"], [aria-modal="true"]:not([data-row-panel])';

/**
 * j and k anywhere on the page, and the arrows inside the table, move from row to row; Home and End
 * go to its ends. While a row is open, moving opens the next one instead. Where rows can be selected, x
 * and the space bar select the one that has the focus, and with Shift all from the last one to it; so do
 * the arrows with Shift.
 */
export function useRowKeys(keys: RowKeys): { active: number } {
  const { body, count, chosen } = keys;
  const [active, setActive] = useState(0);
  const wantsFocus = useRef<number | undefined>(undefined);
  const current = Math.max(0, Math.min(chosen ?? active, count - 1));

  const destination = (key: string, inside: boolean, entering: boolean): number | undefined => {
    const start = entering ? Math.max(keys.firstInView(), 0) - 1 : current;
    if (key === 'j' || (inside && key === 'ArrowDown')) return start + 1;
    if (key === 'k' || (inside && key === 'ArrowUp')) return entering ? start + 1 : start - 1;
    if (inside && key === 'Home') return 0;
    if (inside && key === 'End') return count - 1;
    return undefined;
  };

  const focusRow = useCallback(
    (index: number): void => {
      const row = body.current?.querySelector(`[data-index="${index}"] [data-row-action]`);
      if (!(row instanceof HTMLElement)) return;
      row.focus({ preventScroll: true });
      wantsFocus.current = undefined;
    },
    [body],
  );

  const move = useEffectEvent((event: KeyboardEvent): void => {
    const { target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(target instanceof Element) || count === 0) return;
    if (target.closest(elsewhere)) return;
    const inside = body.current?.contains(target) === true;
    const isCheckbox = target.matches('input');
    if (
      inside &&
      keys.onSelect &&
      (event.key.toLowerCase() === 'x' || (event.key === ' ' && !isCheckbox))
    ) {
      event.preventDefault();
      keys.onSelect(current, event.shiftKey);
      return;
    }
    const to = destination(event.key, inside, chosen === undefined && !inside);
    if (to === undefined) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(to, count - 1));
    keys.scrollTo(index);
    if (chosen !== undefined) {
      keys.onChoose?.(index);
    } else {
      wantsFocus.current = index;
      setActive(index);
      focusRow(index);
      if (event.shiftKey && event.key.startsWith('Arrow')) keys.onSelect?.(index, true);
    }
  });

  useLayoutEffect(() => {
    // A row that was out of view is in the document only now.
    if (wantsFocus.current !== undefined) focusRow(wantsFocus.current);
  });

  const lastChosen = useRef(chosen);
  useLayoutEffect(() => {
    // The row that was open gets the focus back.
    if (chosen === undefined && lastChosen.current !== undefined) {
      wantsFocus.current = lastChosen.current;
      setActive(lastChosen.current);
      focusRow(lastChosen.current);
    }
    lastChosen.current = chosen;
  }, [chosen, focusRow]);

  useEffect(() => {
    const onFocus = (event: FocusEvent): void => {
      const row = event.target instanceof Element ? event.target.closest('[data-index]') : null;
      const index = Number(row?.getAttribute('data-index') ?? NaN);
      if (!Number.isNaN(index)) setActive(index);
    };
    const element = body.current;
    element?.addEventListener('focusin', onFocus);
    document.addEventListener('keydown', move);
    return () => {
      element?.removeEventListener('focusin', onFocus);
      document.removeEventListener('keydown', move);
    };
  }, [body]);

  return { active: current };
}
