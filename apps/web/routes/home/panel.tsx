import { useId, type ReactNode } from 'react';
import styles from './panel.module.css';

/** A titled part of the page. @param props.more leads to all of what it shows a part of */
export function Panel(props: { title: string; more?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles.panel}>
      <div className={styles.head}>
        <h2 id={id}>{props.title}</h2>
        {props.more}
      </div>
      {props.children}
    </section>
  );
}

export const Nothing = ({ children }: { children: ReactNode }) => (
  <p className={styles.nothing}>{children}</p>
);
