import { MetricDetail } from './metric-detail.tsx';
import { MetricsTable } from './metrics-table.tsx';

/** All metrics of the candidate side by side, then the one that is looked at. */
export function Differences() {
  return (
    <>
      <MetricsTable />
      <MetricDetail />
    </>
  );
}
