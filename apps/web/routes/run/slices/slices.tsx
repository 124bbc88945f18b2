import { NativeSelect, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { usageMetrics, type Run } from '#libs/contracts';
import { ProblemPanel } from '../../../components/problem.tsx';
import { SkeletonRows } from '../../../components/skeleton-rows.tsx';
import { formatCount, formatScore } from '../../../format/numbers.ts';
import { dimensionsQuery } from '../../../queries/comparisons.ts';
import { runSlicesQuery } from '../../../queries/run-results.ts';
import { runMetricsQuery } from '../../../queries/runs.ts';
import { usageFormat, usageName, usageOf } from '../distribution/usage-names.ts';
import type { RunSearch } from '../search.ts';
import { useShowItems } from '../show-items.ts';
import { useRefreshWith } from '../use-refresh-with.ts';
import { SliceTable } from './slice-table.tsx';
import styles from './slices.module.css';

const route = getRouteApi('/app/runs/$runId');
const refreshEvery = 10_000;

/** One metric in the parts of the items: by tag, by split, by what their metadata says. */
export function Slices({ run }: { run: Run }) {
  const dimensions = useQuery(dimensionsQuery(run.datasetId, run.datasetVersion));
  const { by, of } = route.useSearch();
  const categories = useQuery({
    ...runMetricsQuery(run.id),
    select: ({ items }) => items.filter((one) => one.categories !== null).map(({ name }) => name),
  }).data;
  if (dimensions.isError) {
    return (
      <ProblemPanel
        error={dimensions.error}
        doing="look what the items can be sliced by"
        onRetry={() => void dimensions.refetch()}
      />
    );
  }
  if (!dimensions.data) return <SkeletonRows rows={6} label="Loading the slices" />;
  const names = run.metrics.map(({ name }) => name).filter((name) => !categories?.includes(name));
  const known =
    by === undefined || dimensions.data.includes(by) ? dimensions.data : [...dimensions.data, by];
  const chosen = { by: by ?? known[0], metric: of ?? names[0] ?? 'latency_ms' };
  if (chosen.by === undefined) return <NothingToSliceBy />;
  return (
    <div className={styles.slices}>
      <Choice run={run} names={names} dimensions={known} {...chosen} by={chosen.by} />
      <Shown run={run} by={chosen.by} metric={chosen.metric} />
    </div>
  );
}

function useSetSearch(): (change: Partial<RunSearch>) => void {
  const navigate = route.useNavigate();
  return (change) =>
    void navigate({
      search: (before) => ({ ...before, ...change }),
      replace: true,
      resetScroll: false,
    });
}

function Choice({
  run,
  names,
  dimensions,
  by,
  metric,
}: {
  run: Run;
  names: string[];
  dimensions: string[];
  by: string;
  metric: string;
}) {
  const set = useSetSearch();
  const { slices } = route.useSearch();
  const usage = usageMetrics.filter((name) => usageOf(name, run.metrics) !== undefined);
  return (
    <fieldset className={styles.choice}>
      <legend className="visually-hidden">What is sliced</legend>
      <NativeSelect
        size="xs"
        label="Slice by"
        value={by}
        data={dimensions}
        onChange={({ currentTarget: { value } }) => set({ by: value })}
      />
      <NativeSelect
        size="xs"
        label="Mean of"
        value={metric}
        data={[
          { group: 'Metrics', items: names },
          {
            group: 'What the target used',
            items: usage.map((name) => ({ value: name, label: usageName[name] })),
          },
        ]}
        onChange={({ currentTarget: { value } }) => set({ of: value })}
      />
      <NativeSelect
        size="xs"
        label="Order"
        value={slices ?? 'items'}
        data={[
          { value: 'items', label: 'Most items first' },
          { value: 'lowest', label: 'Lowest mean first' },
          { value: 'highest', label: 'Highest mean first' },
          { value: 'name', label: 'By name' },
        ]}
        onChange={({ currentTarget: { value } }) =>
          set({
            slices:
              value === 'lowest' || value === 'highest' || value === 'name' ? value : undefined,
          })
        }
      />
    </fieldset>
  );
}

function Shown({ run, by, metric }: { run: Run; by: string; metric: string }) {
  const query = useQuery(runSlicesQuery(run.id, { by, metric }));
  const { slices: order } = route.useSearch();
  const showItems = useShowItems();
  useRefreshWith(run, () => void query.refetch({ cancelRefetch: false }), refreshEvery);
  const { data } = query;
  if (query.isError) {
    return (
      <ProblemPanel
        error={query.error}
        doing="load the slices"
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!data) return <Skeleton height={240} />;
  const usage =
    data.source === 'usage' ? usageMetrics.find((one) => one === data.metric) : undefined;
  const format = usage ? usageFormat[usage] : formatScore;
  if (data.slices.length === 0) {
    return <p className={styles.lead}>No item of this run has a value for {by}.</p>;
  }
  return (
    <>
      <SliceTable
        run={run}
        data={data}
        order={order}
        format={format}
        stale={query.isPlaceholderData}
        onShow={(value) =>
          showItems({
            sliceBy: data.by,
            sliceValue: value,
            ...(data.source === 'metric' && { metric: data.metric, sort: 'worst' as const }),
          })
        }
      />
      {data.leftOut > 0 && (
        <p className={styles.lead}>{formatCount(data.leftOut)} smaller slices are left out.</p>
      )}
      <p className={styles.lead}>
        The bar is the 95 % interval of the mean, the line behind it the mean of all items. With
        many slices some stand out by chance: one in twenty intervals misses. Select a slice to see
        its items.
      </p>
    </>
  );
}

function NothingToSliceBy() {
  return (
    <div className={styles.none}>
      <h2>Nothing to slice by</h2>
      <p>
        The items of this dataset have no tags, no split and no metadata. With them, this page shows
        where a metric is good and where it is not. An item of an upload takes them so:
      </p>
      <pre>
        {
          '{"input": …, "expected": …, "tags": ["algebra"], "split": "test", "metadata": {"topic": "sums"}}'
        }
      </pre>
    </div>
  );
}
