import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { FailedItem } from '#libs/contracts';
import { Empty } from '../../components/empty.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RowLink } from '../../components/row-action.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { columnsOf, VirtualTable, type Columns } from '../../components/virtual-table.tsx';
import { failedItemsQuery } from '../../queries/operations.ts';
import { FailureFilters } from './failure-filters.tsx';
import { useOtherProject } from './use-other-project.ts';
import styles from './lists.module.css';

const route = getRouteApi('/app/operations');
const column = columnsOf<FailedItem>();

const columns: Columns<FailedItem> = [
  column.display({
    id: 'main',
    header: 'Item',
    cell: ({ row }) => <ItemLink item={row.original} />,
  }),
  column.display({
    id: 'class',
    header: 'Class of error',
    cell: ({ row }) => <code>{row.original.errorClass}</code>,
  }),
  column.display({
    id: 'more',
    header: 'Message',
    cell: ({ row: { original: item } }) => (
      <span title={item.message ?? undefined}>{item.message ?? '–'}</span>
    ),
  }),
  column.display({
    id: 'attempt',
    header: 'Attempt',
    cell: ({ row }) => <span className="numeric">{row.original.attempt}</span>,
  }),
  column.display({
    id: 'time',
    header: 'Failed',
    cell: ({ row }) => <RelativeTime at={row.original.failedAt} />,
  }),
];

function ItemLink({ item }: { item: FailedItem }) {
  const follow = useOtherProject();
  return (
    <RowLink
      to="/runs/$runId"
      params={{ runId: item.runId }}
      search={{ status: 'failed', errorClass: item.errorClass, item: item.no }}
      onClick={follow(item.projectId)}
    >
      {item.key}
      {item.repeat > 0 && ` (repeat ${item.repeat + 1})`}
    </RowLink>
  );
}

/** Failed items across all runs, newest first; each leads to itself on its run's page. */
export function FailedItems() {
  const { errorClass, runId, from, to } = route.useSearch();
  const which = { errorClass, runId, from, to };
  const list = useInfiniteQuery(failedItemsQuery(which));
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  return (
    <>
      <FailureFilters with={['class', 'run', 'time']} />
      {list.isPending ? (
        <SkeletonRows rows={12} label="Loading the failed items" />
      ) : list.isError && rows.length === 0 ? (
        <ProblemPanel
          error={list.error}
          doing="load the failed items"
          onRetry={() => void list.refetch()}
        />
      ) : rows.length === 0 ? (
        <Empty title="No item failed">
          <p>None of what is chosen above has failed.</p>
        </Empty>
      ) : (
        <>
          <VirtualTable
            key={JSON.stringify(which)}
            label="Failed items, newest first"
            columns={columns}
            rows={rows}
            rowId={({ runId, no }) => `${runId}/${no}`}
            tracks="minmax(9rem, 1fr) 10rem minmax(12rem, 3fr) 4.5rem 6.5rem"
            className={styles.table}
            total={hasNextPage ? -1 : rows.length}
            estimatedRowHeight={37}
            onNearEnd={loadMore}
          />
          <MoreRows list={list} shown={rows.length} noun="items" />
        </>
      )}
    </>
  );
}
