import { lazy, Suspense } from 'react';
import styles from './guidelines.module.css';

const Markdown = lazy(async () => ({ default: (await import('./markdown.tsx')).Markdown }));

/** How to decide, as somebody wrote it down in Markdown. */
export function Guidelines({ text }: { text: string }) {
  return (
    <Suspense fallback={<p className={styles.plain}>{text}</p>}>
      <Markdown text={text} />
    </Suspense>
  );
}
