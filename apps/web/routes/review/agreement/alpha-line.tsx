import type { ReviewAgreement } from '#libs/contracts';
import { formatCoefficient, intervalInWords } from '../../../components/estimate.ts';
import styles from './alpha-line.module.css';

/** Where Krippendorff draws the lines: below the first, conclude nothing; above the second, rely on it. */
const tentative = 0.667;
const reliable = 0.8;

/** Krippendorff's alpha as a dot with its 95 % interval, on the range where it means something. */
export function AlphaLine({ alpha, level }: Pick<ReviewAgreement, 'alpha' | 'level'>) {
  const { value, confidenceLow: low, confidenceHigh: high } = alpha;
  const interval = intervalInWords(alpha, formatCoefficient);
  // Below 0 people agree less than by chance, which is rare: the line is as long as it has to be.
  const from = Math.floor(10 * Math.min(0, value ?? 0, low ?? 0)) / 10;
  const at = (point: number): number => (100 * (point - from)) / (1 - from);
  return (
    <figure className={styles.figure}>
      <figcaption>
        <span className={styles.name}>Krippendorff’s alpha</span>{' '}
        <strong className="numeric">{formatCoefficient(value)}</strong>
        {interval !== undefined && <span className={styles.soft}> 95 % interval {interval}</span>}
        <span className={styles.soft}>, {levels[level]}</span>
      </figcaption>
      <svg width="100%" height="26" aria-hidden>
        <Zone from={at(from)} to={at(tentative)} className={styles.low} />
        <Zone from={at(tentative)} to={at(reliable)} className={styles.middle} />
        <Zone from={at(reliable)} to={100} className={styles.high} />
        {low !== null && high !== null && (
          <rect
            x={`${at(low)}%`}
            width={`${Math.max(0.5, at(high) - at(low))}%`}
            y="8"
            height="10"
            rx="3"
            className={styles.band}
          />
        )}
        {value !== null && <circle cx={`${at(value)}%`} cy="13" r="5" className={styles.dot} />}
      </svg>
      <div className={styles.ticks} aria-hidden>
        {[from, tentative, reliable, 1].map((tick) => (
          <span key={tick} style={{ left: `${at(tick)}%` }}>
            {formatTick(tick)}
          </span>
        ))}
      </div>
      <p className={styles.soft}>
        From 0.8 on, scores can be relied on; from 0.667, for tentative conclusions; 0 is what
        chance gives.
      </p>
    </figure>
  );
}

const levels: Record<ReviewAgreement['level'], string> = {
  nominal: 'values differ or not',
  ordinal: 'by ranks',
  interval: 'by distance',
};

const formatTick = (tick: number): string => String(Math.round(100 * tick) / 100);

function Zone({
  from,
  to,
  className,
}: {
  from: number;
  to: number;
  className: string | undefined;
}) {
  return <rect x={`${from}%`} width={`${to - from}%`} y="4" height="18" className={className} />;
}
