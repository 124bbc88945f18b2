import { CloudOff } from 'lucide-react';
import { useConnection } from '../live/live.tsx';
import styles from './connection-hint.module.css';

/** Nothing while all is well; a few quiet words while live numbers cannot arrive. */
export function ConnectionHint() {
  const lost = useConnection() === 'lost';
  return (
    <output>
      {lost && (
        <span
          className={styles.lost}
          title="Live updates are interrupted. Until they are back, the page asks every few seconds."
        >
          <CloudOff size={15} aria-hidden />
          <span className={styles.text}>Reconnecting…</span>
        </span>
      )}
    </output>
  );
}
