import { useState } from 'react';
import type { DatasetItem } from '#libs/contracts';
import { Scrollable } from '../../../components/scrollable.tsx';
import { WordMarks } from '../../../components/word-marks.tsx';
import { comparedFields, fieldsThatDiffer, textOf } from './differing.ts';
import styles from './versions.module.css';

const names = {
  input: 'Input',
  expected: 'Expected',
  metadata: 'Metadata',
  tags: 'Tags',
  split: 'Split',
} as const;

/** What has become of one item, field by field, each changed word marked. */
export function ItemDifferences(props: { before: DatasetItem | null; after: DatasetItem | null }) {
  const { before, after } = props;
  const [all, setAll] = useState(false);
  const differing = fieldsThatDiffer(before, after);
  const same = comparedFields.filter(
    (field) => !differing.includes(field) && textOf(after, field) !== '',
  );
  const shown = comparedFields.filter(
    (field) => differing.includes(field) || (all && same.includes(field)),
  );
  return (
    <>
      {differing.length === 0 && <p className={styles.soft}>Nothing differs.</p>}
      {shown.map((field) => (
        <section key={field} className={styles.field} aria-label={names[field]}>
          <h3>{names[field]}</h3>
          <Scrollable className={styles.text} label={`${names[field]}, what changed`}>
            <pre>
              <WordMarks before={textOf(before, field)} after={textOf(after, field)} />
            </pre>
          </Scrollable>
        </section>
      ))}
      {same.length > 0 && (
        <button type="button" className={styles.link} onClick={() => setAll(!all)}>
          {all ? 'Show only what differs' : `Show what is the same: ${same.join(', ')}`}
        </button>
      )}
    </>
  );
}
