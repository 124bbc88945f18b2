import type { EvaluationItem, RunMetricSpec } from '#libs/contracts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { TextViewControl, useTextView } from '../../components/text-view.tsx';
import { ValueBlock } from '../../components/value-block.tsx';
import { WordMarks } from '../../components/word-marks.tsx';
import { comparedTexts, type ComparedTexts } from './compared-texts.ts';
import styles from './item-panel.module.css';

/** What went in, what was expected and what came out: as the person likes it, or with what differs. */
export function ItemTexts({ item, specs }: { item: EvaluationItem; specs: RunMetricSpec[] }) {
  const [chosen, choose] = useTextView();
  const compared = comparedTexts(item, specs);
  // An item that has nothing to lay beside each other does not change what is chosen for the others.
  const shown = chosen === 'difference' && !compared ? 'text' : chosen;
  const view = shown === 'difference' ? 'text' : shown;
  return (
    <>
      <TextViewControl
        className={styles.views}
        views={['text', 'markdown', 'json', 'difference']}
        disabled={compared ? [] : ['difference']}
        value={shown}
        onChange={choose}
      />
      <ValueBlock name="Input" value={item.input} none="none" view={view} />
      {shown === 'difference' && compared ? (
        <Difference texts={compared} />
      ) : (
        <>
          <ValueBlock
            name="Expected"
            value={item.expected}
            none="none: the dataset has none"
            view={view}
          />
          <ValueBlock name="Output" value={item.output} none="no output" view={view} />
        </>
      )}
    </>
  );
}

/** Longer ones take too long to lay beside each other, and nobody reads marks in them. */
const comparable = 50_000;

function Difference({ texts }: { texts: ComparedTexts }) {
  const { expected, expectedPath, output, outputPath } = texts;
  const same = expected === output;
  const at = (name: string, path: string | undefined): string =>
    path === undefined ? name : `${name} (${path})`;
  return (
    <section className={styles.block} aria-label="Difference">
      <div className={styles.blockHead}>
        <h3>
          From {at('expected', expectedPath)} to {at('output', outputPath)}
        </h3>
        <CopyButton text={output} label="Copy the output" />
      </div>
      {same ? (
        <p className={styles.soft}>The two are the same, character for character.</p>
      ) : expected.length + output.length > comparable ? (
        <p className={styles.soft}>The texts are too long to mark what differs; see them whole.</p>
      ) : (
        <>
          <p className={styles.soft}>
            Struck through: expected and missing. Underlined: in the output only.
          </p>
          <Scrollable className={styles.value} label="Difference, text">
            <div className={styles.marks}>
              <WordMarks before={expected} after={output} />
            </div>
          </Scrollable>
        </>
      )}
    </section>
  );
}
