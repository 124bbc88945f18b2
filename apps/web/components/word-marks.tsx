import { diffWordsWithSpace } from 'diff';
import { useMemo } from 'react';
import styles from './word-marks.module.css';

/** Texts that differ almost everywhere take long to lay beside each other, and are no clearer then. */
const patienceMs = 200;

/** A text as it became, with the words that went and those that came; both whole where too much differs. */
export function WordMarks({ before, after }: { before: string; after: string }) {
  const parts = useMemo(
    () =>
      diffWordsWithSpace(before, after, { timeout: patienceMs }) ?? [
        { value: before, removed: true, added: false },
        { value: after, removed: false, added: true },
      ],
    [before, after],
  );
  return (
    <>
      {parts.map(({ value, removed, added }, index) => {
        const key = `${index}-${value.length}`;
        if (removed) {
          return (
            <del key={key} className={styles.removed}>
              {value}
            </del>
          );
        }
        if (added) {
          return (
            <ins key={key} className={styles.added}>
              {value}
            </ins>
          );
        }
        return <span key={key}>{value}</span>;
      })}
    </>
  );
}
