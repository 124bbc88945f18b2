import { useState } from 'react';
import type { Json } from '#libs/contracts';
import { formatBytes } from '../format/numbers.ts';
import { CopyButton } from './copy-button.tsx';
import { asText } from './json-text.ts';
import { RenderedValue } from './rendered-value.tsx';
import { Scrollable } from './scrollable.tsx';
import styles from './value-block.module.css';

/** So much is shown at once: a megabyte of text in one element stops the page. */
const shownAtOnce = 20_000;

/**
 * An input, an expected value or an output, whole and readable.
 * @param props.rendered laid out by what it is; otherwise as JSON, where it is no text
 */
export function ValueBlock(props: {
  name: string;
  value: Json;
  none: string;
  rendered?: boolean | undefined;
}) {
  const { name, value, none, rendered = false } = props;
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
          {rendered && !clipped ? (
            <RenderedValue value={value} />
          ) : (
            <pre className={typeof value === 'string' ? styles.prose : undefined}>
              {clipped ? `${text.slice(0, shownAtOnce)}…` : text}
            </pre>
          )}
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
