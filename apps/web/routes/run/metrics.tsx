import { SegmentedControl, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { isFinal } from '#libs/evaluation';
import type { Run } from '#libs/contracts';
import { runMetricsQuery } from '../../queries/runs.ts';
import { ProblemPanel } from '../../components/problem.tsx';
import { useStale } from '../../live/live.tsx';
import { usageOf } from './distribution/usage-names.ts';
import { Usage } from './distribution/usage.tsx';
import { MetricCard } from './metric-card.tsx';
import { MetricTable } from './metric-table.tsx';
import { useRefreshWith } from './use-refresh-with.ts';
import styles from './metrics.module.css';

const MetricChart = lazy(() => import('./metric-chart.tsx'));
const MetricDetails = lazy(() => import('./metric-details/metric-details.tsx'));
const UsageDetails = lazy(() => import('./distribution/usage-details.tsx'));
const route = getRouteApi('/app/runs/$runId');
const refreshEvery = 2_000;

/** The aggregates of the run, one per metric: as cards, as one chart, or as a table. */
export function Metrics({ run }: { run: Run }) {
  const { metrics: view, detail } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(runMetricsQuery(run.id));
  const stale = useStale(run);
  useRefreshWith(run, () => void query.refetch({ cancelRefetch: false }), refreshEvery);

  const { data } = query;
  const wanted = data?.find(({ name }) => name === detail);
  const detailOf = (name: string | undefined): void =>
    void navigate({
      search: (before) => ({ ...before, detail: name }),
      // Opening is a step back to return from; closing is none.
      replace: name === undefined,
      resetScroll: false,
    });
  const used = usageOf(detail, run.metrics);
  return (
    <>
      <section aria-labelledby="metrics" className={styles.section}>
        <div className={styles.top}>
          <h2 id="metrics">Metrics</h2>
          {run.done < run.total && (
            <span className={styles.hint}>
              {isFinal(run.state) ? 'on the items that are done' : 'on what is done so far'}
            </span>
          )}
          <SegmentedControl
            size="xs"
            aria-label="Show the metrics as"
            className={styles.views}
            data={[
              { value: 'cards', label: 'Cards' },
              { value: 'chart', label: 'Chart' },
              { value: 'table', label: 'Table' },
            ]}
            value={view ?? 'cards'}
            onChange={(value) =>
              void navigate({
                search: (before) => ({
                  ...before,
                  metrics: value === 'chart' || value === 'table' ? value : undefined,
                }),
                replace: true,
                resetScroll: false,
              })
            }
          />
        </div>
        {data === undefined && query.isError ? (
          <ProblemPanel
            error={query.error}
            doing="load the metrics"
            onRetry={() => void query.refetch()}
          />
        ) : view === 'table' && data ? (
          <MetricTable metrics={data} onDetails={detailOf} />
        ) : view === 'chart' && data ? (
          <Suspense fallback={<Skeleton height={64 + 44 * data.length} />}>
            <MetricChart metrics={data} />
          </Suspense>
        ) : (
          <div className={styles.cards}>
            {run.metrics.map(({ name }) => (
              <MetricCard
                key={name}
                run={run}
                name={name}
                metric={data?.find((one) => one.name === name)}
                stale={stale}
                onDetails={() => detailOf(name)}
              />
            ))}
          </div>
        )}
        <Suspense fallback={null}>
          {wanted && (
            <MetricDetails metric={wanted} run={run} onClose={() => detailOf(undefined)} />
          )}
          {used && <UsageDetails run={run} name={used} onClose={() => detailOf(undefined)} />}
        </Suspense>
      </section>
      <Usage run={run} table={view === 'table'} onDetails={detailOf} />
    </>
  );
}
