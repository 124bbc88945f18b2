import { useEffect, type ReactNode } from 'react';
import styles from './screen-head.module.css';

/**
 * The title of a screen, which the browser's tab shows too, with what can be done beside it.
 * @param about a sentence for who is here for the first time
 */
export function ScreenHead({
  title,
  about,
  children,
}: {
  title: string;
  about?: ReactNode;
  children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · LLM-Eval`;
  }, [title]);
  return (
    <div className={styles.head}>
      <h1>{title}</h1>
      {children !== undefined && <div className={styles.actions}>{children}</div>}
      {about !== undefined && (
        <div className={styles.about}>
          <p>{about}</p>
        </div>
      )}
    </div>
  );
}
