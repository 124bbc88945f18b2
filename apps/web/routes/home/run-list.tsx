import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Run } from '#libs/contracts';
import { isFinal } from '#libs/evaluation';
import { ProblemPanel } from '../../components/problem.tsx';
import { ProgressBar } from '../../components/progress.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RunStateLabel } from '../../components/run-state.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { formatCompact, formatPercent, formatScore } from '../../format/numbers.ts';
import { useRunLive, useStale } from '../../live/live.tsx';
import type { RunsSearch } from '../runs/search.ts';
import { Nothing, Panel } from './panel.tsx';
import styles from './run-list.module.css';

const METRICS_SHOWN = 3;

/** A few runs, each a link to its page, with numbers that move. */
export function RunList(props: {
  title: string;
  list: UseQueryResult<Run[]>;
  /** Where there is none. */
  none: string;
  /** Finds all of them in the list of runs. */
  search: RunsSearch;
}) {
  const { title, list, none, search } = props;
  const { data: runs, isPending, error } = list;
  return (
    <Panel
      title={title}
      more={
        <Link to="/runs" search={search}>
          All<span className="visually-hidden"> runs: {title}</span>
        </Link>
      }
    >
      {isPending && <SkeletonRows rows={4} label={`Loading: ${title}`} />}
      {error && !runs && (
        <ProblemPanel error={error} doing="load the runs" onRetry={() => void list.refetch()} />
      )}
      {runs?.length === 0 && <Nothing>{none}</Nothing>}
      {runs && runs.length > 0 && (
        <ul className={styles.runs}>
          {runs.map((run) => (
            <Row key={run.id} run={run} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Row({ run: known }: { run: Run }) {
  const run = useRunLive(known);
  const stale = useStale(run);
  const over = isFinal(run.state);
  return (
    <li className={styles.run}>
      <span className={styles.state}>
        <RunStateLabel state={run.state} />
      </span>
      <Link to="/runs/$runId" params={{ runId: run.id }} className={styles.name}>
        {run.name}
      </Link>
      <span className={styles.dataset}>{run.datasetName}</span>
      {over ? (
        <span className={styles.means}>
          {run.summary.slice(0, METRICS_SHOWN).map(({ name, mean }) => (
            <span key={name} className={styles.mean}>
              {name} <span className="numeric">{formatScore(mean)}</span>
            </span>
          ))}
        </span>
      ) : (
        <span className={styles.progress}>
          <ProgressBar run={run} />
          <span className={`numeric ${stale ? 'stale' : ''}`}>
            {formatPercent(run.done, run.total)} of {formatCompact(run.total)}
          </span>
        </span>
      )}
      <span className={styles.time}>
        <RelativeTime at={run.finishedAt ?? run.createdAt} />
      </span>
    </li>
  );
}
