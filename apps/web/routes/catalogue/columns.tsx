import type { MetricDescription } from '#libs/contracts';
import { RowLink } from '../../components/row-action.tsx';
import { columnsOf, type Columns } from '../../components/virtual-table.tsx';
import { directionInWords, familyName, needsInWords, rangeInWords } from './in-words.ts';
import styles from './catalogue.module.css';

const column = columnsOf<MetricDescription>();

export const metricTracks =
  'minmax(11rem, 1.1fr) minmax(16rem, 3fr) minmax(6rem, 0.6fr) minmax(5.5rem, 0.5fr) minmax(6.5rem, 0.6fr) minmax(8rem, 0.7fr) minmax(6rem, 0.6fr)';

export const metricColumns: Columns<MetricDescription> = [
  column.display({
    id: 'title',
    header: 'Metric',
    cell: ({ row: { original: metric } }) => (
      <>
        <RowLink to="/catalogue/$name" params={{ name: metric.name }}>
          {metric.title}
        </RowLink>
        <code className={styles.name}>{metric.name}</code>
      </>
    ),
  }),
  column.display({
    id: 'description',
    header: 'What it measures',
    cell: ({ row }) => row.original.description,
  }),
  column.display({
    id: 'family',
    header: 'Family',
    cell: ({ row }) => familyName(row.original.family),
  }),
  column.display({ id: 'kind', header: 'Kind', cell: ({ row }) => row.original.kind }),
  column.display({
    id: 'range',
    header: 'Range',
    cell: ({ row: { original: metric } }) => (
      <span className="numeric">
        {rangeInWords(metric)}
        {metric.shapeDependsOnConfig && (
          <span title="The configuration can change kind, range and direction">
            <span aria-hidden>*</span>
            <span className="visually-hidden">, unless configured otherwise</span>
          </span>
        )}
      </span>
    ),
  }),
  column.display({
    id: 'direction',
    header: 'Direction',
    cell: ({ row }) => directionInWords(row.original),
  }),
  column.display({
    id: 'needs',
    header: 'Needs',
    cell: ({ row }) => {
      const needs = needsInWords(row.original);
      return needs === '' ? (
        <span className={styles.wide}>–</span>
      ) : (
        <>
          <span className={styles.narrow}>needs </span>
          {needs}
        </>
      );
    },
  }),
];
