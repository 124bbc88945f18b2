import type { MetricComparison } from '#libs/contracts';
import { Scrollable } from '../../components/scrollable.tsx';
import { formatCount } from '../../format/numbers.ts';
import styles from './change-table.module.css';

/** Which category became which: rows are the baseline's, columns the candidate's. */
export function ChangeTable({ table }: { table: NonNullable<MetricComparison['categorical']> }) {
  const { categories } = table;
  return (
    <Scrollable label="Categories in the baseline and in the candidate" className={styles.scroll}>
      <table className={`numeric ${styles.table}`}>
        <thead>
          <tr>
            <th scope="col">A ↓ candidate →</th>
            {categories.map((category) => (
              <th scope="col" key={category}>
                {category === '' ? '(empty)' : category}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {categories.map((category, row) => (
            <tr key={category}>
              <th scope="row">{category === '' ? '(empty)' : category}</th>
              {categories.map((other, column) => {
                const count = table.table[row]?.[column] ?? 0;
                return (
                  <td key={other} data-same={row === column || undefined}>
                    {count === 0 ? '–' : formatCount(count)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}
