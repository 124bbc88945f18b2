import { ArrowDown, ArrowUp } from 'lucide-react';
import { createContext, useCallback, useContext, useMemo } from 'react';
import type { Run } from '#libs/contracts';
import {
  SelectAll,
  SelectCell,
  SelectionContext,
  type RowSelection,
} from '../../../components/row-selection.tsx';
import { columnsOf, VirtualTable, type Columns } from '../../../components/virtual-table.tsx';
import type { RunList } from '../list/use-runs.ts';
import { orderOf, type RunsSearch } from '../search.ts';
import { columnsFor, type RunColumn } from './columns.tsx';
import styles from './table.module.css';

type Order = Pick<RunsSearch, 'sort' | 'metric' | 'order'>;

const column = columnsOf<Run>();
const toColumn = (one: RunColumn): Columns<Run>[number] =>
  column.display({
    id: one.id,
    header: () => <Head column={one} />,
    cell: ({ row }) => one.cell(row.original),
  });
const selectColumn = column.display({
  id: 'select',
  header: () => <SelectAll noun="runs" />,
  cell: ({ row }) => <SelectCell id={row.original.id} name={row.original.name} />,
});

const OrderContext = createContext<{ by: ReturnType<typeof orderOf>; onSort: (by: Order) => void }>(
  {
    by: orderOf({}),
    onSort: () => undefined,
  },
);

/** The runs that are loaded, one a row. */
export function RunsTable(props: {
  search: RunsSearch;
  list: RunList;
  selection: RowSelection<Run> | undefined;
  onSort: (order: Order) => void;
  onNearEnd: () => void;
}) {
  const { search, selection, onSort } = props;
  const { runs, list, onView } = props.list;
  const chosen = useMemo(() => columnsFor(search.columns), [search.columns]);
  const selects = selection !== undefined;
  const columns = useMemo(
    () => [...(selects ? [selectColumn] : []), ...chosen.map(toColumn)],
    [chosen, selects],
  );
  const order = useMemo(() => ({ by: orderOf(search), onSort }), [search, onSort]);
  const { by } = order;
  const sorted = chosen.find(({ sort }) => sort?.sort === by.sort && sort.metric === by.metric);
  const tracks = chosen.map(({ track }) => track).join(' ');
  const select = selection?.select;
  const onSelect = useCallback(
    (index: number, range: boolean) => {
      const run = runs[index];
      if (run) select?.(run.id, range);
    },
    [runs, select],
  );
  return (
    <OrderContext value={order}>
      <SelectionContext value={selection}>
        <VirtualTable
          label="Runs"
          columns={columns}
          rows={runs}
          rowId={(run) => run.id}
          tracks={selects ? `1.25rem ${tracks}` : tracks}
          className={styles.table}
          total={list.hasNextPage ? -1 : runs.length}
          estimatedRowHeight={37}
          onNearEnd={props.onNearEnd}
          onView={onView}
          sorted={
            sorted && {
              column: sorted.id,
              order: by.order === 'asc' ? 'ascending' : 'descending',
            }
          }
          selected={selection?.ids}
          onSelect={selects ? onSelect : undefined}
        />
      </SelectionContext>
    </OrderContext>
  );
}

/** A column's title; a button where the list can be ordered by it. */
function Head({ column: { sort, label } }: { column: RunColumn }) {
  const { by, onSort } = useContext(OrderContext);
  if (!sort) return label;
  const isSorted = sort.sort === by.sort && sort.metric === by.metric;
  const Icon = by.order === 'asc' ? ArrowUp : ArrowDown;
  const turned = by.order === 'asc' ? ('desc' as const) : ('asc' as const);
  return (
    <button
      type="button"
      className={styles.sort}
      title={`Sort by ${label}`}
      onClick={() => onSort(isSorted ? { ...sort, order: turned } : sort)}
    >
      {label}
      {isSorted && <Icon size={12} aria-hidden />}
    </button>
  );
}
