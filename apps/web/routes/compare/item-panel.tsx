import { Checkbox, Skeleton } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { describeErrorClass } from '#libs/evaluation';
import type { Comparison, ComparisonItem, EvaluationItem, Json } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { SidePanel } from '../../components/side-panel.tsx';
import { formatLatency } from '../../format/time.ts';
import { runItemQuery } from '../../queries/comparisons.ts';
import { asJson, asText } from '../../components/json-text.ts';
import { RenderedValue } from '../../components/rendered-value.tsx';
import { TextViewControl, useTextView, type ValueView } from '../../components/text-view.tsx';
import { ScoreValue } from '../../components/score-value.tsx';
import { ValueBlock } from '../../components/value-block.tsx';
import { useCompared } from './compared.ts';
import { letterOf } from './request.ts';
import { markDifferences, type Piece } from './text-difference.ts';
import styles from './item-panel.module.css';

interface ItemPanelProps {
  itemKey: string;
  repeat: number;
  /** The item as the list has it, where it is among those that are loaded. */
  known: ComparisonItem | undefined;
  isFirst: boolean;
  isLast: boolean;
  onStep: (step: number) => void;
  onClose: () => void;
}

/** One item in all runs side by side, what differs from the baseline's output marked. */
export function ItemPanel(props: ItemPanelProps) {
  const { itemKey, repeat, known } = props;
  const { comparison } = useCompared();
  const [marks, setMarks] = useState(true);
  const [chosen, setView] = useTextView();
  const view = chosen === 'difference' ? 'text' : chosen;
  const answers = useQueries({
    queries: comparison.runs.map(({ id }) => runItemQuery(id, itemKey)),
  });
  const items = answers.map(({ data }) => data?.find((item) => item.repeat === repeat));
  const some = items.find((item) => item !== undefined);
  const input = some?.input ?? known?.input ?? null;
  const expected = some?.expected ?? known?.expected ?? null;
  const baseline = items[0]?.output ?? null;
  return (
    <SidePanel
      label={`Item ${itemKey}`}
      wide
      title={repeat > 0 ? `${itemKey}, repeat ${repeat}` : itemKey}
      noun="item"
      onPrevious={props.isFirst ? undefined : () => props.onStep(-1)}
      onNext={props.isLast ? undefined : () => props.onStep(1)}
      onClose={props.onClose}
    >
      <div className={styles.asked}>
        <ValueBlock name="Input" value={input} none="The item has no input." view={view} />
        <ValueBlock name="Expected" value={expected} none="Nothing is expected." view={view} />
      </div>
      <div className={styles.head}>
        <h3>Outputs</h3>
        <TextViewControl views={['text', 'markdown', 'json']} value={view} onChange={setView} />
        <Checkbox
          size="xs"
          label="Mark what differs from A"
          checked={marks && view !== 'markdown'}
          disabled={view === 'markdown'}
          onChange={({ currentTarget: { checked } }) => setMarks(checked)}
        />
      </div>
      <ul className={styles.outputs} aria-label="Outputs of all runs">
        {comparison.runs.map((run, index) => (
          <Output
            key={run.id}
            letter={letterOf(index)}
            run={run}
            item={items[index]}
            isPending={answers[index]?.isPending === true}
            error={answers[index]?.error ?? undefined}
            onRetry={() => void answers[index]?.refetch()}
            against={marks && index > 0 ? baseline : null}
            view={view}
          />
        ))}
      </ul>
    </SidePanel>
  );
}

function Output({
  letter,
  run,
  item,
  isPending,
  error,
  onRetry,
  against,
  view,
}: {
  letter: string;
  run: Comparison['runs'][number];
  item: EvaluationItem | undefined;
  isPending: boolean;
  error: unknown;
  onRetry: () => void;
  /** The baseline's output where differences from it are to be marked. */
  against: Json;
  view: ValueView;
}) {
  return (
    <li className={styles.output}>
      <p className={styles.run}>
        <span className={styles.letter}>{letter}</span>{' '}
        {item ? (
          <Link
            to="/runs/$runId"
            params={{ runId: run.id }}
            search={{ item: item.no }}
            title="The item in its run"
          >
            {run.name}
          </Link>
        ) : (
          run.name
        )}
      </p>
      {error !== undefined ? (
        <ProblemPanel error={error} doing="load this output" onRetry={onRetry} />
      ) : isPending ? (
        <Skeleton height={96} />
      ) : item ? (
        <Known item={item} against={against} view={view} />
      ) : (
        <p className={styles.none}>This run does not have the item, or has not done it yet.</p>
      )}
    </li>
  );
}

function Known({ item, against, view }: { item: EvaluationItem; against: Json; view: ValueView }) {
  const { output } = item;
  const asRead = view === 'json' ? asJson : asText;
  return (
    <>
      <ul className={styles.scores} aria-label="Scores">
        {item.scores.map((score) => (
          <li key={score.name}>
            <span className={styles.name}>{score.name}</span> <ScoreValue score={score} />
          </li>
        ))}
        {item.latencyMs !== undefined && (
          <li>
            <span className={styles.name}>latency</span>{' '}
            <span className="numeric">{formatLatency(item.latencyMs)}</span>
          </li>
        )}
      </ul>
      {item.error && (
        <p className={styles.error}>
          {describeErrorClass(item.error.class).title}: {item.error.message}
        </p>
      )}
      {output === null ? (
        <p className={styles.none}>There is no output.</p>
      ) : view === 'markdown' && asText(output).length <= shownAtOnce ? (
        <div className={styles.text}>
          <RenderedValue value={output} markdown />
        </div>
      ) : (
        <Marked
          text={asRead(output)}
          against={against === null || view === 'markdown' ? undefined : asRead(against)}
        />
      )}
    </>
  );
}

/** So much of an output stands there at once. */
const shownAtOnce = 20_000;

/** An output; what the baseline's does not have is marked, what only that one has is struck through. */
function Marked({ text, against }: { text: string; against: string | undefined }) {
  const [whole, setWhole] = useState(false);
  const pieces = useMemo(
    () => (against === undefined ? undefined : markDifferences(against, text)),
    [against, text],
  );
  const isSame = against === text;
  const clipped = !whole && text.length > shownAtOnce;
  return (
    <>
      {against !== undefined && (
        <p className={styles.soft}>
          {isSame
            ? 'The same output as A.'
            : pieces
              ? `${countOwn(pieces.after)} against A.`
              : 'Too long to mark what differs.'}
        </p>
      )}
      <pre className={styles.text}>
        {pieces && !isSame && !clipped
          ? pieces.after.map((piece, index) =>
              piece.own ? (
                // oxlint-disable-next-line react/no-array-index-key -- pieces have no name, and never move
                <mark key={index}>{piece.text}</mark>
              ) : (
                piece.text
              ),
            )
          : clipped
            ? `${text.slice(0, shownAtOnce)}…`
            : text}
      </pre>
      {clipped && (
        <button type="button" className={styles.more} onClick={() => setWhole(true)}>
          Show all of it
        </button>
      )}
      {pieces && !isSame && <Lost pieces={pieces.before} />}
    </>
  );
}

/** The parts of the baseline's output that are missing here. */
function Lost({ pieces }: { pieces: Piece[] }) {
  const lost = pieces.filter(({ own, text }) => own && text.trim() !== '');
  if (lost.length === 0) return null;
  return (
    <details className={styles.lost}>
      <summary>{lost.length === 1 ? 'One passage' : `${lost.length} passages`} only in A</summary>
      <pre className={styles.text}>
        {pieces.map((piece, index) =>
          piece.own ? (
            // oxlint-disable-next-line react/no-array-index-key -- pieces have no name, and never move
            <del key={index}>{piece.text}</del>
          ) : (
            piece.text
          ),
        )}
      </pre>
    </details>
  );
}

function countOwn(pieces: readonly Piece[]): string {
  const own = pieces.filter(({ own, text }) => own && text.trim() !== '').length;
  if (own === 0) return 'Nothing new';
  return own === 1 ? 'One passage is new' : `${own} passages are new`;
}
