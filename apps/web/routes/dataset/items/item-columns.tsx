import { CircleMinus, CirclePlus, PencilLine, TriangleAlert, type LucideIcon } from 'lucide-react';
import { gist } from '../../../components/json-text.ts';
import { RowButton } from '../../../components/row-action.tsx';
import { TagList } from '../../../components/tag-list.tsx';
import { columnsOf, type Columns } from '../../../components/virtual-table.tsx';
import { formatCount } from '../../../format/numbers.ts';
import type { Change } from '../draft/draft.ts';
import type { ItemRow } from './rows.ts';
import styles from './items.module.css';

const column = columnsOf<ItemRow>();

/** What the version has to show: a column that would be empty in every row is left out. */
export interface Shape {
  drafts: boolean;
  expected: boolean;
  splits: boolean;
  tags: boolean;
}

export const itemTracks = ({ drafts, expected, splits, tags }: Shape): string =>
  [
    drafts ? '6rem' : '',
    '4.75rem minmax(7rem, 1fr) minmax(10rem, 3fr)',
    expected ? 'minmax(6rem, 1.5fr)' : '',
    splits ? '6rem' : '',
    tags ? 'minmax(6rem, 1fr)' : '',
  ].join(' ');

const changeIcons: Record<Change['kind'], LucideIcon> = {
  added: CirclePlus,
  changed: PencilLine,
  removed: CircleMinus,
};
const changeNames = { added: 'Added', changed: 'Changed', removed: 'Removed' } as const;

/** What becomes, or became, of an item: an icon of its own shape and a word. */
export function ChangeLabel({ kind, faulty = false }: { kind: Change['kind']; faulty?: boolean }) {
  const Icon = faulty ? TriangleAlert : changeIcons[kind];
  return (
    <span className={styles.change} data-change={faulty ? 'faulty' : kind}>
      <Icon size={14} aria-hidden />
      {changeNames[kind]}
      {faulty && <span className="visually-hidden">, not right yet</span>}
    </span>
  );
}

export function itemColumns(
  { drafts, expected, splits, tags }: Shape,
  isFaulty: (id: string) => boolean,
  onOpen: (row: ItemRow) => void,
): Columns<ItemRow> {
  return [
    ...(drafts
      ? [
          column.display({
            id: 'draft',
            header: 'Draft',
            cell: ({ row: { original: row } }) =>
              row.change && <ChangeLabel kind={row.change.kind} faulty={isFaulty(row.id)} />,
          }),
        ]
      : []),
    column.display({
      id: 'position',
      header: 'No.',
      cell: ({ row: { original: row } }) => (
        <span className="numeric">
          {row.item.position < 0 ? '–' : formatCount(row.item.position + 1)}
        </span>
      ),
    }),
    column.display({
      id: 'key',
      header: 'Key',
      cell: ({ row: { original: row } }) => (
        <RowButton aria-haspopup="dialog" title={row.item.key} onClick={() => onOpen(row)}>
          {row.item.key === '' ? 'new' : row.item.key}
        </RowButton>
      ),
    }),
    column.display({
      id: 'input',
      header: 'Input',
      cell: ({ row }) => gist(row.original.item.input),
    }),
    ...(expected
      ? [
          column.display({
            id: 'expected',
            header: 'Expected',
            cell: ({ row }) => gist(row.original.item.expected),
          }),
        ]
      : []),
    ...(splits
      ? [
          column.display({
            id: 'split',
            header: 'Split',
            cell: ({ row }) => row.original.item.split ?? '–',
          }),
        ]
      : []),
    ...(tags
      ? [
          column.display({
            id: 'tags',
            header: 'Tags',
            cell: ({ row }) => <TagList tags={row.original.item.tags} />,
          }),
        ]
      : []),
  ];
}
