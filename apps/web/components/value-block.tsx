import { useState } from 'react';
import type { Json } from '#libs/contracts';
import { formatBytes } from '../format/numbers.ts';
import { CopyButton } from './copy-button.tsx';
import { asJson, asText } from './json-text.ts';
import { RenderedValue } from './rendered-value.tsx';
import { Scrollable } from './scrollable.tsx';
import type { ValueView } from './text-view.tsx';
import styles from './value-block.module.css';

/** So much is shown at once: a megabyte of text in one element stops the page. */
const shownAtOnce = 20_000;

/**
 * An input, an expected value or an output, whole and readable.
 * @param props.view without one, as it is stored: as JSON, where it is no text
 */
export function ValueBlock(props: {
  name: string;
  value: Json;
  none: string;
  view?: ValueView | undefined;
}) {
  const { name, value, none, view } = props;
  const [whole, setWhole] = useState(false);
  const text = value === null ? '' : asText(value);
  const shown = value !== null && view === 'json' ? asJson(value) : text;
  const clipped = !whole && shown.length > shownAtOnce;
  const isProse = typeof value === 'string' && view !== 'json';
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
          {(view === 'text' || view === 'markdown') && !clipped ? (
            <RenderedValue value={value} markdown={view === 'markdown'} />
          ) : (
            <pre className={isProse ? styles.prose : undefined}>
              {clipped ? `${shown.slice(0, shownAtOnce)}…` : shown}
            </pre>
          )}
        </Scrollable>
      )}
      {clipped && (
        <button type="button" className={styles.more} onClick={() => setWhole(true)}>
          Show all {formatBytes(shown.length)}
        </button>
      )}
    </section>
  );
}
