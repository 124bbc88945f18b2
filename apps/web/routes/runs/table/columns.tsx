import type { ReactNode } from 'react';
import type { Run, RunSort } from '#libs/contracts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { formatCost } from '../../../format/numbers.ts';
import { targetInWords } from '../../../components/target-in-words.ts';
import {
  DurationCell,
  MeanCell,
  MetricsCell,
  NameCell,
  ProgressCell,
  StateCell,
} from './cells.tsx';

export interface RunColumn {
  id: string;
  label: string;
  /** Its width on a wide screen, as a part of a grid template. */
  track: string;
  /** What the list can be ordered by with it. */
  sort?: { sort: RunSort; metric?: string };
  cell: (run: Run) => ReactNode;
}

const nothing = <span aria-hidden>–</span>;

/** Columns that can be chosen, in their order. The name is always there. */
const known: RunColumn[] = [
  { id: 'state', label: 'State', track: '6.5rem', cell: (run) => <StateCell run={run} /> },
  {
    id: 'name',
    label: 'Name',
    track: 'minmax(14rem, 3fr)',
    sort: { sort: 'name' },
    cell: (run) => <NameCell run={run} />,
  },
  {
    id: 'progress',
    label: 'Progress',
    track: 'minmax(11.5rem, 0.8fr)',
    cell: (run) => <ProgressCell run={run} />,
  },
  {
    id: 'metrics',
    label: 'Means',
    track: 'minmax(9rem, 1.5fr)',
    cell: (run) => <MetricsCell run={run} />,
  },
  {
    id: 'dataset',
    label: 'Dataset',
    track: 'minmax(6rem, 1fr)',
    cell: (run) => (
      <span title={`${run.datasetName}, version ${run.datasetVersion}`}>
        {run.datasetName} <span className="visually-hidden">version</span> v{run.datasetVersion}
      </span>
    ),
  },
  {
    id: 'target',
    label: 'Target',
    track: 'minmax(5rem, 0.9fr)',
    cell: ({ target }) => (
      <span title={targetInWords(target)}>
        {target.kind === 'model' ? target.model : targetInWords(target)}
      </span>
    ),
  },
  {
    id: 'by',
    label: 'Made by',
    track: 'minmax(5rem, 0.7fr)',
    cell: ({ createdBy }) =>
      createdBy ? <span title={createdBy.name}>{createdBy.name}</span> : nothing,
  },
  {
    id: 'cost',
    label: 'Cost',
    track: '4.5rem',
    cell: ({ costUsd, judgeCostUsd }) => (
      <span className="numeric" title="Of target and judges">
        {formatCost(costUsd + judgeCostUsd)}
      </span>
    ),
  },
  {
    id: 'created',
    label: 'Created',
    track: '5.5rem',
    sort: { sort: 'created' },
    cell: (run) => <RelativeTime at={run.createdAt} />,
  },
  {
    id: 'finished',
    label: 'Ended',
    track: '5.5rem',
    sort: { sort: 'finished' },
    cell: ({ finishedAt }) => (finishedAt === null ? nothing : <RelativeTime at={finishedAt} />),
  },
  {
    id: 'duration',
    label: 'Duration',
    track: '5.25rem',
    sort: { sort: 'duration' },
    cell: (run) => <DurationCell run={run} />,
  },
];

export const defaultColumns = [
  'state',
  'name',
  'progress',
  'metrics',
  'dataset',
  'target',
  'created',
  'duration',
];

const prefix = 'metric:';
/** A column of its own for one metric. */
const columnOfMetric = (metric: string): string => `${prefix}${metric}`;

const meanColumn = (metric: string): RunColumn => ({
  id: columnOfMetric(metric),
  label: metric,
  track: 'minmax(5rem, 0.6fr)',
  sort: { sort: 'mean', metric },
  cell: (run) => <MeanCell run={run} metric={metric} />,
});

/** What can be chosen, with the metrics of the project. */
export const choosable = (metrics: readonly string[]): RunColumn[] => {
  const at = known.findIndex(({ id }) => id === 'metrics') + 1;
  return known.toSpliced(at, 0, ...metrics.map(meanColumn)).filter(({ id }) => id !== 'name');
};

/** The columns that are chosen, in their order; the name is always among them. */
export function columnsFor(chosen: readonly string[] = defaultColumns): RunColumn[] {
  const metrics = chosen
    .filter((id) => id.startsWith(prefix))
    .map((id) => meanColumn(id.slice(prefix.length)));
  const at = known.findIndex(({ id }) => id === 'metrics') + 1;
  const ids = new Set([...chosen, 'name']);
  return known.toSpliced(at, 0, ...metrics).filter(({ id }) => ids.has(id));
}
