import {
  createColumnHelper,
  tableFeatures,
  useTable,
  type ColumnDef,
  type RowData,
} from '@tanstack/react-table';
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type CSSProperties } from 'react';
import { RowActionContext } from './row-action.tsx';
import { useRowKeys } from './use-row-keys.ts';
import styles from './virtual-table.module.css';

const features = tableFeatures({});
export type Features = typeof features;
export type Columns<Row extends RowData> = ColumnDef<Features, Row>[];
export const columnsOf = <Row extends RowData>() => createColumnHelper<Features, Row>();

export interface VirtualTableProps<Row extends RowData> {
  label: string;
  columns: Columns<Row>;
  rows: Row[];
  rowId: (row: Row) => string;
  /** The columns' widths on a wide screen, as a grid template. */
  tracks: string;
  /** Lays the cells out anew on a narrow screen; they carry `data-column`. */
  className?: string | undefined;
  /** How many rows there are in all, where that is known. */
  total?: number | undefined;
  estimatedRowHeight: number;
  /** The row that is open beside the table. */
  chosen?: number | undefined;
  /** Called when the keyboard moves on while a row is open: the next one opens. */
  onChoose?: ((index: number) => void) | undefined;
  /** Called when the last rows come into view. */
  onNearEnd?: (() => void) | undefined;
  /** Told which rows are in view, from the first to the last. */
  onView?: ((first: number, last: number) => void) | undefined;
  /** The column that the rows are ordered by. */
  sorted?: { column: string; order: 'ascending' | 'descending' } | undefined;
  /** Rows that are selected, by their ids, and what x and the space bar do. */
  selected?: ReadonlySet<string> | undefined;
  onSelect?: ((index: number, range: boolean) => void) | undefined;
}

/**
 * A table of any length that scrolls with the page. Only rows in view are in the document. Each row
 * has one thing to press (a `RowLink` or `RowButton`); j, k and the arrows move between them.
 */
export function VirtualTable<Row extends RowData>(props: VirtualTableProps<Row>) {
  const { columns, rows, rowId, chosen, onNearEnd } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [offset, setOffset] = useState(0);
  const table = useTable({ features, columns, data: rows, getRowId: rowId });
  const shown = table.getRowModel().rows;
  const keys = useRowKeys({
    body,
    count: shown.length,
    chosen,
    onChoose: props.onChoose,
    onSelect: props.onSelect,
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
    firstInView: () => virtualizer.range?.startIndex ?? 0,
  });
  // oxlint-disable-next-line react/incompatible-library -- it only stops React's compiler, not used here
  const virtualizer = useWindowVirtualizer({
    count: shown.length,
    estimateSize: () => props.estimatedRowHeight,
    getItemKey: (index) => shown[index]?.id ?? index,
    overscan: 12,
    scrollMargin: offset,
    scrollPaddingStart: 96,
    scrollPaddingEnd: 16,
    // The row that has the focus stays in the document wherever the page is scrolled to.
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), Math.min(keys.active, range.count - 1)])]
        .filter((index) => index >= 0)
        .sort((a, b) => a - b),
  });
  const items = virtualizer.getVirtualItems();

  useLayoutEffect(() => {
    // What stands above the table may grow or shrink: cards arrive, a filter row wraps.
    const measure = (): void => {
      const top = body.current?.getBoundingClientRect().top ?? 0;
      setOffset(Math.round(top + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  const last = virtualizer.range?.endIndex ?? 0;
  const nearEnd = shown.length > 0 && last >= shown.length - 20;
  useEffect(() => {
    if (nearEnd) onNearEnd?.();
  }, [nearEnd, onNearEnd, shown.length]);

  const first = virtualizer.range?.startIndex ?? 0;
  const { onView } = props;
  useEffect(() => onView?.(first, last), [first, last, onView, rows]);
  useStay(virtualizer.range?.startIndex, shown, offset, props.estimatedRowHeight);

  const tracks: CSSProperties & Record<'--tracks', string> = { '--tracks': props.tracks };
  return (
    <table
      aria-label={props.label}
      aria-rowcount={(props.total ?? shown.length) + 1}
      className={`${styles.table} ${props.className ?? ''}`}
      style={tracks}
    >
      <thead className={styles.head}>
        {table.getHeaderGroups().map((group) => (
          <tr aria-rowindex={1} className={styles.headRow} key={group.id}>
            {group.headers.map((header) => (
              // oxlint-disable-next-line jsx-a11y/control-has-associated-label -- the column has it
              <th
                scope="col"
                data-column={header.column.id}
                aria-sort={
                  props.sorted?.column === header.column.id ? props.sorted.order : undefined
                }
                key={header.id}
              >
                <table.FlexRender header={header} />
              </th>
            ))}
          </tr>
        ))}
      </thead>
      <tbody ref={body} className={styles.body} style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const row = shown[item.index];
          if (!row) return null;
          const tabbable = item.index === keys.active;
          return (
            <tr
              aria-rowindex={item.index + 2}
              key={item.key}
              data-index={item.index}
              data-chosen={item.index === chosen || undefined}
              data-selected={props.selected?.has(row.id) || undefined}
              ref={virtualizer.measureElement}
              className={styles.row}
              style={{ transform: `translateY(${item.start - offset}px)` }}
            >
              <RowActionContext value={tabbable}>
                {row.getAllCells().map((cell) => (
                  // oxlint-disable-next-line jsx-a11y/control-has-associated-label -- the column has it
                  <td data-column={cell.column.id} key={cell.id}>
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </RowActionContext>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/**
 * Where rows come or go above those in view, the page scrolls along: what somebody reads stays where it
 * is. At the head of the list it does not, so that what is new is seen.
 */
function useStay(
  first: number | undefined,
  rows: readonly { id: string }[],
  offset: number,
  rowHeight: number,
): void {
  const before = useRef<{ id: string; index: number }>(undefined);
  useLayoutEffect(() => {
    const top = before.current;
    const scrolled = window.scrollY > offset;
    if (top && scrolled && rows[top.index]?.id !== top.id) {
      const index = rows.findIndex(({ id }) => id === top.id);
      if (index >= 0) window.scrollBy(0, (index - top.index) * rowHeight);
      before.current = undefined;
      return;
    }
    const row = first === undefined ? undefined : rows[first];
    before.current = first === undefined || !row ? undefined : { id: row.id, index: first };
  }, [first, rows, offset, rowHeight]);
}
