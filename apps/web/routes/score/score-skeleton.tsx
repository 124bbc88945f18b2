import { Skeleton } from '@mantine/core';
import styles from './score.module.css';

/** Where an item is about to be. */
export function ScoreSkeleton() {
  return (
    <div className={styles.task} aria-busy="true">
      <span className="visually-hidden">Loading the next item</span>
      <div className={styles.reading}>
        <Skeleton height={14} width="30%" />
        <Skeleton height={120} mt={16} />
        <Skeleton height={180} mt={16} />
      </div>
      <div className={styles.controls}>
        <Skeleton height={14} width="50%" />
        <Skeleton height={36} mt={12} />
        <Skeleton height={36} mt={12} />
      </div>
    </div>
  );
}
