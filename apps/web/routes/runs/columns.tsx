import type { Run } from '#libs/contracts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RowLink } from '../../components/row-action.tsx';
import { columnsOf, type Columns } from '../../components/virtual-table.tsx';
import { targetInWords } from '../run/target-in-words.ts';
import { DurationCell, MetricsCell, ProgressCell, StateCell } from './cells.tsx';

const column = columnsOf<Run>();

export const runTracks =
  '6.5rem minmax(11.5rem, 2fr) minmax(12.5rem, 0.8fr) minmax(13rem, 2.4fr) minmax(5.5rem, 1fr) 4.75rem 5.5rem 4.75rem';

export const runColumns: Columns<Run> = [
  column.display({
    id: 'state',
    header: 'State',
    cell: ({ row }) => <StateCell run={row.original} />,
  }),
  column.display({
    id: 'name',
    header: 'Name',
    cell: ({ row }) => (
      <RowLink to="/runs/$runId" params={{ runId: row.original.id }}>
        {row.original.name}
      </RowLink>
    ),
  }),
  column.display({
    id: 'progress',
    header: 'Progress',
    cell: ({ row }) => <ProgressCell run={row.original} />,
  }),
  column.display({
    id: 'metrics',
    header: 'Means',
    cell: ({ row }) => <MetricsCell run={row.original} />,
  }),
  column.display({
    id: 'dataset',
    header: 'Dataset',
    cell: ({ row: { original: run } }) => (
      <span title={`${run.datasetName}, version ${run.datasetVersion}`}>
        {run.datasetName} <span className="visually-hidden">version</span> v{run.datasetVersion}
      </span>
    ),
  }),
  column.display({
    id: 'target',
    header: 'Target',
    cell: ({ row: { original: run } }) => (
      <span title={targetInWords(run.target)}>{run.target.kind}</span>
    ),
  }),
  column.display({
    id: 'created',
    header: 'Created',
    cell: ({ row }) => <RelativeTime at={row.original.createdAt} />,
  }),
  column.display({
    id: 'duration',
    header: 'Duration',
    cell: ({ row }) => <DurationCell run={row.original} />,
  }),
];
