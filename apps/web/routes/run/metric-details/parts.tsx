import type { ReactNode } from 'react';
import styles from './metric-details.module.css';

/** A part of the dialog under its heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section} aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Names with their numbers, side by side. */
export function Facts({ facts }: { facts: [string, string][] }) {
  return (
    <dl className={`numeric ${styles.facts}`}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
