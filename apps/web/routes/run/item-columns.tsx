import { describeErrorClass } from '#libs/evaluation';
import type { EvaluationItem } from '#libs/contracts';
import { RowButton } from '../../components/row-action.tsx';
import { SelectAll, SelectCell } from '../../components/row-selection.tsx';
import { columnsOf, type Columns } from '../../components/virtual-table.tsx';
import { formatLatency } from '../../format/time.ts';
import { ItemStatus } from './item-status.tsx';
import { clip } from '../../components/json-text.ts';
import { ScoreValue } from '../../components/score-value.tsx';
import styles from './item-cells.module.css';

const column = columnsOf<EvaluationItem>();
const scoreColumns = 4;

/** What the run has to show: a column that would be empty in every row is left out. */
export interface Shape {
  metrics: string[];
  repeats: boolean;
  errors: boolean;
  /** Rows can be selected. */
  selects: boolean;
}

export const itemTracks = ({ metrics, repeats, errors, selects }: Shape): string =>
  [
    selects ? '1.25rem' : '',
    '1.25rem minmax(7rem, 1.3fr)',
    repeats ? '3.5rem' : '',
    'minmax(10rem, 3fr)',
    `repeat(${Math.min(scoreColumns, metrics.length)}, minmax(5rem, 0.8fr))`,
    errors ? 'minmax(8rem, 2fr)' : '',
    '4.5rem',
  ].join(' ');

const selectColumn = column.display({
  id: 'select',
  header: () => <SelectAll noun="items" />,
  cell: ({ row: { original: item } }) => (
    <SelectCell
      id={String(item.no)}
      name={item.repeat > 0 ? `${item.key}, repeat ${item.repeat}` : item.key}
    />
  ),
});

const repeatColumn = column.display({
  id: 'repeat',
  header: 'Repeat',
  cell: ({ row }) => <span className="numeric">{row.original.repeat}</span>,
});

const errorColumn = column.display({
  id: 'error',
  header: 'Error',
  cell: ({ row: { original: item } }) =>
    item.error && (
      <span className={styles.error} title={item.error.message}>
        {describeErrorClass(item.error.class).title}: {item.error.message}
      </span>
    ),
});

/** A few metrics have a column each, first the one that the items are sorted by; the panel has all. */
export function itemColumns(
  shape: Shape,
  first: string | undefined,
  onOpen: (no: number) => void,
): Columns<EvaluationItem> {
  const ordered = shape.metrics
    .toSorted((a, b) => Number(b === first) - Number(a === first))
    .slice(0, scoreColumns);
  return [
    ...(shape.selects ? [selectColumn] : []),
    column.display({
      id: 'status',
      header: () => <span className="visually-hidden">Status</span>,
      cell: ({ row }) => <ItemStatus status={row.original.status} />,
    }),
    column.display({
      id: 'key',
      header: 'Key',
      cell: ({ row: { original: item } }) => (
        <RowButton aria-haspopup="dialog" title={item.key} onClick={() => onOpen(item.no)}>
          {item.key}
        </RowButton>
      ),
    }),
    ...(shape.repeats ? [repeatColumn] : []),
    column.display({
      id: 'output',
      header: 'Output',
      cell: ({ row }) => clip(row.original.output),
    }),
    ...ordered.map((name) =>
      column.display({
        id: `score-${name}`,
        header: () => <span title={name}>{name}</span>,
        cell: ({ row }) => <ScoreValue score={row.original.scores.find((s) => s.name === name)} />,
      }),
    ),
    column.display({
      id: 'scores',
      // Only narrow screens show it, in the place of the columns.
      header: 'Scores',
      cell: ({ row }) => (
        <span className={styles.scores}>
          {row.original.scores.map((score) => (
            <span key={score.name}>
              <span className={styles.name}>{score.name}</span> <ScoreValue score={score} />
            </span>
          ))}
        </span>
      ),
    }),
    ...(shape.errors ? [errorColumn] : []),
    column.display({
      id: 'latency',
      header: 'Latency',
      cell: ({ row: { original: item } }) => (
        <span className="numeric">
          {item.latencyMs === undefined ? '–' : formatLatency(item.latencyMs)}
        </span>
      ),
    }),
  ];
}
