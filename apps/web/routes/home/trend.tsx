import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { useMemo } from 'react';
import type { Trend as TrendData } from '#libs/contracts';
import { Chart } from '../../components/chart.tsx';
import { explain } from '../../components/explain.ts';
import { formatScore } from '../../format/numbers.ts';
import { formatExact } from '../../format/time.ts';
import { trendQuery } from './queries.ts';
import { TREND_HEIGHT, trendOption } from './trend-option.ts';
import styles from './trend.module.css';

use([LineChart, GridComponent, MarkLineComponent, TooltipComponent]);

interface Series {
  datasetId: string;
  name: string;
  metric: string;
}

/** How a metric went over the last runs of a series; the numbers are behind it as a table. */
export default function Trend({ datasetId, name, metric }: Series) {
  const { data: trend, error } = useQuery(trendQuery(datasetId, name, metric));
  if (error && !trend) {
    return <p className={styles.caption}>No trend: {explain(error).title}</p>;
  }
  if (!trend) return <div className={styles.space} aria-busy="true" />;
  // Of one run there is no trend; its numbers stand on its page.
  if (trend.points.length < 2) return null;
  return <Drawn trend={trend} />;
}

function Drawn({ trend }: { trend: TrendData }) {
  const option = useMemo(() => trendOption(trend), [trend]);
  const { points, changes, metric, name } = trend;
  const changed =
    changes.length === 0 ? 'no change of level' : `${changes.length} × its level changed`;
  const title = `${metric} of “${name}” over ${points.length} runs: ${changed}`;
  return (
    <div className={styles.trend}>
      <p className={styles.caption}>{title}</p>
      <Chart
        caption={`${title}. The table has the numbers.`}
        height={TREND_HEIGHT}
        option={option}
      />
      <details className={styles.details}>
        <summary>Table</summary>
        <table className={`numeric ${styles.table}`}>
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col">Mean</th>
              <th scope="col">95 % interval</th>
            </tr>
          </thead>
          <tbody>
            {points.toReversed().map(({ runId, createdAt, mean, low, high }) => (
              <tr key={runId}>
                <th scope="row">
                  <Link to="/runs/$runId" params={{ runId }}>
                    {formatExact(createdAt)}
                  </Link>
                </th>
                <td>{formatScore(mean)}</td>
                <td>
                  {low === null || high === null
                    ? '–'
                    : `${formatScore(low)} to ${formatScore(high)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}
