import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import type { Dataset } from '#libs/contracts';
import { ProblemPanel } from '../../../components/problem.tsx';
import { SkeletonRows } from '../../../components/skeleton-rows.tsx';
import { VirtualTable } from '../../../components/virtual-table.tsx';
import { formatCount } from '../../../format/numbers.ts';
import { itemQuery, summaryQuery, type ItemsFilter } from '../../../queries/datasets.ts';
import { useDraft } from '../draft/use-draft.tsx';
import { ImportButton } from '../import/import-button.tsx';
import { FirstItems } from './first-items.tsx';
import { itemColumns, itemTracks } from './item-columns.tsx';
import { ItemFilters } from './item-filters.tsx';
import { ItemPanel } from './item-panel.tsx';
import { rowOf, rowOfChange, type ItemRow } from './rows.ts';
import { useItems } from './use-items.ts';
import { useOpenRow } from './use-open-row.ts';
import styles from './items.module.css';

const route = getRouteApi('/app/datasets/$datasetId');

/** The items of a version, with what the draft makes of them. */
export function Items({ dataset, version }: { dataset: Dataset; version: number | null }) {
  const { q, split, tag, draft } = route.useSearch();
  const { draft: kept, set } = useDraft();
  const filter = { search: q, split, tag };
  const editable = set !== undefined && version === dataset.latestVersion;
  const { create } = useOpenRow();
  const buttons = editable && (
    <div className={styles.buttons}>
      <Button
        variant="default"
        size="xs"
        leftSection={<Plus size={14} aria-hidden />}
        onClick={create}
      >
        Add an item
      </Button>
      <ImportButton dataset={dataset} />
    </div>
  );
  if (draft === true || version === null) {
    const empty = version === null && kept.changes.length === 0;
    return (
      <>
        {!empty && buttons && <div className={styles.top}>{buttons}</div>}
        {empty && <FirstItems dataset={dataset} onAdd={editable ? create : undefined} />}
        <DraftRows dataset={dataset} version={version} editable={editable} />
      </>
    );
  }
  return (
    <>
      <div className={styles.top}>
        <ItemFilters datasetId={dataset.id} version={version} />
        {buttons}
      </div>
      <VersionRows
        key={JSON.stringify([version, filter])}
        dataset={dataset}
        version={version}
        filter={filter}
        editable={editable}
      />
    </>
  );
}

interface RowsProps {
  dataset: Dataset;
  editable: boolean;
}

/** What the draft changes, and nothing else. */
function DraftRows(props: RowsProps & { version: number | null }) {
  const { draft } = useDraft();
  const rows = useMemo(() => draft.changes.map(rowOfChange), [draft]);
  return (
    <>
      {rows.length > 0 && (
        <Table {...props} rows={rows} total={rows.length} label="Changes of the draft" />
      )}
      <OpenItem {...props} rows={rows} more={false} />
    </>
  );
}

function VersionRows(props: RowsProps & { version: number; filter: ItemsFilter }) {
  const { dataset, version, filter, editable } = props;
  const { list, items, loadMore, searched } = useItems(dataset.id, version, filter);
  const { data: summary } = useQuery(summaryQuery(dataset.id, version));
  const { draft, changes } = useDraft();
  const rows = useMemo(() => {
    if (!editable) return items.map((item) => rowOf(item, undefined));
    const added = draft.changes.filter(({ kind }) => kind === 'added').map(rowOfChange);
    return [...added, ...items.map((item) => rowOf(item, changes.get(item.key)))];
  }, [items, editable, draft, changes]);

  if (list.isPending) return <SkeletonRows rows={12} label="Loading the items" />;
  if (list.isError && items.length === 0) {
    const retry = (): void => void list.refetch();
    return <ProblemPanel error={list.error} doing="load the items" onRetry={retry} />;
  }
  const unfiltered = Object.values(filter).every((value) => value === undefined);
  const total = unfiltered ? summary?.itemCount : list.hasNextPage ? undefined : items.length;
  const searching = filter.search !== undefined && list.hasNextPage && !list.isFetchNextPageError;
  return (
    <>
      {rows.length > 0 ? (
        <Table
          {...props}
          rows={rows}
          total={total === undefined ? -1 : total + rows.length - items.length}
          label={`Items of version ${version}`}
          onNearEnd={loadMore}
        />
      ) : (
        <p className={styles.none}>{searching ? 'Searching…' : 'No item matches these filters.'}</p>
      )}
      <div className={styles.end}>
        {list.isFetchNextPageError ? (
          <ProblemPanel
            error={list.error}
            doing="load more items"
            onRetry={() => void list.fetchNextPage()}
          />
        ) : (
          <p>
            {searching && searched !== undefined
              ? `Looked through ${formatCount(searched)}${summary ? ` of ${formatCount(summary.itemCount)}` : ''} items; ${formatCount(items.length)} found so far`
              : `${formatCount(items.length)}${unfiltered && total !== undefined ? ` of ${formatCount(total)}` : ''} ${list.hasNextPage ? 'loaded; the next ones load as you scroll' : 'shown'}`}
          </p>
        )}
      </div>
      <OpenItem {...props} rows={rows} more={list.hasNextPage} />
    </>
  );
}

function Table(
  props: RowsProps & {
    version: number | null;
    rows: ItemRow[];
    total: number;
    label: string;
    onNearEnd?: () => void;
  },
) {
  const { dataset, version, rows, total, label, onNearEnd } = props;
  const { changes, faults } = useDraft();
  const { data: summary } = useQuery({
    ...summaryQuery(dataset.id, version ?? 0),
    enabled: version !== null,
  });
  const { index, show } = useOpenRow(rows);
  // Until it is known what there is, all columns stand there: a column that comes later would push others.
  const drafts = props.editable && changes.size > 0;
  const expected = summary === undefined || summary.expectedCount > 0 || drafts;
  const splits = summary === undefined || summary.splitCount > 0;
  const tags = summary === undefined || summary.tagCount > 0;
  const shape = useMemo(
    () => ({ drafts, expected, splits, tags }),
    [drafts, expected, splits, tags],
  );
  const columns = useMemo(
    () => itemColumns(shape, (id) => faults.has(id), show),
    [shape, faults, show],
  );
  const choose = useCallback(
    (at: number) => {
      const row = rows[at];
      if (row) show(row);
    },
    [rows, show],
  );
  return (
    <VirtualTable
      label={label}
      columns={columns}
      rows={rows}
      rowId={({ id, change }) => (change?.kind === 'added' ? `added ${id}` : `key ${id}`)}
      tracks={itemTracks(shape)}
      className={styles.table}
      total={total}
      estimatedRowHeight={37}
      chosen={index}
      onChoose={choose}
      onNearEnd={onNearEnd}
    />
  );
}

/** The item that the address names; one that is not loaded yet is asked for by its key. */
function OpenItem(props: RowsProps & { version: number | null; rows: ItemRow[]; more: boolean }) {
  const { dataset, version, rows, more, editable } = props;
  const { index, key, added, raw, show, close, setRaw } = useOpenRow(rows);
  const { changes } = useDraft();
  const { data: summary } = useQuery({
    ...summaryQuery(dataset.id, version ?? 0),
    enabled: version !== null,
  });
  const found = index === undefined ? undefined : rows[index];
  const asked = useQuery({
    ...itemQuery(dataset.id, version ?? 0, key ?? ''),
    enabled: key !== undefined && found === undefined && version !== null,
  });
  const name = key ?? added;
  if (name === undefined) return null;
  const known = asked.data
    ? rowOf(asked.data, editable ? changes.get(name) : undefined)
    : asked.data;
  const to = (at: number) => {
    const row = rows[at];
    return row && (() => show(row));
  };
  if (asked.isError) {
    return (
      <ProblemPanel
        error={asked.error}
        doing="load this item"
        onRetry={() => void asked.refetch()}
      />
    );
  }
  return (
    <ItemPanel
      key={`${key === undefined ? 'added' : 'key'} ${name}`}
      row={found ?? (key === undefined || version === null ? null : known)}
      name={name}
      isNew={added !== undefined}
      editable={editable}
      raw={raw}
      splits={(summary?.splits ?? []).flatMap(({ split }) => split ?? [])}
      onRaw={setRaw}
      onPrevious={index === undefined ? undefined : to(index - 1)}
      onNext={
        index === undefined || (index >= rows.length - 1 && !more) ? undefined : to(index + 1)
      }
      onClose={close}
    />
  );
}
