import { formatCount, formatShare } from '../../../format/numbers.ts';
import { binInWords, onAxis, type Bin } from './bins.ts';
import styles from './histogram.module.css';

/** A bin with anything in it is never too low to be seen. */
const least = 2;

/**
 * Bins as bars under each other's ends. To the eye only: beside it must stand a table, or words.
 * @param props.format of the values; as on an axis where it is left out
 */
export function Histogram({
  bins,
  height,
  format = onAxis,
  onPick,
}: {
  bins: Bin[];
  height: number;
  format?: ((value: number) => string) | undefined;
  onPick?: ((bin: Bin) => void) | undefined;
}) {
  const [first, last] = [bins[0], bins.at(-1)];
  if (!first || !last) return null;
  const highest = Math.max(...bins.map(({ count }) => count), 1);
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  const across = 100 / bins.length;
  const single = first.low === first.high;
  return (
    <div className={styles.histogram} aria-hidden>
      <svg width="100%" height={height}>
        {bins.map((bin, index) => {
          const tall = bin.count === 0 ? 0 : Math.max(least, (bin.count / highest) * height);
          const pickable = onPick && bin.count > 0;
          return (
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the table beside it has buttons
            <g
              key={`${bin.low}/${bin.high}`}
              className={pickable ? styles.pickable : undefined}
              onClick={pickable ? () => onPick(bin) : undefined}
            >
              <title>{`${binInWords(bin, format)}: ${formatCount(bin.count)}, ${formatShare(bin.count, all)}`}</title>
              <rect
                x={`${index * across}%`}
                width={`${across}%`}
                height={height}
                className={styles.behind}
              />
              <rect
                x={`${index * across + across * 0.06}%`}
                width={`${across * 0.88}%`}
                y={height - tall}
                height={tall}
                className={bin.low === null || bin.high === null ? styles.open : styles.bar}
              />
            </g>
          );
        })}
      </svg>
      <div className={styles.ends}>
        <span>{first.low === null ? `< ${format(first.high ?? 0)}` : format(first.low)}</span>
        {single && bins.length > 2 && <span>{bins.length} values</span>}
        <span>{last.high === null ? `≥ ${format(last.low ?? 0)}` : format(last.high)}</span>
      </div>
    </div>
  );
}
