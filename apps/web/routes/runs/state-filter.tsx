import type { RunState } from '#libs/contracts';
import { RunStateLabel } from '../../components/run-state.tsx';
import styles from './state-filter.module.css';

/** Chips that show the runs of one state, or all. */
export function StateFilter({
  states,
  chosen,
  onChoose,
}: {
  states: readonly RunState[];
  chosen: RunState | undefined;
  onChoose: (state: RunState | undefined) => void;
}) {
  return (
    <fieldset className={styles.chips}>
      <legend className="visually-hidden">Show runs by state</legend>
      <button
        type="button"
        className={styles.chip}
        aria-pressed={chosen === undefined}
        onClick={() => onChoose(undefined)}
      >
        All
      </button>
      {states.map((state) => (
        <button
          key={state}
          type="button"
          className={styles.chip}
          aria-pressed={chosen === state}
          onClick={() => onChoose(chosen === state ? undefined : state)}
        >
          <RunStateLabel state={state} />
        </button>
      ))}
    </fieldset>
  );
}
