import type { ComparisonDistribution } from '#libs/contracts';
import { Scrollable } from '../../components/scrollable.tsx';
import { formatCount } from '../../format/numbers.ts';
import { binText } from './bins.ts';
import type { ForestRow } from './forest-rows.ts';
import type { NumberText } from './number-text.ts';
import { VerdictOutcomeLabel } from '../../components/verdict-outcome.tsx';
import styles from './drawing-tables.module.css';

/** A forest plot as a table. */
export function ForestTable({
  rows,
  text,
  first,
}: {
  rows: readonly ForestRow[];
  text: NumberText;
  first: string;
}) {
  return (
    <Scrollable label="Differences and their intervals" className={styles.scroll}>
      <table className={`numeric ${styles.table}`}>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            <th scope="col">Difference</th>
            <th scope="col">Interval</th>
            <th scope="col">Bootstrap interval</th>
            <th scope="col">Pairs</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{row.name}</th>
              <td>{text.difference(row.difference)}</td>
              <td>{text.range(row.interval)}</td>
              <td>{text.range(row.resampled)}</td>
              <td>{formatCount(row.n)}</td>
              <td>
                <VerdictOutcomeLabel outcome={row.outcome} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}

/** The scores of the pairs, or their differences, as a table. */
export function DistributionTable({
  distribution,
  part,
  text,
  letter,
}: {
  distribution: ComparisonDistribution;
  part: 'scores' | 'differences';
  text: NumberText;
  letter: string;
}) {
  const { bins, same, points, cells } = distribution;
  if (part === 'differences') {
    return (
      <Rows
        label="Differences of the pairs"
        head={['Difference', 'Pairs']}
        rows={[
          ['none', formatCount(same)],
          ...bins.map((bin) => [binText(bin, text), formatCount(bin.count)]),
        ]}
      />
    );
  }
  if (points) {
    return (
      <Rows
        label="Scores of the pairs"
        head={['Item', 'A', letter]}
        rows={points.map(({ key, repeat, baseline, candidate }) => [
          repeat > 0 ? `${key}, repeat ${repeat}` : key,
          text.value(baseline),
          text.value(candidate),
        ])}
      />
    );
  }
  const from = (place: number): number => (cells ? cells.low + place * cells.width : 0);
  const range = (place: number): string =>
    `${text.value(from(place))} to ${text.value(from(place + 1))}`;
  return (
    <Rows
      label="Pairs by their scores"
      head={['A', letter, 'Pairs']}
      rows={(cells?.counts ?? []).map(({ baseline, candidate, count }) => [
        range(baseline),
        range(candidate),
        formatCount(count),
      ])}
    />
  );
}

function Rows({ label, head, rows }: { label: string; head: string[]; rows: string[][] }) {
  return (
    <Scrollable label={label} className={styles.scroll}>
      <table className={`numeric ${styles.table}`}>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...cells]) => (
            <tr key={`${name}/${cells.join('/')}`}>
              <th scope="row">{name}</th>
              {cells.map((cell, index) => (
                <td key={head[index + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}
