import { Scrollable } from './scrollable.tsx';
import { formatCompact, formatCount, formatShare } from '../format/numbers.ts';
import { commonMistakes, largestPart, type ConfusionMatrix } from './confusion.ts';
import styles from './confusion-table.module.css';

/** More rows and columns than these nobody reads; the table of classes has all. */
const readable = 50;
const steps = 8;

/**
 * A confusion matrix with its counts as text. The shade of a cell, in one colour only, is its share of
 * the row; where both sides say the same, on the diagonal, it is framed.
 * @param rows whose labels the rows are
 * @param columns whose labels the columns are
 */
export function ConfusionTable({
  confusion,
  rows = 'expected',
  columns = 'predicted',
}: {
  confusion: ConfusionMatrix;
  rows?: string | undefined;
  columns?: string | undefined;
}) {
  const { labels, matrix } = largestPart(confusion, readable);
  const mistakes = commonMistakes(confusion, 5);
  return (
    <>
      <Scrollable className={styles.scroll} label="Confusion matrix, table">
        <table className={`numeric ${styles.matrix}`}>
          <caption>
            Rows are {rows}, columns {columns}; the shade is the share of the row.
            {labels.length < confusion.labels.length &&
              ` Shown are the ${readable} of ${formatCount(confusion.labels.length)} labels with the most cases.`}
          </caption>
          <thead>
            <tr>
              <td className={styles.corner}>
                <span>{rows}</span> \ <span>{columns}</span>
              </td>
              {labels.map((label) => (
                <th scope="col" key={label} title={label}>
                  <span>{label}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.map((row, from) => {
              const expected = labels[from] ?? '';
              const sum = row.reduce((a, b) => a + b, 0);
              return (
                <tr key={expected}>
                  <th scope="row" title={expected}>
                    <span>{expected}</span>
                  </th>
                  {row.map((count, to) => (
                    <td
                      key={labels[to]}
                      data-heat={sum === 0 ? 0 : Math.ceil((steps * count) / sum)}
                      data-right={from === to || undefined}
                      title={`${expected} taken for ${labels[to] ?? ''}: ${formatCount(count)}, ${formatShare(count, sum)} of the row`}
                    >
                      {count === 0 ? <span className={styles.zero}>0</span> : formatCompact(count)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scrollable>
      {mistakes.length > 0 && (
        <p className={`numeric ${styles.mistakes}`}>
          <span className={styles.soft}>Most often confused: </span>
          {mistakes.map(({ expected, predicted, count }) => (
            <span key={JSON.stringify([expected, predicted])} className={styles.mistake}>
              {expected} <span className={styles.soft}>as</span> {predicted}{' '}
              <strong>{formatCount(count)}</strong>
            </span>
          ))}
        </p>
      )}
    </>
  );
}
