import { createContext, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { RowActionContext } from './row-action.tsx';
import { selecting, type Selection } from './select-rows.ts';
import styles from './row-selection.module.css';

/** What is selected of the rows that are loaded, and how that is changed. */
export interface RowSelection<Row> {
  ids: ReadonlySet<string>;
  /** The selected rows, in the order of the list. */
  rows: Row[];
  /** How many could be. */
  loaded: number;
  /** `range`: all from the one that was selected last. */
  select: (id: string, range: boolean) => void;
  all: () => void;
  none: () => void;
}

const nothing: Selection = { ids: new Set(), last: undefined };

/** @param idOf the same function each time */
export function useRowSelection<Row>(
  rows: readonly Row[],
  idOf: (row: Row) => string,
): RowSelection<Row> {
  const [selection, setSelection] = useState(nothing);
  const select = useCallback(
    (id: string, range: boolean) =>
      setSelection((before) => selecting(before, rows.map(idOf), id, range)),
    [rows, idOf],
  );
  const all = useCallback(
    () => setSelection({ ids: new Set(rows.map(idOf)), last: undefined }),
    [rows, idOf],
  );
  const none = useCallback(() => setSelection(nothing), []);
  return useMemo(() => {
    const selected = rows.filter((row) => selection.ids.has(idOf(row)));
    return { ids: selection.ids, rows: selected, loaded: rows.length, select, all, none };
  }, [selection, rows, idOf, select, all, none]);
}

/** In the table, a selects all that is loaded; Esc takes everything back. */
export function useSelectionKeys({ all, none, rows }: RowSelection<unknown>): void {
  const some = rows.length > 0;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const inTable = target instanceof Element && target.closest('table') !== null;
      if (event.key === 'a' && inTable) all();
      else if (event.key === 'Escape' && some && (inTable || target === document.body)) none();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [all, none, some]);
}

/** Nothing where nobody may do anything with rows. */
export const SelectionContext = createContext<RowSelection<unknown> | undefined>(undefined);

/** Selects a row; with Shift, all from the last one. */
export function SelectCell({ id, name }: { id: string; name: string }) {
  const selection = useContext(SelectionContext);
  const tabbable = useContext(RowActionContext);
  return (
    <label className={styles.select}>
      <input
        type="checkbox"
        aria-label={`Select ${name}`}
        tabIndex={tabbable ? 0 : -1}
        checked={selection?.ids.has(id) ?? false}
        // Only a click tells whether Shift was held; the space bar clicks too.
        onChange={() => undefined}
        onClick={(event) => selection?.select(id, event.shiftKey)}
      />
    </label>
  );
}

/** Selects all that is loaded, or nothing. */
export function SelectAll({ noun }: { noun: string }) {
  const selection = useContext(SelectionContext);
  if (!selection) return null;
  const { rows, loaded, all, none } = selection;
  const isAll = loaded > 0 && rows.length === loaded;
  return (
    <label className={styles.select}>
      <input
        type="checkbox"
        aria-label={`Select all ${noun} that are loaded`}
        title="Select all that is loaded (a)"
        ref={(element) => {
          if (element) element.indeterminate = rows.length > 0 && !isAll;
        }}
        checked={isAll}
        onChange={isAll ? none : all}
      />
    </label>
  );
}
