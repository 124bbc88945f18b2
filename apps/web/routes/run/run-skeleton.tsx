import { Skeleton } from '@mantine/core';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import styles from './run-skeleton.module.css';

/** As high, part by part, as the run is going to be. */
export function RunSkeleton() {
  return (
    <div className={styles.page} aria-busy="true">
      <span className="visually-hidden">Loading the run</span>
      <Skeleton height={26} width="min(22rem, 70%)" />
      <Skeleton height={92} />
      <div className={styles.cards}>
        <Skeleton height={150} />
        <Skeleton height={150} />
      </div>
      <SkeletonRows rows={8} label="Loading the items" />
    </div>
  );
}
