import { createContext, useCallback, useContext, useMemo, useState } from 'react';
import type { Run } from '#libs/contracts';
import { RowActionContext } from '../../../components/row-action.tsx';
import { selecting, type Selection } from './select.ts';
import styles from './table.module.css';

/** What is selected of the runs that are loaded, and how that is changed. */
export interface RunSelection {
  ids: ReadonlySet<string>;
  /** The selected runs, in the order of the list. */
  runs: Run[];
  /** How many could be. */
  loaded: number;
  /** `range`: all from the one that was selected last. */
  select: (id: string, range: boolean) => void;
  all: () => void;
  none: () => void;
}

const nothing: Selection = { ids: new Set(), last: undefined };

export function useSelection(runs: readonly Run[]): RunSelection {
  const [selection, setSelection] = useState(nothing);
  const select = useCallback(
    (id: string, range: boolean) =>
      setSelection((before) =>
        selecting(
          before,
          runs.map((run) => run.id),
          id,
          range,
        ),
      ),
    [runs],
  );
  const all = useCallback(
    () => setSelection({ ids: new Set(runs.map(({ id }) => id)), last: undefined }),
    [runs],
  );
  const none = useCallback(() => setSelection(nothing), []);
  return useMemo(() => {
    const selected = runs.filter(({ id }) => selection.ids.has(id));
    return { ids: selection.ids, runs: selected, loaded: runs.length, select, all, none };
  }, [selection, runs, select, all, none]);
}

/** Nothing where nobody may change runs. */
export const SelectionContext = createContext<RunSelection | undefined>(undefined);

/** Selects a row; with Shift, all from the last one. */
export function SelectCell({ run }: { run: Run }) {
  const selection = useContext(SelectionContext);
  const tabbable = useContext(RowActionContext);
  return (
    <label className={styles.select}>
      <input
        type="checkbox"
        aria-label={`Select ${run.name}`}
        tabIndex={tabbable ? 0 : -1}
        checked={selection?.ids.has(run.id) ?? false}
        // Only a click tells whether Shift was held; the space bar clicks too.
        onChange={() => undefined}
        onClick={(event) => selection?.select(run.id, event.shiftKey)}
      />
    </label>
  );
}

/** Selects all that is loaded, or nothing. */
export function SelectAll() {
  const selection = useContext(SelectionContext);
  if (!selection) return null;
  const { runs, loaded, all, none } = selection;
  const isAll = loaded > 0 && runs.length === loaded;
  return (
    <label className={styles.select}>
      <input
        type="checkbox"
        aria-label="Select all runs that are loaded"
        title="Select all that is loaded (a)"
        ref={(element) => {
          if (element) element.indeterminate = runs.length > 0 && !isAll;
        }}
        checked={isAll}
        onChange={isAll ? none : all}
      />
    </label>
  );
}
