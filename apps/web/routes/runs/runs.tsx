import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useRef } from 'react';
import type { Run } from '#libs/contracts';
import { PageLink } from '../../components/page-link.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import {
  useRowSelection,
  useSelectionKeys,
  type RowSelection,
} from '../../components/row-selection.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { formatCount } from '../../format/numbers.ts';
import { runCountQuery } from '../../queries/runs.ts';
import { useMay } from '../../queries/session.ts';
import { BulkBar } from './bulk/bulk-bar.tsx';
import { useBulk } from './bulk/use-bulk.ts';
import { FilterBar } from './filters/filter-bar.tsx';
import { useRuns, type RunList } from './list/use-runs.ts';
import {
  canonical,
  isFiltered,
  listOf,
  orderOf,
  queryOf,
  withoutFilters,
  type RunsSearch,
} from './search.ts';
import { ColumnMenu } from './table/column-menu.tsx';
import { RunsTable } from './table/runs-table.tsx';
import { SortMenu } from './table/sort-menu.tsx';
import { Views } from './views/views.tsx';
import styles from './runs.module.css';

const FirstRun = lazy(async () => ({ default: (await import('./first-run.tsx')).FirstRun }));

const route = getRouteApi('/app/runs');
const idOf = ({ id }: Run): string => id;

/** All runs of the project: to be found, ordered, watched, and changed many at once. */
export function Runs() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay('editor');
  const list = useRuns(search);
  const selection = useRowSelection(list.runs, idOf);
  const bulk = useBulk(list);
  useEffect(() => {
    document.title = 'Runs · LLM-Eval';
  }, []);
  const show = useCallback(
    (next: RunsSearch): void => void navigate({ search: next, replace: true, resetScroll: false }),
    [navigate],
  );
  const sort = useCallback(
    (order: Pick<RunsSearch, 'sort' | 'metric' | 'order'>): void =>
      void navigate({
        search: (before) => ({
          ...before,
          sort: undefined,
          metric: undefined,
          order: undefined,
          ...order,
        }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  useSelectionKeys(selection);
  const isNew = list.runs.length === 0 && list.list.isSuccess && canonical(search) === '[]';
  return (
    <>
      <div className={styles.top}>
        <h1>Runs</h1>
        <Count search={search} loaded={list.runs.length} />
        {mayWrite && (
          <PageLink href="/runs/new" className={styles.new}>
            <Plus size={15} aria-hidden />
            New run
          </PageLink>
        )}
      </div>
      <Views search={search} />
      {isNew ? (
        <Suspense fallback={<SkeletonRows rows={6} label="Loading how to begin" />}>
          <FirstRun />
        </Suspense>
      ) : (
        <>
          <div className={styles.tools}>
            <FilterBar search={search} onChange={show} />
            <div className={styles.end}>
              <SortMenu search={search} onSort={sort} />
              <ColumnMenu
                chosen={search.columns}
                onChoose={(columns) => show({ ...search, columns })}
              />
            </div>
          </div>
          <RunRows search={search} list={list} selection={selection} onSort={sort} onShow={show} />
        </>
      )}
      {mayWrite && <BulkBar selection={selection} bulk={bulk} deleted={search.deleted === true} />}
    </>
  );
}

/** How many runs the filters leave, counted anew when the list has another length. */
function Count({ search, loaded }: { search: RunsSearch; loaded: number }) {
  const which = `${canonical(withoutOrder(search))}/${loaded}`;
  const { data } = useQuery({
    ...runCountQuery(which, () => queryOf(search)),
    placeholderData: (before) => before,
  });
  if (!data) return null;
  const count = `${formatCount(data.count)}${data.more ? ' and more' : ''}`;
  return (
    <output className={`numeric ${styles.count}`}>
      {count}
      <span className="visually-hidden"> runs</span>
    </output>
  );
}

const withoutOrder = (search: RunsSearch): RunsSearch => ({
  ...listOf(search),
  sort: undefined,
  metric: undefined,
  order: undefined,
});

function RunRows(props: {
  search: RunsSearch;
  list: RunList;
  selection: RowSelection<Run>;
  onSort: (order: Pick<RunsSearch, 'sort' | 'metric' | 'order'>) => void;
  onShow: (search: RunsSearch) => void;
}) {
  const { search, selection, onSort, onShow } = props;
  const { list, runs, newsError, retryNews } = props.list;
  const mayWrite = useMay('editor');
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  useBeginning(canonical(listOf(search)));

  if (list.isPending) return <SkeletonRows rows={14} label="Loading the runs" />;
  if (list.isError && runs.length === 0) {
    const retry = (): void => void list.refetch();
    return <ProblemPanel error={list.error} doing="load the runs" onRetry={retry} />;
  }
  if (runs.length === 0) return <NoneShown search={search} onShow={onShow} />;
  const { sort, metric } = orderOf(search);
  return (
    <div aria-busy={list.isPlaceholderData || undefined}>
      {newsError !== undefined && (
        <div className={styles.problem}>
          <ProblemPanel
            error={newsError}
            doing="look for newer runs"
            onRetry={() => void retryNews()}
          />
        </div>
      )}
      <RunsTable
        search={search}
        list={props.list}
        selection={mayWrite ? selection : undefined}
        onSort={onSort}
        onNearEnd={loadMore}
      />
      <div className={styles.foot}>
        {list.isFetchNextPageError ? (
          <ProblemPanel
            error={list.error}
            doing="load more runs"
            onRetry={() => void list.fetchNextPage()}
          />
        ) : (
          <p>
            {hasNextPage ? 'Loading more runs…' : `${formatCount(runs.length)} in all.`}
            {sort === 'mean' && ` Only completed runs that have a mean of ${metric}.`}
            {(sort === 'finished' || sort === 'duration') && ' Only runs that have ended.'}
          </p>
        )}
        <p className={styles.keys}>
          <kbd>j</kbd> <kbd>k</kbd> move, <kbd>Enter</kbd> opens, <kbd>x</kbd> selects, with{' '}
          <kbd>Shift</kbd> up to there, <kbd>a</kbd> all, <kbd>Esc</kbd> none, <kbd>/</kbd> searches
        </p>
      </div>
    </div>
  );
}

/** Another list is looked at from its beginning; the same one again, where it was left. */
function useBeginning(which: string): void {
  const before = useRef(which);
  useEffect(() => {
    if (before.current !== which) window.scrollTo(0, 0);
    before.current = which;
  }, [which]);
}

function NoneShown({
  search,
  onShow,
}: {
  search: RunsSearch;
  onShow: (search: RunsSearch) => void;
}) {
  const filtered = isFiltered(search);
  return (
    <div className={styles.none}>
      <p>
        {filtered
          ? 'No run meets all of the filters.'
          : search.deleted === true
            ? 'No run is deleted.'
            : 'No run has a place in this order yet.'}
      </p>
      <button
        type="button"
        className={styles.showAll}
        onClick={() => onShow(filtered ? withoutFilters(search) : {})}
      >
        {filtered ? 'Clear the filters' : 'Show all runs'}
      </button>
    </div>
  );
}
