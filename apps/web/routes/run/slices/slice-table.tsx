import { TriangleAlert } from 'lucide-react';
import { runResultLimits, type Run, type RunSlice, type RunSlices } from '#libs/contracts';
import { Scrollable } from '../../../components/scrollable.tsx';
import { formatCount } from '../../../format/numbers.ts';
import type { RunSearch } from '../search.ts';
import styles from './slices.module.css';

const few = runResultLimits.fewValues;

/** Slices with their means and intervals, all drawn on one scale. */
export function SliceTable({
  run,
  data: { by, metric, whole, slices },
  order,
  format,
  stale,
  onShow,
}: {
  run: Run;
  data: RunSlices;
  order: RunSearch['slices'];
  format: (value: number) => string;
  stale: boolean;
  onShow: (value: string) => void;
}) {
  const scale = scaleOf([whole, ...slices]);
  const endOf = (value: number): string =>
    value === 0 || value === 1 ? String(value) : format(value);
  const shown = (value: number | null): string => (value === null ? '–' : format(value));
  return (
    <Scrollable className={styles.scroll} label={`${metric} by ${by}`}>
      <table className={`numeric ${styles.table}`} aria-busy={stale}>
        <thead>
          <tr>
            <th scope="col">{by}</th>
            <th scope="col">Items</th>
            <th scope="col">n</th>
            <th scope="col">Failed</th>
            <th scope="col">Mean</th>
            <th scope="col">95 % interval</th>
            <th scope="col" aria-hidden className={styles.drawn}>
              <span className={styles.ends}>
                <span>{endOf(scale[0])}</span>
                <span>{endOf(scale[1])}</span>
              </span>
            </th>
          </tr>
        </thead>
        <tbody>
          <tr className={styles.whole}>
            <th scope="row">All items</th>
            <td>{formatCount(run.total)}</td>
            <td>{formatCount(whole.n)}</td>
            <td>{formatCount(run.failed)}</td>
            <td>{shown(whole.mean)}</td>
            <td>{range(whole, shown)}</td>
            <td aria-hidden className={styles.drawn}>
              <Drawn of={whole} mean={whole.mean} scale={scale} />
            </td>
          </tr>
          {sorted(slices, order).map((slice) => (
            <tr key={slice.value}>
              <th scope="row">
                <button type="button" className={styles.name} onClick={() => onShow(slice.value)}>
                  {slice.value === '' ? '(empty)' : slice.value}
                </button>
                {slice.few && (
                  <span
                    className={styles.few}
                    title={`Fewer than ${few} values say little: the interval is wide, and a look at the items tells more`}
                  >
                    <TriangleAlert size={12} aria-hidden /> few
                  </span>
                )}
              </th>
              <td>{formatCount(slice.items)}</td>
              <td>{formatCount(slice.n)}</td>
              <td>{formatCount(slice.failed)}</td>
              <td>{shown(slice.mean)}</td>
              <td>{range(slice, shown)}</td>
              <td aria-hidden className={styles.drawn}>
                <Drawn of={slice} mean={whole.mean} scale={scale} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}

type Mean = Pick<RunSlice, 'mean' | 'low' | 'high'>;
type Scale = [number, number];

const range = ({ low, high }: Mean, shown: (value: number | null) => string): string =>
  low === null || high === null ? 'no interval' : `${shown(low)} to ${shown(high)}`;

/** From 0 to 1 where all lie there; otherwise no wider than what is drawn. */
function scaleOf(means: readonly Mean[]): Scale {
  const drawn = means.flatMap(({ mean, low, high }) =>
    [mean, low, high].filter((value) => value !== null),
  );
  const [least, greatest] = [Math.min(...drawn), Math.max(...drawn)];
  if (drawn.length === 0 || (least >= 0 && greatest <= 1)) return [0, 1];
  return least >= 0 ? [0, greatest] : [least, Math.max(0, greatest)];
}

function sorted(slices: readonly RunSlice[], order: RunSearch['slices']): readonly RunSlice[] {
  if (order === undefined) return slices;
  if (order === 'name') {
    return slices.toSorted((a, b) => a.value.localeCompare(b.value, 'en', { numeric: true }));
  }
  const sign = order === 'lowest' ? 1 : -1;
  // What has no mean comes last either way.
  const key = ({ mean }: RunSlice): number => (mean === null ? Infinity : sign * mean);
  return slices.toSorted((a, b) => key(a) - key(b));
}

/** @param mean of all items */
function Drawn({ of, mean, scale: [from, to] }: { of: Mean; mean: number | null; scale: Scale }) {
  const at = (value: number): number => (to === from ? 50 : (100 * (value - from)) / (to - from));
  return (
    <svg width="100%" height="16">
      <line x1="0" x2="100%" y1="8" y2="8" className={styles.axis} />
      {mean !== null && (
        <line x1={`${at(mean)}%`} x2={`${at(mean)}%`} y1="0" y2="16" className={styles.all} />
      )}
      {of.low !== null && of.high !== null && (
        <rect
          x={`${at(of.low)}%`}
          width={`${Math.max(0.5, at(of.high) - at(of.low))}%`}
          y="4"
          height="8"
          rx="2"
          className={styles.band}
        />
      )}
      {of.mean !== null && <circle cx={`${at(of.mean)}%`} cy="8" r="4" className={styles.mean} />}
    </svg>
  );
}
