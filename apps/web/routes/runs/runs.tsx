import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import { runStates, type RunState } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { stateNames } from '../../components/run-state.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { VirtualTable } from '../../components/virtual-table.tsx';
import { runColumns, runTracks } from './columns.tsx';
import { FirstRun } from './first-run.tsx';
import { StateFilter } from './state-filter.tsx';
import { useRuns } from './use-runs.ts';
import styles from './runs.module.css';

const route = getRouteApi('/app/runs');

export function Runs() {
  const { state } = route.useSearch();
  const navigate = route.useNavigate();
  useEffect(() => {
    document.title = 'Runs · LLM-Eval';
  }, []);
  const show = (state: RunState | undefined): void =>
    void navigate({ search: { state }, replace: true, resetScroll: true });
  return (
    <>
      <div className={styles.top}>
        <h1>Runs</h1>
        <StateFilter states={runStates} chosen={state} onChoose={show} />
      </div>
      <RunTable key={state ?? 'any'} state={state} onShowAll={() => show(undefined)} />
    </>
  );
}

function RunTable({ state, onShowAll }: { state: RunState | undefined; onShowAll: () => void }) {
  const { list, runs, headError, retryHead } = useRuns(state);
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
    return state === undefined ? <FirstRun /> : <NoneInState state={state} onShowAll={onShowAll} />;
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

function NoneInState({ state, onShowAll }: { state: RunState; onShowAll: () => void }) {
  return (
    <div className={styles.none}>
      <p>No run is {stateNames[state].toLowerCase()} now.</p>
      <button type="button" className={styles.showAll} onClick={onShowAll}>
        Show all runs
      </button>
    </div>
  );
}
