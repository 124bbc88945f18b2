import type { ReactNode } from 'react';
import { TriangleAlert } from 'lucide-react';
import { describeErrorClass } from '#libs/evaluation';
import type { EvaluationItem, Run, RunMetricSpec, Score, ToolCall } from '#libs/contracts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { formatCost, formatCount } from '../../format/numbers.ts';
import { formatExact, formatLatency } from '../../format/time.ts';
import { asText } from '../../components/json-text.ts';
import { ItemTexts } from './item-texts.tsx';
import { JudgePrompt } from './judge-prompt.tsx';
import { ScoreValue } from '../../components/score-value.tsx';
import { ValueBlock } from '../../components/value-block.tsx';
import styles from './item-panel.module.css';

/** Everything that is known of one item. */
export function ItemDetails({
  item,
  run: { id: runId, metrics: specs },
}: {
  item: EvaluationItem;
  run: Pick<Run, 'id' | 'metrics'>;
}) {
  const { error, latencyMs, queueMs, inputTokens, outputTokens, costUsd, judgeCostUsd } = item;
  const { cached, finishReason, toolCalls, traceId, context } = item;
  return (
    <>
      {error && (
        <p className={styles.error}>
          <TriangleAlert size={15} aria-hidden />
          <span>
            <strong>{describeErrorClass(error.class).title}</strong> <code>{error.class}</code>
            <br />
            {error.message}
            <br />
            {describeErrorClass(error.class).remedy}
          </span>
        </p>
      )}
      {item.scores.length > 0 && (
        <section aria-label="Scores" className={styles.block}>
          <h3>Scores</h3>
          <ul className={styles.scores}>
            {item.scores.map((score) => (
              <ScoreRow
                key={score.name}
                runId={runId}
                item={item}
                score={score}
                spec={specs.find(({ name }) => name === score.name)}
              />
            ))}
          </ul>
        </section>
      )}
      <ItemTexts item={item} specs={specs} />
      {context !== undefined && <ValueBlock name="Context" value={context} none="none" />}
      {toolCalls && toolCalls.length > 0 && <ToolCalls calls={toolCalls} />}
      <dl className={`numeric ${styles.facts} ${styles.block}`}>
        <Fact name="No.">{formatCount(item.no)}</Fact>
        {item.split !== null && <Fact name="Split">{item.split}</Fact>}
        {item.tags.length > 0 && <Fact name="Tags">{item.tags.join(', ')}</Fact>}
        <Fact name="Repeat">{item.repeat}</Fact>
        <Fact name="Attempt">{item.attempt}</Fact>
        {cached === true && <Fact name="Output">from the cache</Fact>}
        {latencyMs !== undefined && <Fact name="Latency">{formatLatency(latencyMs)}</Fact>}
        {queueMs !== undefined && <Fact name="Waited before">{formatLatency(queueMs)}</Fact>}
        {(inputTokens !== undefined || outputTokens !== undefined) && (
          <Fact name="Tokens">
            {formatCount(inputTokens ?? 0)} in, {formatCount(outputTokens ?? 0)} out
          </Fact>
        )}
        {finishReason !== undefined && <Fact name="Finish reason">{finishReason}</Fact>}
        {costUsd !== undefined && <Fact name="Cost">{formatCost(costUsd)}</Fact>}
        {judgeCostUsd !== undefined && <Fact name="Judges’ cost">{formatCost(judgeCostUsd)}</Fact>}
        {traceId !== undefined && (
          <Fact name="Trace id">
            <span className={styles.traceId}>
              <code>{traceId}</code>
              <CopyButton text={traceId} label="Copy the trace id" />
            </span>
          </Fact>
        )}
      </dl>
      {Object.keys(item.metadata).length > 0 && (
        <ValueBlock name="Metadata" value={item.metadata} none="none" view="text" />
      )}
      {item.tries.length > 0 && <Tries tries={item.tries} />}
    </>
  );
}

/** The calls that failed, also where a later one gave the output. */
function Tries({ tries }: { tries: EvaluationItem['tries'] }) {
  return (
    <section className={`${styles.block} ${styles.tries}`} aria-label="Failed calls">
      <h3>Failed calls</h3>
      <ol>
        {tries.map(({ attempt, class: errorClass, message, latencyMs, at }, index) => (
          <li key={`${index}-${at}`}>
            <code>{errorClass}</code> {message}{' '}
            <span className={styles.verdict}>
              {formatExact(at)}
              {latencyMs !== undefined && `, after ${formatLatency(latencyMs)}`}
              {attempt > 1 && `, attempt ${attempt}`}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function ScoreRow({
  runId,
  item,
  score,
  spec,
}: {
  runId: string;
  item: EvaluationItem;
  score: Score;
  spec: RunMetricSpec | undefined;
}) {
  const why = score.error ?? score.reason ?? (score.notApplicable ? 'Not applicable' : undefined);
  const verdict = verdictOf(score, spec?.threshold);
  return (
    <li>
      <span className={styles.scoreName}>{score.name}</span>
      <span className={styles.scoreValue}>
        {verdict !== undefined && <span className={styles.verdict}>{verdict}</span>}
        <ScoreValue score={score} />
      </span>
      {why !== undefined && <p className={styles.reason}>{why}</p>}
      <JudgePrompt runId={runId} item={item} score={score} spec={spec} />
      {score.details !== undefined && (
        <ScoreDetails name={score.name} details={JSON.stringify(score.details, null, 2)} />
      )}
    </li>
  );
}

/** Whether a score passed, and what it had to reach where the run says so. */
function verdictOf(
  { passed, error, notApplicable }: Score,
  threshold: RunMetricSpec['threshold'],
): string | undefined {
  if (passed === undefined || error !== undefined || notApplicable === true) return undefined;
  const verdict = passed ? 'passed' : 'not passed';
  return threshold === undefined ? verdict : `${verdict}, threshold ${thresholdInWords(threshold)}`;
}

function thresholdInWords(threshold: NonNullable<RunMetricSpec['threshold']>): string {
  if (typeof threshold === 'number') return String(threshold);
  const { min, max } = threshold;
  if (min === undefined) return `up to ${max}`;
  return max === undefined ? `from ${min}` : `${min} to ${max}`;
}

function ScoreDetails({ name, details }: { name: string; details: string }) {
  return (
    <details className={styles.details}>
      <summary>Details</summary>
      <div className={styles.detailsBody}>
        <Scrollable className={styles.value} label={`Details of ${name}`}>
          <pre>{details}</pre>
        </Scrollable>
        <CopyButton text={details} label={`Copy the details of ${name}`} />
      </div>
    </details>
  );
}

function ToolCalls({ calls }: { calls: ToolCall[] }) {
  const text = JSON.stringify(calls, null, 2);
  return (
    <section className={styles.block} aria-label="Tool calls">
      <div className={styles.blockHead}>
        <h3>Tool calls</h3>
        <CopyButton text={text} label="Copy the tool calls" />
      </div>
      <ol className={styles.calls}>
        {calls.map(({ id, name, arguments: given }, index) => (
          <li key={id ?? `${index}-${name}`}>
            <code className={styles.callName}>{name}</code>
            {id !== undefined && <code className={styles.callId}>{id}</code>}
            <Scrollable className={styles.value} label={`Arguments of ${name}, call ${index + 1}`}>
              <pre>{asText(given)}</pre>
            </Scrollable>
          </li>
        ))}
      </ol>
    </section>
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
