import type { ReactNode } from 'react';
import styles from './empty.module.css';

/** What stands where nothing is yet: what belongs here, and how the first one comes about. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      <div className={styles.text}>{children}</div>
    </div>
  );
}
