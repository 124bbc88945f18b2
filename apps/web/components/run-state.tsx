import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  CirclePlay,
  CircleSlash,
  CircleX,
  type LucideIcon,
} from 'lucide-react';
import type { RunState } from '#libs/contracts';
import styles from './run-state.module.css';

export const stateNames: Record<RunState, string> = {
  queued: 'Queued',
  running: 'Running',
  paused: 'Paused',
  completed: 'Completed',
  failed: 'Failed',
  canceled: 'Canceled',
};
const icons: Record<RunState, LucideIcon> = {
  queued: CircleDashed,
  running: CirclePlay,
  paused: CirclePause,
  completed: CircleCheck,
  failed: CircleX,
  canceled: CircleSlash,
};

/** A run's state as an icon of its own shape and a word; the colour only repeats it. */
export function RunStateLabel({ state }: { state: RunState }) {
  const Icon = icons[state];
  return (
    <span className={styles.state} data-state={state}>
      <Icon size={15} aria-hidden />
      {stateNames[state]}
    </span>
  );
}
