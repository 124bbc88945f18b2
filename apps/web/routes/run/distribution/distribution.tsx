import { Skeleton } from '@mantine/core';
import type { Run } from '#libs/contracts';
import { ProblemPanel } from '../../../components/problem.tsx';
import { useShowItems } from '../show-items.ts';
import { DistributionTable } from './distribution-table.tsx';
import { Histogram } from './histogram.tsx';
import { useDistribution } from './use-distribution.ts';
import styles from './distribution.module.css';

const height = 140;

/** How the numbers of a metric lie, drawn and as a table, from where their items can be shown. */
export function Distribution({
  run,
  name,
  format,
}: {
  run: Run;
  name: string;
  format?: ((value: number) => string) | undefined;
}) {
  const { data, isError, error, refetch } = useDistribution(run, name);
  const showItems = useShowItems();
  if (isError && !data) {
    return (
      <ProblemPanel error={error} doing="load the distribution" onRetry={() => void refetch()} />
    );
  }
  if (!data) return <Skeleton height={height} />;
  if (data.n === 0) return <p className={styles.note}>Nothing is recorded.</p>;
  const onPick =
    data.source === 'usage'
      ? undefined
      : ({ min, max }: { min: number | null; max: number | null }) =>
          showItems({ metric: name, sort: 'worst', min: min ?? undefined, max: max ?? undefined });
  return (
    <>
      <Histogram bins={data.bins} height={height} format={format} onPick={onPick} />
      {data.every > 1 && (
        <p className={styles.note}>
          Of one in {data.every} items, spread evenly: the run has very many.
        </p>
      )}
      <DistributionTable name={name} bins={data.bins} format={format} onPick={onPick} />
    </>
  );
}
