import { Skeleton } from '@mantine/core';
import type { Run } from '#libs/contracts';
import { CategoryBars } from '../category-bars.tsx';
import { useShowItems } from '../show-items.ts';
import { answersOf } from './bins.ts';
import { Histogram } from './histogram.tsx';
import { useDistribution } from './use-distribution.ts';
import styles from './card-distribution.module.css';

const height = 44;

/** How the scores of a metric lie, small; the details have the numbers. */
export function CardDistribution({ run, name }: { run: Run; name: string }) {
  const { data, isError } = useDistribution(run, name);
  const showItems = useShowItems();
  if (isError && !data) return <p className={styles.none}>Its distribution did not load.</p>;
  if (!data) return <Skeleton height={height + 18} mt={8} />;
  if (data.n === 0) return <p className={styles.none}>No score yet.</p>;
  const { kind, bins, categories, n } = data;
  if (kind === 'categorical') {
    const onPick = (category: string) => showItems({ metric: name, category });
    return <CategoryBars categories={categories} shown={3} total={n} onPick={onPick} />;
  }
  if (kind === 'boolean') {
    const onPick = (answer: string) => {
      const value = answer === 'yes' ? 1 : 0;
      showItems({ metric: name, min: value, max: value });
    };
    return <CategoryBars categories={answersOf(data)} shown={2} total={n} onPick={onPick} />;
  }
  return (
    <div className={styles.drawing}>
      <Histogram
        bins={bins}
        height={height}
        onPick={({ min, max }) =>
          showItems({ metric: name, sort: 'worst', min: min ?? undefined, max: max ?? undefined })
        }
      />
    </div>
  );
}
