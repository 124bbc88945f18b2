import type { RunMetric } from '#libs/contracts';
import { Scrollable } from '../../components/scrollable.tsx';
import { formatCount, formatScore } from '../../format/numbers.ts';
import styles from './metric-table.module.css';

const columns: [string, (metric: RunMetric) => string][] = [
  ['Mean', (metric) => formatScore(metric.mean)],
  ['95 % low', (metric) => formatScore(metric.confidenceLow)],
  ['95 % high', (metric) => formatScore(metric.confidenceHigh)],
  ['n', (metric) => formatCount(metric.n)],
  ['sd', (metric) => formatScore(metric.standardDeviation)],
  ['se', (metric) => formatScore(metric.standardError)],
  ['Min', (metric) => formatScore(metric.min)],
  ['p50', (metric) => formatScore(metric.p50)],
  ['p95', (metric) => formatScore(metric.p95)],
  ['Max', (metric) => formatScore(metric.max)],
  ['Passed', (metric) => (metric.passed === null ? '–' : formatCount(metric.passed))],
  ['Not applicable', (metric) => formatCount(metric.notApplicable)],
  ['Errors', (metric) => formatCount(metric.errors)],
  ['Failed', (metric) => formatCount(metric.failed)],
  ['Worst case', (metric) => formatScore(metric.worstCase)],
  ['Best case', (metric) => formatScore(metric.bestCase)],
];

/** Every number of every metric. */
export function MetricTable({
  metrics,
  onDetails,
}: {
  metrics: RunMetric[];
  onDetails: (name: string) => void;
}) {
  return (
    <Scrollable className={styles.scroll} label="Metrics table">
      <table className={`numeric ${styles.table}`}>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            {columns.map(([title]) => (
              <th scope="col" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {metrics.map((metric) => (
            <tr key={metric.name}>
              <th scope="row">
                <button
                  type="button"
                  className={styles.name}
                  title="Details"
                  aria-haspopup="dialog"
                  onClick={() => onDetails(metric.name)}
                >
                  {metric.name}
                </button>
              </th>
              {columns.map(([title, text]) => (
                <td key={title}>{text(metric)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}
