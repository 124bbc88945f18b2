import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import { runStates } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { stateNames } from '../../components/run-state.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { VirtualTable } from '../../components/virtual-table.tsx';
import { runColumns, runTracks } from './columns.tsx';
import { FirstRun } from './first-run.tsx';
import type { RunsSearch } from './search.ts';
import { StateFilter } from './state-filter.tsx';
import { useRuns } from './use-runs.ts';
import styles from './runs.module.css';

const route = getRouteApi('/app/runs');

export function Runs() {
  const which = route.useSearch();
  const navigate = route.useNavigate();
  useEffect(() => {
    document.title = 'Runs · LLM-Eval';
  }, []);
  const show = (search: RunsSearch): void =>
    void navigate({ search, replace: true, resetScroll: true });
  return (
    <>
      <div className={styles.top}>
        <h1>Runs</h1>
        <StateFilter states={runStates} chosen={which} onChoose={show} />
      </div>
      <RunTable key={JSON.stringify(which)} which={which} onShowAll={() => show({})} />
    </>
  );
}

function RunTable({ which, onShowAll }: { which: RunsSearch; onShowAll: () => void }) {
  const { list, runs, headError, retryHead } = useRuns(which);
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);

  if (list.isPending) return <SkeletonRows rows={14} label="Loading the runs" />;
  if (list.isError && runs.length === 0) {
    const retry = (): void => void list.refetch();
    return <ProblemPanel error={list.error} doing="load the runs" onRetry={retry} />;
  }
  if (runs.length === 0) {
    const { state, deleted } = which;
    if (state === undefined && deleted === undefined) return <FirstRun />;
    const none = state ? `No run is ${stateNames[state].toLowerCase()} now.` : 'No run is deleted.';
    return <NoneShown text={none} onShowAll={onShowAll} />;
  }
  return (
    <>
      {headError !== undefined && (
        <div className={styles.problem}>
          <ProblemPanel
            error={headError}
            doing="look for newer runs"
            onRetry={() => void retryHead()}
          />
        </div>
      )}
      <VirtualTable
        label="Runs, newest first"
        columns={runColumns}
        rows={runs}
        rowId={(run) => run.id}
        tracks={runTracks}
        className={styles.table}
        total={list.hasNextPage ? -1 : runs.length}
        estimatedRowHeight={37}
        onNearEnd={loadMore}
      />
      <div className={styles.end}>
        {list.isFetchNextPageError ? (
          <ProblemPanel
            error={list.error}
            doing="load older runs"
            onRetry={() => void list.fetchNextPage()}
          />
        ) : (
          <p>{list.hasNextPage ? 'Loading older runs…' : `${runs.length} in all`}</p>
        )}
      </div>
    </>
  );
}

function NoneShown({ text, onShowAll }: { text: string; onShowAll: () => void }) {
  return (
    <div className={styles.none}>
      <p>{text}</p>
      <button type="button" className={styles.showAll} onClick={onShowAll}>
        Show all runs
      </button>
    </div>
  );
}
