import { useState } from 'react';
import type { RunMetric } from '#libs/contracts';
import { formatCount, formatShare } from '../../format/numbers.ts';
import styles from './category-bars.module.css';

export type Categories = NonNullable<RunMetric['categories']>;

/**
 * Categories as bars with their counts, the most frequent first.
 * @param shown so many stand there at first
 * @param total scores with a category, of which those listed may be a part
 * @param onPick shows the items of a category
 */
export function CategoryBars({
  categories,
  shown,
  total,
  expandable = false,
  onPick,
}: {
  categories: Categories;
  shown: number;
  total: number;
  expandable?: boolean;
  onPick: (category: string) => void;
}) {
  const [whole, setWhole] = useState(false);
  if (categories.length === 0) return <p className={styles.more}>No category yet.</p>;
  const bars = whole ? categories : categories.slice(0, shown);
  const more = categories.length - bars.length;
  const highest = Math.max(...categories.map(({ count }) => count), 1);
  return (
    <>
      <ul className={`numeric ${styles.bars}`}>
        {bars.map(({ category, count }) => (
          <li key={category}>
            {count > 0 && isFindable(category) ? (
              <button
                type="button"
                className={`${styles.name} ${styles.pick}`}
                title={`Show the items of ${category}`}
                onClick={() => onPick(category)}
              >
                {category}
              </button>
            ) : (
              <span className={styles.name} title={category}>
                {category === '' ? '(empty)' : category}
              </span>
            )}
            <span className={styles.count}>
              {formatCount(count)} <span className={styles.share}>{formatShare(count, total)}</span>
            </span>
            <svg width="100%" height="6" aria-hidden>
              <rect width="100%" height="6" rx="2" className={styles.track} />
              <rect
                width={`${Math.max(0.5, (100 * count) / highest)}%`}
                height="6"
                rx="2"
                className={styles.bar}
              />
            </svg>
          </li>
        ))}
      </ul>
      {more > 0 &&
        (expandable ? (
          <button type="button" className={styles.all} onClick={() => setWhole(true)}>
            Show {formatCount(more)} more
          </button>
        ) : (
          <p className={styles.more}>
            and {formatCount(more)} more {more === 1 ? 'category' : 'categories'}
          </p>
        ))}
    </>
  );
}

/** No filter takes a text without a character, or of more than these. */
const isFindable = (category: string): boolean => category.length > 0 && category.length <= 1000;
