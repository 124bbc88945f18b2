import { useState } from 'react';
import type { Json } from '#libs/contracts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { formatBytes } from '../../format/numbers.ts';
import { asText } from './json-text.ts';
import styles from './item-panel.module.css';

/** So much is shown at once: a megabyte of text in one element stops the page. */
const shownAtOnce = 20_000;

/** An input, an expected value or an output, whole and readable. */
export function ValueBlock({ name, value, none }: { name: string; value: Json; none: string }) {
  const [whole, setWhole] = useState(false);
  const text = value === null ? '' : asText(value);
  const clipped = !whole && text.length > shownAtOnce;
  return (
    <section className={styles.block} aria-label={name}>
      <div className={styles.blockHead}>
        <h3>{name}</h3>
        {value !== null && <CopyButton text={text} label={`Copy the ${name.toLowerCase()}`} />}
      </div>
      {value === null ? (
        <p className={styles.none}>{none}</p>
      ) : (
        <Scrollable className={styles.value} label={`${name}, text`}>
          <pre className={typeof value === 'string' ? styles.prose : undefined}>
            {clipped ? `${text.slice(0, shownAtOnce)}…` : text}
          </pre>
        </Scrollable>
      )}
      {clipped && (
        <button type="button" className={styles.more} onClick={() => setWhole(true)}>
          Show all {formatBytes(text.length)}
        </button>
      )}
    </section>
  );
}
