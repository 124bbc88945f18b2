import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { isFinal } from '#libs/evaluation';
import type { Run } from '#libs/contracts';
import { useAnnounce } from '../../../components/announcer.tsx';
import { ProgressBar } from '../../../components/progress.tsx';
import { RowLink } from '../../../components/row-action.tsx';
import { RunStateLabel, stateNames } from '../../../components/run-state.tsx';
import { useNow } from '../../../components/use-now.ts';
import { formatCompact, formatCount, formatScore } from '../../../format/numbers.ts';
import { formatDuration } from '../../../format/time.ts';
import { whyStopped } from '../../run/why-stopped.ts';
import { useNewest, useRunLive, useStale } from '../../../live/live.tsx';
import styles from './cells.module.css';

/** Rows that are gone sooner are not watched. */
const SCROLLED_PAST_MS = 200;

/** Also what keeps the row live: every row in the document has exactly one of it. */
export function StateCell({ run }: { run: Run }) {
  const { state, name } = useRunLive(run, SCROLLED_PAST_MS);
  const announce = useAnnounce();
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== state && isFinal(state)) announce(`${name}: ${stateNames[state]}`);
    before.current = state;
  }, [state, name, announce]);
  return (
    <span title={run.reason === null ? undefined : whyStopped(run)}>
      <RunStateLabel state={state} />
    </span>
  );
}

export function ProgressCell({ run: known }: { run: Run }) {
  const run = useNewest(known);
  const stale = useStale(run);
  return (
    <span className={styles.progress}>
      <ProgressBar run={run} />
      <span className={`numeric ${styles.counts} ${stale ? 'stale' : ''}`}>
        {run.done === run.total
          ? formatCompact(run.total)
          : `${formatCompact(run.done)} / ${formatCompact(run.total)}`}
      </span>
      {run.failed > 0 && (
        <span className={`numeric ${styles.failed}`} title={`${formatCount(run.failed)} failed`}>
          <TriangleAlert size={12} aria-hidden />
          {formatCompact(run.failed)}
          <span className="visually-hidden"> failed</span>
        </span>
      )}
    </span>
  );
}

export function MetricsCell({ run: known }: { run: Run }) {
  const run = useNewest(known);
  const stale = useStale(run);
  const all = run.summary.map(({ name, mean }) => `${name} ${formatScore(mean)}`).join('\n');
  return (
    <span className={styles.metrics} title={all}>
      {run.summary.map(({ name, mean, errors }) => (
        <span key={name} className={styles.metric}>
          <span className={styles.metricName}>{name}</span>{' '}
          <span className={`numeric ${stale ? 'stale' : ''}`}>{formatScore(mean)}</span>
          {errors > 0 && (
            <TriangleAlert size={12} className={styles.metricErrors} aria-label="with errors" />
          )}
        </span>
      ))}
    </span>
  );
}

/** The name, which is the link that the row is, and the tags behind it. */
export function NameCell({ run }: { run: Run }) {
  return (
    <span className={styles.name}>
      <RowLink to="/runs/$runId" params={{ runId: run.id }}>
        {run.name}
      </RowLink>
      {run.tags.length > 0 && (
        <span className={styles.tags} title={run.tags.join(', ')}>
          <span className="visually-hidden">tags </span>
          {run.tags.map((tag) => (
            <span key={tag} className={styles.tag}>
              {tag}
            </span>
          ))}
        </span>
      )}
    </span>
  );
}

/** The mean of one metric, in a column of its own. */
export function MeanCell({ run: known, metric }: { run: Run; metric: string }) {
  const run = useNewest(known);
  const stale = useStale(run);
  const found = run.summary.find(({ name }) => name === metric);
  if (!found) return <span aria-label="does not have this metric">–</span>;
  return (
    <span className={`numeric ${stale ? 'stale' : ''}`}>
      {formatScore(found.mean)}
      {found.errors > 0 && (
        <TriangleAlert size={12} className={styles.metricErrors} aria-label="with errors" />
      )}
    </span>
  );
}

export function DurationCell({ run: known }: { run: Run }) {
  const run = useNewest(known);
  const ticking = run.startedAt !== null && run.finishedAt === null && !isFinal(run.state);
  const now = useNow(ticking ? 5_000 : undefined);
  if (run.startedAt === null) return <span aria-label="not started">–</span>;
  // The end comes with the next answer of the API, a moment after the snapshot that says it is over.
  const end = run.finishedAt === null ? now : Date.parse(run.finishedAt);
  return <span className="numeric">{formatDuration(end - Date.parse(run.startedAt))}</span>;
}
