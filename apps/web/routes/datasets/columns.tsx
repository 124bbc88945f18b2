import { MOST_RUNS_COUNTED, type Dataset } from '#libs/contracts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RowLink } from '../../components/row-action.tsx';
import { TagList } from '../../components/tag-list.tsx';
import { columnsOf, type Columns } from '../../components/virtual-table.tsx';
import { formatCount } from '../../format/numbers.ts';
import { DeleteCell } from './delete-dataset.tsx';
import styles from './datasets.module.css';

const column = columnsOf<Dataset>();

export const datasetTracks =
  'minmax(14rem, 3fr) minmax(8rem, 1.5fr) 6rem 5rem 5rem minmax(6rem, 0.6fr)';

/** Runs are counted up to a limit; what may be more says so. */
const runsInWords = (count: number): string =>
  count >= MOST_RUNS_COUNTED ? `${formatCount(count)}+` : formatCount(count);

const deleteColumn = column.display({
  id: 'delete',
  header: () => <span className="visually-hidden">Delete</span>,
  cell: ({ row }) => <DeleteCell dataset={row.original} />,
});

export const datasetColumns: Columns<Dataset> = [
  column.display({
    id: 'name',
    header: 'Name',
    cell: ({ row: { original: dataset } }) => (
      <>
        <RowLink to="/datasets/$datasetId" params={{ datasetId: dataset.id }}>
          {dataset.name}
        </RowLink>
        {dataset.description !== null && (
          <p className={styles.description} title={dataset.description}>
            {dataset.description}
          </p>
        )}
      </>
    ),
  }),
  column.display({
    id: 'tags',
    header: 'Tags',
    cell: ({ row }) => <TagList tags={row.original.tags} />,
  }),
  column.display({
    id: 'items',
    header: 'Items',
    cell: ({ row }) => <span className="numeric">{formatCount(row.original.itemCount)}</span>,
  }),
  column.display({
    id: 'versions',
    header: 'Versions',
    cell: ({ row }) => <span className="numeric">{row.original.latestVersion ?? 0}</span>,
  }),
  column.display({
    id: 'runs',
    header: 'Runs',
    cell: ({ row }) => <span className="numeric">{runsInWords(row.original.runCount)}</span>,
  }),
  column.display({
    id: 'changed',
    header: 'Last change',
    cell: ({ row }) => <RelativeTime at={row.original.changedAt} />,
  }),
];

/** For whoever may delete. */
export const columnsWithDelete: Columns<Dataset> = [...datasetColumns, deleteColumn];
