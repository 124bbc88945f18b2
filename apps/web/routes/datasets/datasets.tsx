import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Plus, Trash2, X } from 'lucide-react';
import { useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { ProblemPanel } from '../../components/problem.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { VirtualTable } from '../../components/virtual-table.tsx';
import { formatCount } from '../../format/numbers.ts';
import { datasetsQuery } from '../../queries/datasets.ts';
import { useMay } from '../../queries/session.ts';
import { columnsWithDelete, datasetColumns, datasetTracks } from './columns.tsx';
import { DeleteContext, Deleted, useDeletion } from './delete-dataset.tsx';
import { FirstDataset } from './first-dataset.tsx';
import { NewDataset } from './new-dataset.tsx';
import type { DatasetsSearch } from './search.ts';
import styles from './datasets.module.css';

const route = getRouteApi('/app/datasets');

export function Datasets() {
  const which = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay('editor');
  const [creating, setCreating] = useState(false);
  const deletion = useDeletion();
  useEffect(() => {
    document.title = 'Datasets · LLM-Eval';
  }, []);
  const show = (search: DatasetsSearch): void =>
    void navigate({ search, replace: true, resetScroll: true });
  const { q, tag, deleted } = which;
  return (
    <>
      <div className={styles.top}>
        <h1>Datasets</h1>
        <SearchField
          label="Search the datasets"
          className={styles.search}
          value={q}
          onChange={(q) => show({ ...which, q })}
        />
        {tag !== undefined && (
          <button
            type="button"
            className={styles.tag}
            onClick={() => show({ ...which, tag: undefined })}
          >
            Tag: {tag} <X size={14} aria-label="Show all tags" />
          </button>
        )}
        <button
          type="button"
          className={styles.deleted}
          aria-pressed={deleted === true}
          onClick={() => show({ ...which, deleted: deleted ? undefined : true })}
        >
          <Trash2 size={14} aria-hidden />
          Deleted
        </button>
        {mayWrite && (
          <Button
            size="xs"
            className={styles.new}
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => setCreating(true)}
          >
            New dataset
          </Button>
        )}
      </div>
      <Deleted {...deletion} />
      <DeleteContext value={mayWrite ? deletion.remove.mutate : undefined}>
        <List
          key={JSON.stringify(which)}
          which={which}
          onShowAll={() => show({})}
          onCreate={mayWrite ? () => setCreating(true) : undefined}
        />
      </DeleteContext>
      {creating && <NewDataset onClose={() => setCreating(false)} />}
    </>
  );
}

function List(props: {
  which: DatasetsSearch;
  onShowAll: () => void;
  onCreate: (() => void) | undefined;
}) {
  const { q, tag, deleted } = props.which;
  const deletes = useContext(DeleteContext) !== undefined && deleted !== true;
  const list = useInfiniteQuery(datasetsQuery({ search: q, tag, deleted }));
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = list;
  const datasets = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);

  if (list.isPending) return <SkeletonRows rows={10} label="Loading the datasets" />;
  if (list.isError && datasets.length === 0) {
    const retry = (): void => void list.refetch();
    return <ProblemPanel error={list.error} doing="load the datasets" onRetry={retry} />;
  }
  if (datasets.length === 0) {
    const unfiltered = q === undefined && tag === undefined && deleted === undefined;
    if (unfiltered) return <FirstDataset onCreate={props.onCreate} />;
    const filtered = q !== undefined || tag !== undefined;
    return (
      <div className={styles.none}>
        <p>{filtered ? 'No dataset matches.' : 'No dataset is deleted.'}</p>
        <Button variant="default" size="xs" onClick={props.onShowAll}>
          Show all datasets
        </Button>
      </div>
    );
  }
  return (
    <>
      <VirtualTable
        label="Datasets, newest first"
        columns={deletes ? columnsWithDelete : datasetColumns}
        rows={datasets}
        rowId={({ id }) => id}
        tracks={deletes ? `${datasetTracks} 2rem` : datasetTracks}
        className={styles.table}
        total={hasNextPage ? -1 : datasets.length}
        estimatedRowHeight={37}
        onNearEnd={loadMore}
      />
      <div className={styles.end}>
        {isFetchNextPageError ? (
          <ProblemPanel
            error={list.error}
            doing="load older datasets"
            onRetry={() => void fetchNextPage()}
          />
        ) : (
          <p>
            {hasNextPage ? 'Loading older datasets…' : `${formatCount(datasets.length)} in all`}
          </p>
        )}
      </div>
    </>
  );
}
