import type { RunMetric } from '#libs/contracts';
import { formatScore } from '../../format/numbers.ts';
import { missingOf } from './without-score.ts';
import { scaleOf } from './scale.ts';
import styles from './interval.module.css';

/**
 * The mean as a dot and its 95 % interval as a bar, on the range that the scores can or do have;
 * behind them, faintly, how far the scores that are missing could move the mean.
 */
export function Interval({ metric }: { metric: RunMetric }) {
  const [from, to] = scaleOf(metric);
  const at = (value: number): number => (to === from ? 50 : (100 * (value - from)) / (to - from));
  const { mean, confidenceLow: low, confidenceHigh: high, worstCase, bestCase } = metric;
  const open = missingOf(metric) > 0 && worstCase !== null && bestCase !== null;
  return (
    <div className={styles.interval} aria-hidden>
      <svg width="100%" height="18">
        <line x1="0" x2="100%" y1="9" y2="9" className={styles.axis} />
        {open && <Open from={at(worstCase)} to={at(bestCase)} />}
        {low !== null && high !== null && (
          <rect
            x={`${at(low)}%`}
            width={`${Math.max(0.5, at(high) - at(low))}%`}
            y="5"
            height="8"
            rx="2"
            className={styles.band}
          />
        )}
        {mean !== null && <circle cx={`${at(mean)}%`} cy="9" r="4" className={styles.mean} />}
      </svg>
      <span>{formatEnd(from)}</span>
      <span>{formatEnd(to)}</span>
    </div>
  );
}

function Open({ from, to }: { from: number; to: number }) {
  const low = Math.min(from, to);
  const high = Math.max(from, to);
  return (
    <>
      <rect
        x={`${low}%`}
        width={`${Math.max(0.5, high - low)}%`}
        y="1"
        height="16"
        className={styles.open}
      />
      <line x1={`${low}%`} x2={`${low}%`} y1="1" y2="17" className={styles.openEnd} />
      <line x1={`${high}%`} x2={`${high}%`} y1="1" y2="17" className={styles.openEnd} />
    </>
  );
}

const formatEnd = (value: number): string =>
  Number.isInteger(value) ? String(value) : formatScore(value);
