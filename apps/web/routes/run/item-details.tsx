import type { ReactNode } from 'react';
import { TriangleAlert } from 'lucide-react';
import type { EvaluationItem, Score } from '#libs/contracts';
import { formatCost, formatCount } from '../../format/numbers.ts';
import { formatLatency } from '../../format/time.ts';
import { ScoreValue } from './score-value.tsx';
import { ValueBlock } from './value-block.tsx';
import styles from './item-panel.module.css';

/** Everything that is known of one item. */
export function ItemDetails({ item }: { item: EvaluationItem }) {
  const { error, latencyMs, inputTokens, outputTokens, costUsd } = item;
  return (
    <>
      {error && (
        <p className={styles.error}>
          <TriangleAlert size={15} aria-hidden />
          <span>
            <code>{error.class}</code> {error.message}
          </span>
        </p>
      )}
      {item.scores.length > 0 && (
        <section aria-label="Scores" className={styles.block}>
          <h3>Scores</h3>
          <ul className={styles.scores}>
            {item.scores.map((score) => (
              <ScoreRow key={score.name} score={score} />
            ))}
          </ul>
        </section>
      )}
      <ValueBlock name="Input" value={item.input} none="none" />
      <ValueBlock name="Expected" value={item.expected} none="none: the dataset has none" />
      <ValueBlock name="Output" value={item.output} none="no output" />
      <dl className={`numeric ${styles.facts}`}>
        <Fact name="No.">{formatCount(item.no)}</Fact>
        <Fact name="Repeat">{item.repeat}</Fact>
        <Fact name="Attempt">{item.attempt}</Fact>
        {latencyMs !== undefined && <Fact name="Latency">{formatLatency(latencyMs)}</Fact>}
        {(inputTokens !== undefined || outputTokens !== undefined) && (
          <Fact name="Tokens">
            {formatCount(inputTokens ?? 0)} in, {formatCount(outputTokens ?? 0)} out
          </Fact>
        )}
        {costUsd !== undefined && <Fact name="Cost">{formatCost(costUsd)}</Fact>}
      </dl>
    </>
  );
}

function ScoreRow({ score }: { score: Score }) {
  const why = score.error ?? score.reason ?? (score.notApplicable ? 'Not applicable' : undefined);
  return (
    <li>
      <span className={styles.scoreName}>{score.name}</span>
      <ScoreValue score={score} />
      {why !== undefined && <p className={styles.reason}>{why}</p>}
    </li>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
