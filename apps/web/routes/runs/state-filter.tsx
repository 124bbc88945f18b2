import { Trash2 } from 'lucide-react';
import type { RunState } from '#libs/contracts';
import { RunStateLabel } from '../../components/run-state.tsx';
import type { RunsSearch } from './search.ts';
import styles from './state-filter.module.css';

/** Chips that show the runs of one state, or all, or the deleted ones. */
export function StateFilter({
  states,
  chosen,
  onChoose,
}: {
  states: readonly RunState[];
  chosen: RunsSearch;
  onChoose: (chosen: RunsSearch) => void;
}) {
  const { state: only, deleted } = chosen;
  return (
    <fieldset className={styles.chips}>
      <legend className="visually-hidden">Show runs by state</legend>
      <button
        type="button"
        className={styles.chip}
        aria-pressed={only === undefined && deleted === undefined}
        onClick={() => onChoose({})}
      >
        All
      </button>
      {states.map((state) => (
        <button
          key={state}
          type="button"
          className={styles.chip}
          aria-pressed={only === state}
          onClick={() => onChoose(only === state ? {} : { state })}
        >
          <RunStateLabel state={state} />
        </button>
      ))}
      <button
        type="button"
        className={styles.chip}
        aria-pressed={deleted === true}
        onClick={() => onChoose(deleted === true ? {} : { deleted: true })}
      >
        <span className={styles.deleted}>
          <Trash2 size={14} aria-hidden />
          Deleted
        </span>
      </button>
    </fieldset>
  );
}
