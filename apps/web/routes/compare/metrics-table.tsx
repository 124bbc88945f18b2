import type { MetricComparison } from '#libs/contracts';
import { Scrollable } from '../../components/scrollable.tsx';
import { formatCount } from '../../format/numbers.ts';
import { useCompared, useSetSearch } from './compared.ts';
import { DifferenceGlyph, reachOf } from './difference-glyph.tsx';
import { numberText, pText } from './number-text.ts';
import { VerdictOutcomeLabel } from '../../components/verdict-outcome.tsx';
import { percent } from './summary.ts';
import { WinBar } from './win-bar.tsx';
import styles from './metrics-table.module.css';

/** A row for each metric of the candidate; a press on one looks at it. */
export function MetricsTable() {
  const { comparison, candidate, metric: chosen } = useCompared();
  const set = useSetSearch();
  const { metrics } = candidate;
  const confidence = percent(comparison.options.confidence);
  // Shares have one scale, so that their bars can be compared; each other metric has its own.
  const shares = Math.max(...metrics.filter(({ kind }) => kind === 'binary').map(reachOf), 0);
  const unpaired = metrics.some(({ pairing }) => pairing.unpaired > 0);
  return (
    <Scrollable label="Differences of all metrics" className={styles.scroll}>
      <table className={`numeric ${styles.table}`}>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col">Verdict</th>
            <th scope="col" className={styles.number}>
              Baseline
            </th>
            <th scope="col" className={styles.number}>
              Candidate
            </th>
            <th scope="col" className={styles.number}>
              Difference
            </th>
            <th scope="col">{confidence} interval</th>
            <th scope="col" className={styles.number} title="Adjusted for all tests (Holm)">
              Adjusted p
            </th>
            <th scope="col">Won / tied / lost</th>
            <th scope="col" className={styles.number}>
              Pairs
            </th>
            {unpaired && (
              <th scope="col" className={styles.number} title="Common items that lack a score">
                Unpaired
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {metrics.map((metric) => (
            <tr key={metric.metric} data-chosen={metric.metric === chosen.metric || undefined}>
              <th scope="row">
                <button
                  type="button"
                  className={styles.pick}
                  aria-pressed={metric.metric === chosen.metric}
                  title={metric.metric}
                  onClick={() => set({ metric: metric.metric, item: undefined, repeat: undefined })}
                >
                  {metric.metric}
                </button>
                <span className={styles.direction}>{directionOf(metric)}</span>
              </th>
              <Cells metric={metric} reach={metric.kind === 'binary' ? shares : reachOf(metric)} />
              {unpaired && (
                <td className={styles.number} data-column="unpaired">
                  {metric.pairing.unpaired === 0 ? '–' : formatCount(metric.pairing.unpaired)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}

const directionOf = ({ direction }: MetricComparison): string =>
  ({ higher: '', lower: 'lower is better', none: 'no better end' })[direction];

function Cells({ metric, reach }: { metric: MetricComparison; reach: number }) {
  const text = numberText(metric);
  return (
    <>
      <td data-column="verdict">
        <VerdictOutcomeLabel outcome={metric.verdict.outcome} />
      </td>
      <td className={styles.number} data-column="baseline">
        {text.value(metric.baseline.mean)}
      </td>
      <td className={styles.number} data-column="candidate">
        {text.value(metric.candidate.mean)}
      </td>
      <td className={styles.number} data-column="difference">
        <strong>{text.difference(metric.difference)}</strong>
      </td>
      <td className={styles.interval} data-column="interval">
        {metric.categorical ? (
          <>{formatCount(metric.categorical.changed)} changed their category</>
        ) : (
          <>
            <DifferenceGlyph drawn={metric} reach={reach} outcome={metric.verdict.outcome} />
            <span className={styles.range}>{text.range(metric.interval)}</span>
          </>
        )}
      </td>
      <td
        className={styles.number}
        data-column="p"
        title={`p ${pText(metric.test.p)} alone; ${metric.test.method}`}
      >
        {pText(metric.test.holm)}
      </td>
      <td data-column="wins">
        {metric.categorical ? (
          '–'
        ) : (
          <WinBar wins={metric.wins} ties={metric.ties} losses={metric.losses} />
        )}
      </td>
      <td className={styles.number} data-column="pairs">
        {formatCount(metric.pairing.paired)}
      </td>
    </>
  );
}
