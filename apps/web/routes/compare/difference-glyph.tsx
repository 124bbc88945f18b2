import type { MetricComparison } from '#libs/contracts';
import styles from './difference-glyph.module.css';

type Drawn = Pick<MetricComparison, 'difference' | 'interval'> & {
  equivalence?: MetricComparison['equivalence'];
  resampled?: MetricComparison['resampled'];
};

/** How far from 0 a difference and all that is drawn with it reach. */
export const reachOf = ({ difference, interval, equivalence }: Drawn): number =>
  Math.max(
    Math.abs(difference ?? 0),
    Math.abs(interval?.low ?? 0),
    Math.abs(interval?.high ?? 0),
    equivalence?.margin ?? 0,
  );

/**
 * A difference as a dot, its interval as a bar, the bootstrap's as a line below it, the margin as a band
 * behind them, around a line at 0. The numbers stand beside it.
 * @param reach what the ends of the drawing stand for
 */
export function DifferenceGlyph({
  drawn,
  reach,
  outcome,
}: {
  drawn: Drawn;
  reach: number;
  outcome: string;
}) {
  const { difference, interval, equivalence, resampled } = drawn;
  const at = (value: number): number =>
    reach === 0 ? 50 : Math.max(0, Math.min(100, 50 + (47 * value) / reach));
  const bar = (low: number, high: number) => ({
    x: `${at(low)}%`,
    width: `${Math.max(0.4, at(high) - at(low))}%`,
  });
  return (
    <svg className={styles.glyph} width="100%" height="22" aria-hidden data-outcome={outcome}>
      {equivalence && (
        <rect
          {...bar(-equivalence.margin, equivalence.margin)}
          y="1"
          height="20"
          className={styles.margin}
        />
      )}
      <line x1="50%" x2="50%" y1="0" y2="22" className={styles.zero} />
      {interval && (
        <rect
          {...bar(interval.low, interval.high)}
          y="7"
          height="6"
          rx="2"
          className={styles.bar}
        />
      )}
      {resampled?.interval && (
        <rect
          {...bar(resampled.interval.low, resampled.interval.high)}
          y="17"
          height="1.5"
          className={styles.again}
        />
      )}
      {difference !== null && (
        <circle cx={`${at(difference)}%`} cy="10" r="4" className={styles.dot} />
      )}
    </svg>
  );
}
