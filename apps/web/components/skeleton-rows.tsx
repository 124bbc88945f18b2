import { Skeleton } from '@mantine/core';
import styles from './skeleton-rows.module.css';

/** Where rows are about to be: as high as they will be, so that nothing jumps. */
export function SkeletonRows({ rows, label }: { rows: number; label: string }) {
  return (
    <div className={styles.rows} aria-busy="true">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: rows }, (_, index) => (
        <div className={styles.row} key={index}>
          <Skeleton height={10} width={`${30 + ((index * 17) % 25)}%`} />
          <Skeleton height={10} width="12%" />
          <Skeleton height={10} width="18%" />
        </div>
      ))}
    </div>
  );
}
