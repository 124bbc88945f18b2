import type { ReactNode } from 'react';
import type { Run, RunFilter, SettledTarget } from '#libs/contracts';
import { CopyButton } from '../../components/copy-button.tsx';
import { formatCost, formatCount } from '../../format/numbers.ts';
import { formatDuration, formatExact } from '../../format/time.ts';
import { targetInWords } from '../../components/target-in-words.ts';
import styles from './settings.module.css';

/** What the run was submitted with, and when it did what. */
export function Settings({ run }: { run: Run }) {
  const { target } = run;
  return (
    <div className={styles.settings}>
      <dl className={styles.facts}>
        <Fact name="Run id">
          <Id id={run.id} what="run" />
        </Fact>
        <Fact name="Dataset">
          {run.datasetName}, version {run.datasetVersion} <Id id={run.datasetId} what="dataset" />
        </Fact>
        <Fact name="Part of it">{run.filter ? <Filter filter={run.filter} /> : 'every item'}</Fact>
        <Fact name="Target">
          {targetInWords(target)}{' '}
          {target.kind === 'recorded' && target.recordingId !== undefined && (
            <Id id={target.recordingId} what="recording" />
          )}
          {target.kind === 'recorded' && target.runId !== undefined && (
            <Id id={target.runId} what="source run" />
          )}
        </Fact>
        <Fact name="Repeats">{formatCount(run.repeats)}</Fact>
        <Fact name="Concurrency">{formatCount(run.concurrency)} items in flight</Fact>
        <Fact name="Caps">{capsInWords(run)}</Fact>
        <Fact name="Calls">
          up to {formatDuration(run.timeoutMs)} each, {formatCount(run.maxRetries)} retries
          {run.cache ? ', known answers from the cache' : ''}
        </Fact>
        <Fact name="Tags">{run.tags.length > 0 ? run.tags.join(', ') : 'none'}</Fact>
        <Fact name="Created">{formatExact(run.createdAt)}</Fact>
        <Fact name="Started">{run.startedAt === null ? '–' : formatExact(run.startedAt)}</Fact>
        <Fact name="Finished">{run.finishedAt === null ? '–' : formatExact(run.finishedAt)}</Fact>
        {run.deletedAt !== null && <Fact name="Deleted">{formatExact(run.deletedAt)}</Fact>}
        {Object.keys(run.metadata).length > 0 && (
          <Fact name="Metadata">
            <Json value={run.metadata} label="Metadata" />
          </Fact>
        )}
      </dl>
      {(target.kind === 'model' || target.kind === 'http') && (
        <>
          <h2>Target</h2>
          <TargetDetails target={target} />
        </>
      )}
      <h2>Metrics</h2>
      <ul className={styles.metrics}>
        {run.metrics.map((metric) => (
          <li key={metric.name}>
            <Json value={metric} label={`Settings of ${metric.name}`} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function capsInWords({ maxCostUsd, maxDurationMs }: Run): string {
  const caps = [];
  if (maxCostUsd !== null) caps.push(`${formatCost(maxCostUsd)} in all`);
  if (maxDurationMs !== null) caps.push(`${formatDuration(maxDurationMs)} of work`);
  return caps.length > 0 ? caps.join(', ') : 'none';
}

/** A prompt reads as a prompt; everything else of a target as it was submitted. */
function TargetDetails({ target }: { target: Extract<SettledTarget, { kind: 'model' | 'http' }> }) {
  if (target.kind === 'http') return <Json value={target} label="The target" />;
  const { prompt, kind: _, ...rest } = target;
  const { content } = prompt;
  const messages = 'text' in content ? [{ role: 'user', content: content.text }] : content.messages;
  return (
    <div className={styles.target}>
      <div>
        <h3>
          {prompt.name === undefined
            ? 'Prompt'
            : `Prompt “${prompt.name}”, version ${prompt.version}`}
        </h3>
        {messages.map((message, index) => (
          <div key={`${index}-${message.role}`}>
            <p className={styles.role}>{message.role}</p>
            <pre className={styles.json}>{message.content}</pre>
          </div>
        ))}
      </div>
      <div>
        <h3>Model</h3>
        <Json value={rest} label="The model and its parameters" />
      </div>
    </div>
  );
}

/** A run may name ten thousand keys: the first ones say which they are. */
const keysShown = 20;

/** An item belongs to the run where it meets every line, by any of the values on it. */
function Filter({ filter: { splits, tags, keys } }: { filter: RunFilter }) {
  const more = (keys?.length ?? 0) - keysShown;
  return (
    <ul className={styles.filter}>
      {splits && <li>splits: {splits.join(', ')}</li>}
      {tags && <li>tags: {tags.join(', ')}</li>}
      {keys && (
        <li>
          keys: {keys.slice(0, keysShown).join(', ')}
          {more > 0 && ` and ${formatCount(more)} more`}
        </li>
      )}
    </ul>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Id({ id, what }: { id: string; what: string }) {
  return (
    <span className={styles.id}>
      <code>{id}</code>
      <CopyButton text={id} label={`Copy the id of the ${what}`} />
    </span>
  );
}

function Json({ value, label }: { value: unknown; label: string }) {
  return (
    <pre className={styles.json} aria-label={label}>
      {JSON.stringify(value, null, 2)}
    </pre>
  );
}
