import { SegmentedControl } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { EvaluationItem, RunMetricSpec } from '#libs/contracts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { ValueBlock } from '../../components/value-block.tsx';
import { WordMarks } from '../../components/word-marks.tsx';
import { comparedTexts, type ComparedTexts } from './compared-texts.ts';
import styles from './item-panel.module.css';

const route = getRouteApi('/app/runs/$runId');

/** What went in, what was expected and what came out: laid out, as it is stored, or with what differs. */
export function ItemTexts({ item, specs }: { item: EvaluationItem; specs: RunMetricSpec[] }) {
  const { texts: view } = route.useSearch();
  const navigate = route.useNavigate();
  const compared = comparedTexts(item, specs);
  const shown = view === 'difference' && !compared ? undefined : view;
  const rendered = shown !== 'raw';
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="Show the texts"
        className={styles.views}
        data={[
          { value: 'rendered', label: 'Rendered' },
          { value: 'raw', label: 'Raw' },
          { value: 'difference', label: 'Difference', disabled: !compared },
        ]}
        value={shown ?? 'rendered'}
        onChange={(value) =>
          void navigate({
            search: (before) => ({
              ...before,
              texts: value === 'raw' || value === 'difference' ? value : undefined,
            }),
            replace: true,
            resetScroll: false,
          })
        }
      />
      <ValueBlock name="Input" value={item.input} none="none" rendered={rendered} />
      {shown === 'difference' && compared ? (
        <Difference texts={compared} />
      ) : (
        <>
          <ValueBlock
            name="Expected"
            value={item.expected}
            none="none: the dataset has none"
            rendered={rendered}
          />
          <ValueBlock name="Output" value={item.output} none="no output" rendered={rendered} />
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
