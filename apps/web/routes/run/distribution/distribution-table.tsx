import { Scrollable } from '../../../components/scrollable.tsx';
import { formatCount, formatShare } from '../../../format/numbers.ts';
import { binInWords, onAxis, type Bin } from './bins.ts';
import styles from './distribution-table.module.css';

/**
 * The bins of a histogram as a table.
 * @param props.onPick shows the items of a bin; left out where items cannot be found by the value
 */
export function DistributionTable({
  name,
  bins,
  format = onAxis,
  onPick,
}: {
  name: string;
  bins: Bin[];
  format?: ((value: number) => string) | undefined;
  onPick?: ((bin: Bin) => void) | undefined;
}) {
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  return (
    <Scrollable className={styles.scroll} label={`Distribution of ${name}, table`}>
      <table className={`numeric ${styles.table}`}>
        <thead>
          <tr>
            <th scope="col">Value</th>
            <th scope="col">Count</th>
            <th scope="col">Share</th>
            {onPick && (
              <th scope="col">
                <span className="visually-hidden">Items</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {bins.map((bin) => {
            const words = binInWords(bin, format);
            return (
              <tr key={words}>
                <th scope="row">{words}</th>
                <td>{formatCount(bin.count)}</td>
                <td>{formatShare(bin.count, all)}</td>
                {onPick && (
                  <td>
                    {bin.count > 0 && (
                      <button
                        type="button"
                        className={styles.show}
                        aria-label={`Show the items of ${words}`}
                        onClick={() => onPick(bin)}
                      >
                        Show items
                      </button>
                    )}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scrollable>
  );
}
