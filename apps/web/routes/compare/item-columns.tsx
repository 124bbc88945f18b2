import type { ComparisonItem } from '#libs/contracts';
import { RowButton } from '../../components/row-action.tsx';
import { columnsOf, type Columns } from '../../components/virtual-table.tsx';
import { clip } from '../../components/json-text.ts';
import type { NumberText } from './number-text.ts';
import styles from './items.module.css';

const column = columnsOf<ComparisonItem>();

/** What the list has to show; of yes and no a difference says nothing more. */
export interface ItemShape {
  letter: string;
  repeats: boolean;
  differences: boolean;
}

export const itemTracks = ({ repeats, differences }: ItemShape): string =>
  [
    'minmax(7rem, 1.2fr)',
    repeats ? '3.5rem' : '',
    'minmax(6rem, 1.6fr)',
    '5rem',
    'minmax(8rem, 2fr)',
    '5rem',
    'minmax(8rem, 2fr)',
    differences ? '7rem' : '',
  ].join(' ');

/** What became of an item in one run where it has no value. */
const statusNames: Record<string, string> = {
  scored: '',
  not_applicable: 'n/a',
  error: 'scorer broke',
  failed: 'failed',
  open: 'not done',
  absent: 'not there',
};

export function itemColumns(
  { letter, repeats, differences }: ItemShape,
  text: NumberText,
  onOpen: (item: ComparisonItem) => void,
): Columns<ComparisonItem> {
  const side = (name: 'baseline' | 'candidate', id: string, of: string) => [
    column.display({
      id: `value-${id}`,
      header: of,
      cell: ({ row }) => <SideValue side={row.original[name]} text={text} />,
    }),
    column.display({
      id: `output-${id}`,
      header: `Output of ${of}`,
      cell: ({ row }) => clip(row.original[name].output),
    }),
  ];
  return [
    column.display({
      id: 'key',
      header: 'Key',
      cell: ({ row: { original: item } }) => (
        <RowButton aria-haspopup="dialog" title={item.key} onClick={() => onOpen(item)}>
          {item.key}
        </RowButton>
      ),
    }),
    ...(repeats
      ? [
          column.display({
            id: 'repeat',
            header: 'Repeat',
            cell: ({ row }) => <span className="numeric">{row.original.repeat}</span>,
          }),
        ]
      : []),
    column.display({
      id: 'input',
      header: 'Input',
      cell: ({ row }) => clip(row.original.input),
    }),
    ...side('baseline', 'a', 'A'),
    ...side('candidate', 'b', letter),
    ...(differences
      ? [
          column.display({
            id: 'difference',
            header: 'Difference',
            cell: ({ row }) => (
              <span className="numeric">{text.difference(row.original.difference)}</span>
            ),
          }),
        ]
      : []),
  ];
}

/** The value of one side, or why it has none. */
export function SideValue({
  side: { status, value, reason },
  text,
}: {
  side: Pick<ComparisonItem['baseline'], 'status' | 'value' | 'reason'>;
  text: NumberText;
}) {
  if (value === null) {
    return (
      <span className={styles.soft} title={reason ?? undefined}>
        {statusNames[status] ?? status}
      </span>
    );
  }
  return (
    <span className="numeric" title={reason ?? undefined}>
      {typeof value === 'number' ? text.one(value) : value}
    </span>
  );
}
