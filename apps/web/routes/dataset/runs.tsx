import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Pin, PinOff } from 'lucide-react';
import { useCallback, useContext, useMemo } from 'react';
import type { Dataset, Run } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RowActionContext, RowLink } from '../../components/row-action.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { columnsOf, VirtualTable, type Columns } from '../../components/virtual-table.tsx';
import { formatCount } from '../../format/numbers.ts';
import { datasetRunsQuery } from '../../queries/datasets.ts';
import { baselineQuery } from '../../queries/gates.ts';
import { useMay } from '../../queries/session.ts';
import { useBaseline } from '../run/use-baseline.ts';
import { MetricsCell, StateCell } from '../runs/table/cells.tsx';
import styles from './dataset.module.css';

const column = columnsOf<Run>();
const tracks = '6.5rem minmax(11rem, 2fr) 5rem minmax(12rem, 3fr) 7rem';
const columns: Columns<Run> = [
  column.display({
    id: 'state',
    header: 'State',
    cell: ({ row }) => <StateCell run={row.original} />,
  }),
  column.display({
    id: 'name',
    header: 'Name',
    cell: ({ row }) => (
      <RowLink to="/runs/$runId" params={{ runId: row.original.id }}>
        {row.original.name}
      </RowLink>
    ),
  }),
  column.display({
    id: 'version',
    header: 'Version',
    cell: ({ row }) => <span className="numeric">v{row.original.datasetVersion}</span>,
  }),
  column.display({
    id: 'metrics',
    header: 'Means',
    cell: ({ row }) => <MetricsCell run={row.original} />,
  }),
  column.display({
    id: 'created',
    header: 'Created',
    cell: ({ row }) => <RelativeTime at={row.original.createdAt} />,
  }),
];

const withPin: Columns<Run> = [
  ...columns,
  column.display({
    id: 'pin',
    header: () => <span className="visually-hidden">Baseline</span>,
    cell: ({ row }) => <PinCell run={row.original} />,
  }),
];

/** Makes a run the baseline of its dataset, or takes that back. */
function PinCell({ run }: { run: Run }) {
  const { baseline, isBaseline, pin, unpin } = useBaseline(run);
  const tabbable = useContext(RowActionContext);
  if (baseline === undefined || run.state !== 'completed') return null;
  const { isPending, isError } = isBaseline ? unpin : pin;
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      className={styles.pin}
      leftSection={isBaseline ? <PinOff size={13} aria-hidden /> : <Pin size={13} aria-hidden />}
      tabIndex={tabbable ? 0 : -1}
      disabled={isPending}
      aria-label={`${isBaseline ? 'Unpin' : 'Pin'} ${run.name} as the baseline`}
      title={isError ? 'That did not work; try again' : undefined}
      onClick={() => (isBaseline ? unpin : pin).mutate()}
    >
      {isBaseline ? 'Unpin' : 'Pin'}
    </Button>
  );
}

/** The runs that were made on the dataset, of all its versions, and which of them is its baseline. */
export function DatasetRuns({ dataset }: { dataset: Dataset }) {
  const mayPin = useMay('editor') && dataset.deletedAt === null;
  const list = useInfiniteQuery(datasetRunsQuery(dataset.id));
  const { data: baseline } = useQuery(baselineQuery(dataset.id));
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const runs = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  if (list.isPending) return <SkeletonRows rows={8} label="Loading the runs" />;
  if (list.isError && runs.length === 0) {
    const retry = (): void => void list.refetch();
    return <ProblemPanel error={list.error} doing="load the runs" onRetry={retry} />;
  }
  return (
    <div className={styles.wide}>
      <p>
        <Link to="/runs" search={{ dataset: [dataset.id] }}>
          Show these runs in the list of runs
        </Link>
        , to filter, order, compare and change them.
      </p>
      <p className={styles.baseline}>
        <Pin size={14} aria-hidden />
        {baseline ? (
          <span>
            Baseline:{' '}
            <Link to="/runs/$runId" params={{ runId: baseline.runId }}>
              {baseline.runName}
            </Link>{' '}
            on version {baseline.datasetVersion}, pinned <RelativeTime at={baseline.pinnedAt} />.
            Each run that completes is compared with it.
          </span>
        ) : (
          'No baseline is pinned: a run can be pinned, and each one that completes is then compared with it.'
        )}
      </p>
      {runs.length === 0 ? (
        <p className={styles.none}>No run was made on this dataset yet.</p>
      ) : (
        <VirtualTable
          label={`Runs on ${dataset.name}, newest first`}
          columns={mayPin ? withPin : columns}
          rows={runs}
          rowId={({ id }) => id}
          tracks={mayPin ? `${tracks} 6rem` : tracks}
          className={styles.runs}
          total={hasNextPage ? -1 : runs.length}
          estimatedRowHeight={37}
          onNearEnd={loadMore}
        />
      )}
      {isFetchNextPageError ? (
        <ProblemPanel
          error={list.error}
          doing="load older runs"
          onRetry={() => void fetchNextPage()}
        />
      ) : (
        runs.length > 0 && (
          <p className={styles.end}>
            {hasNextPage ? 'Loading older runs…' : `${formatCount(runs.length)} in all`}
          </p>
        )
      )}
    </div>
  );
}
