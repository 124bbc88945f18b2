import { Button } from '@mantine/core';
import { X } from 'lucide-react';
import type { PromptVersion } from '#libs/contracts';
import { Scrollable } from '../../components/scrollable.tsx';
import { WordMarks } from '../../components/word-marks.tsx';
import { asOneText } from './written.ts';
import styles from './prompt.module.css';

/** What differs between two versions, word by word. */
export function Difference(props: {
  before: PromptVersion;
  after: PromptVersion;
  onClose: () => void;
}) {
  const { before, after, onClose } = props;
  const texts = { before: asOneText(before.content), after: asOneText(after.content) };
  const isSame = texts.before === texts.after;
  return (
    <section aria-labelledby="difference" className={styles.difference}>
      <div className={styles.differenceHead}>
        <h2 id="difference">
          From version {before.version} to version {after.version}
        </h2>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<X size={13} aria-hidden />}
          onClick={onClose}
        >
          Close
        </Button>
      </div>
      {isSame ? (
        <p className={styles.soft}>Their text is the same.</p>
      ) : (
        <Scrollable className={styles.scroll} label="What differs">
          <pre className={styles.text}>
            <WordMarks {...texts} />
          </pre>
        </Scrollable>
      )}
      <p className={styles.soft}>
        <ins>Underlined</ins> is new, <del>struck through</del> is gone.
      </p>
    </section>
  );
}
