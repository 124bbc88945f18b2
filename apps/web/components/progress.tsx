import type { Run } from '#libs/contracts';
import { formatCount } from '../format/numbers.ts';
import styles from './progress.module.css';

/** How far a run is; what failed is a striped part of its own, so that colour alone says nothing. */
export function ProgressBar({ run, large = false }: { run: Run; large?: boolean }) {
  const { total, done, failed } = run;
  const text = `${formatCount(done)} of ${formatCount(total)} done, ${formatCount(failed)} failed`;
  return (
    <div
      className={styles.track}
      data-large={large || undefined}
      data-state={run.state}
      title={text}
    >
      <progress
        className="visually-hidden"
        aria-label={`Progress of ${run.name}`}
        aria-valuetext={text}
        max={Math.max(1, total)}
        value={done}
      />
      <div className={styles.done} style={{ transform: `scaleX(${share(done, total)})` }} />
      {failed > 0 && (
        <div
          className={styles.failed}
          style={{ width: `max(3px, ${100 * share(failed, total)}%)` }}
        />
      )}
    </div>
  );
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
