import { NumberInput, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { itemChanges, type Dataset, type ItemDifference } from '#libs/contracts';
import { ProblemPanel } from '../../../components/problem.tsx';
import { RowButton } from '../../../components/row-action.tsx';
import { SidePanel } from '../../../components/side-panel.tsx';
import { SkeletonRows } from '../../../components/skeleton-rows.tsx';
import { columnsOf, VirtualTable, type Columns } from '../../../components/virtual-table.tsx';
import { WordMarks } from '../../../components/word-marks.tsx';
import { formatCount } from '../../../format/numbers.ts';
import { differenceQuery } from '../../../queries/datasets.ts';
import { ChangeLabel } from '../items/item-columns.tsx';
import type { DatasetSearch } from '../search.ts';
import { fieldsThatDiffer, fromFirstDifference, textOf } from './differing.ts';
import { ItemDifferences } from './item-differences.tsx';
import styles from './versions.module.css';

const route = getRouteApi('/app/datasets/$datasetId');
const column = columnsOf<ItemDifference>();
const labels = { added: 'Added', removed: 'Removed', changed: 'Changed' } as const;

/** What was added, removed and changed between any two versions. */
export function Difference({ dataset, latest }: { dataset: Dataset; latest: number }) {
  const { from, to: asked = latest, change, item: key } = route.useSearch();
  const navigate = route.useNavigate();
  const set = useCallback(
    (next: Partial<DatasetSearch>, replace = true) =>
      void navigate({ search: (before) => ({ ...before, ...next }), replace, resetScroll: false }),
    [navigate],
  );
  const to = Math.min(asked, latest);
  const base = Math.min(from ?? Math.max(1, to - 1), latest);
  const query = useInfiniteQuery(
    differenceQuery({ datasetId: dataset.id, from: base, to, change }),
  );
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query;
  const rows = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetching, isFetchNextPageError, fetchNextPage]);
  const show = useCallback(
    (row: ItemDifference) => set({ item: row.key }, key !== undefined),
    [set, key],
  );
  const columns = useMemo(() => differenceColumns(show), [show]);
  const index = rows.findIndex((row) => row.key === key);
  const open = index === -1 ? undefined : rows[index];
  const stepTo = (at: number) => {
    const row = rows[at];
    return row && (() => show(row));
  };
  const title = `What changed from version ${base} to ${to}`;
  return (
    <section aria-labelledby="difference" className={styles.section}>
      <h2 id="difference">{title}</h2>
      <div className={styles.compare}>
        <VersionInput
          label="From version"
          value={base}
          latest={latest}
          onChange={(from) => set({ from, to, item: undefined })}
        />
        <VersionInput
          label="To version"
          value={to}
          latest={latest}
          onChange={(next) => set({ from: base, to: next, item: undefined })}
        />
        <ChangeFilter
          counts={data?.pages[0]?.counts}
          chosen={change}
          onChoose={(change) => set({ change, item: undefined })}
        />
      </div>
      {query.isPending ? (
        <SkeletonRows rows={6} label="Comparing the versions" />
      ) : query.isError && rows.length === 0 ? (
        <ProblemPanel
          error={query.error}
          doing="compare the versions"
          onRetry={() => void query.refetch()}
        />
      ) : rows.length === 0 ? (
        <p className={styles.none}>
          {change === undefined
            ? 'The two versions hold the same items.'
            : `No item was ${change}.`}
        </p>
      ) : (
        <VirtualTable
          label={`${title}, by key`}
          columns={columns}
          rows={rows}
          rowId={(row) => row.key}
          tracks="6.5rem minmax(8rem, 1fr) minmax(6rem, 0.6fr) minmax(12rem, 4fr)"
          className={styles.table}
          total={hasNextPage ? -1 : rows.length}
          estimatedRowHeight={37}
          chosen={index === -1 ? undefined : index}
          onChoose={(at) => stepTo(at)?.()}
          onNearEnd={loadMore}
        />
      )}
      {isFetchNextPageError && (
        <ProblemPanel
          error={query.error}
          doing="load more changes"
          onRetry={() => void fetchNextPage()}
        />
      )}
      {open && (
        <SidePanel
          label={`What changed in ${open.key}`}
          title={open.key}
          noun="change"
          icon={<ChangeLabel kind={open.change} />}
          onPrevious={stepTo(index - 1)}
          onNext={stepTo(index + 1)}
          onClose={() => set({ item: undefined })}
        >
          <ItemDifferences key={open.key} before={open.before} after={open.after} />
        </SidePanel>
      )}
    </section>
  );
}

function ChangeFilter(props: {
  counts: { added: number; removed: number; changed: number; unchanged: number } | undefined;
  chosen: DatasetSearch['change'];
  onChoose: (change: DatasetSearch['change']) => void;
}) {
  const { counts, chosen, onChoose } = props;
  const all = counts && counts.added + counts.removed + counts.changed;
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="Changes to show"
        data={[
          { value: 'all', label: all === undefined ? 'All' : `All ${formatCount(all)}` },
          ...itemChanges.map((value) => ({
            value,
            label: counts ? `${labels[value]} ${formatCount(counts[value])}` : labels[value],
          })),
        ]}
        value={chosen ?? 'all'}
        onChange={(value) => onChoose(itemChanges.find((one) => one === value))}
      />
      {counts && (
        <p className={styles.soft}>
          {formatCount(counts.unchanged)} {counts.unchanged === 1 ? 'is' : 'are'} the same in both
        </p>
      )}
    </>
  );
}

function VersionInput(props: {
  label: string;
  value: number;
  latest: number;
  onChange: (version: number) => void;
}) {
  const { label, value, latest, onChange } = props;
  return (
    <NumberInput
      size="xs"
      w="7rem"
      label={label}
      min={1}
      max={latest}
      allowDecimal={false}
      clampBehavior="strict"
      value={value}
      onChange={(version) => {
        if (typeof version === 'number' && version >= 1) onChange(version);
      }}
    />
  );
}

const differenceColumns = (onOpen: (row: ItemDifference) => void): Columns<ItemDifference> => [
  column.display({
    id: 'change',
    header: 'Change',
    cell: ({ row }) => <ChangeLabel kind={row.original.change} />,
  }),
  column.display({
    id: 'key',
    header: 'Key',
    cell: ({ row: { original: row } }) => (
      <RowButton aria-haspopup="dialog" title={row.key} onClick={() => onOpen(row)}>
        {row.key}
      </RowButton>
    ),
  }),
  column.display({
    id: 'fields',
    header: 'Fields',
    cell: ({ row: { original: row } }) =>
      row.change === 'changed' ? fieldsThatDiffer(row.before, row.after).join(', ') : '',
  }),
  column.display({
    id: 'what',
    header: 'What changed first',
    cell: ({ row: { original: row } }) => <FirstDifference row={row} />,
  }),
];

/** The first field that differs, from where it differs. */
function FirstDifference({ row: { before, after } }: { row: ItemDifference }) {
  const [field] = fieldsThatDiffer(before, after);
  if (field === undefined) return null;
  const [was, is] = fromFirstDifference(textOf(before, field), textOf(after, field));
  return <WordMarks before={was} after={is} />;
}
