import type { ReducedMetric } from '#libs/contracts';
import { Scrollable } from '../../../components/scrollable.tsx';
import { formatCount, formatScore } from '../../../format/numbers.ts';
import { Facts, Section } from './parts.tsx';
import styles from './metric-details.module.css';

const meaning: Record<ReducedMetric['reducer'], string> = {
  mean: 'An item counts with the mean of its repeats.',
  any: 'An item counts as passed where at least one of its repeats passed.',
  all: 'An item counts as passed where all of its repeats passed.',
  majority: 'An item counts as passed where more than half of its repeats passed.',
};

/** What the repeats of each item say together. */
export function Repeats({ reduced, repeats }: { reduced: ReducedMetric; repeats: number }) {
  const { reducer, mixed, passAt, passAll } = reduced;
  return (
    <Section title="Over items">
      <p className={styles.soft}>
        Each item was repeated {formatCount(repeats)} times.
        {reduced.n > 0 && ` ${meaning[reducer]}`}
      </p>
      <Facts
        facts={[
          // Categories pass or not, but have no mean.
          ...(reduced.n > 0 ? meanOf(reduced) : []),
          ['Mixed items', mixed === null ? 'nothing passes here' : formatCount(mixed)],
        ]}
      />
      {passAt.length > 0 && (
        <Scrollable className={styles.scroll} label="pass@k and pass^k">
          <table className={`numeric ${styles.table}`}>
            <caption>
              pass@k: the chance that at least one of k repeats passes; pass^k: that all of them do.
              Unbiased.
            </caption>
            <thead>
              <tr>
                <th scope="col">k</th>
                <th scope="col">pass@k</th>
                <th scope="col">pass^k</th>
                <th scope="col">Items</th>
              </tr>
            </thead>
            <tbody>
              {passAt.map(({ k, value, n }) => (
                <tr key={k}>
                  <th scope="row">{k}</th>
                  <td>{formatScore(value)}</td>
                  <td>{formatScore(passAll.find((one) => one.k === k)?.value ?? null)}</td>
                  <td>{formatCount(n)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrollable>
      )}
    </Section>
  );
}

const meanOf = (reduced: ReducedMetric): [string, string][] => [
  [
    reduced.reducer === 'mean' ? 'Mean' : `Share of items (${reduced.reducer})`,
    formatScore(reduced.mean),
  ],
  [
    '95 % interval',
    `${formatScore(reduced.confidenceLow)} to ${formatScore(reduced.confidenceHigh)}`,
  ],
  ['Items', formatCount(reduced.n)],
  ['Deviation between items', formatScore(reduced.standardDeviation)],
  ['Standard error', formatScore(reduced.standardError)],
];
