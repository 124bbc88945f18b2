import { ActionIcon, Skeleton } from '@mantine/core';
import { Maximize2, TriangleAlert } from 'lucide-react';
import type { Run, RunMetric } from '#libs/contracts';
import { formatCount, formatScore } from '../../format/numbers.ts';
import { CategoryBars } from './category-bars.tsx';
import { CardDistribution } from './distribution/card-distribution.tsx';
import { Interval } from './interval.tsx';
import { useShowItems } from './show-items.ts';
import { openRange, reasonsMissing } from './without-score.ts';
import styles from './metric-card.module.css';

/** One metric: its mean with the interval drawn, and what stands behind it. */
export function MetricCard({
  run,
  name,
  metric,
  stale,
  onDetails,
}: {
  run: Run;
  name: string;
  metric: RunMetric | undefined;
  stale: boolean;
  onDetails: () => void;
}) {
  return (
    <article className={styles.card} aria-label={`Metric ${name}`} aria-busy={!metric}>
      <div className={styles.head}>
        <h3 title={name}>{name}</h3>
        {metric && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={`Details of ${name}`}
            title="Details"
            aria-haspopup="dialog"
            onClick={onDetails}
          >
            <Maximize2 size={13} aria-hidden />
          </ActionIcon>
        )}
      </div>
      {metric ? <Known run={run} metric={metric} stale={stale} /> : <Unknown />}
    </article>
  );
}

function Known({ run, metric, stale }: { run: Run; metric: RunMetric; stale: boolean }) {
  const { categories } = metric;
  const showItems = useShowItems();
  return (
    <>
      {categories ? (
        <CategoryBars
          categories={categories}
          shown={3}
          total={scoredOf(metric)}
          onPick={(category) => showItems({ metric: metric.name, category })}
        />
      ) : (
        <>
          <Values metric={metric} stale={stale} />
          <CardDistribution run={run} name={metric.name} />
        </>
      )}
      <Repeats metric={metric} />
      <p className={`numeric ${styles.outside}`}>
        {metric.passed !== null && <span>{formatCount(metric.passed)} passed</span>}
        {reasonsMissing(metric).map(({ name, count, broken, title }) => (
          <span key={name} className={broken ? styles.broken : undefined} title={title}>
            {broken && <TriangleAlert size={12} aria-hidden />}
            {formatCount(count)} {name}
          </span>
        ))}
      </p>
    </>
  );
}

/** Scores that have a category; the list of them may be cut. */
const scoredOf = ({ n, categories }: RunMetric): number =>
  Math.max(n, categories?.reduce((sum, { count }) => sum + count, 0) ?? 0);

function Values({ metric, stale }: { metric: RunMetric; stale: boolean }) {
  const { confidenceLow: low, confidenceHigh: high } = metric;
  const interval =
    low === null || high === null
      ? 'no interval'
      : `95 % interval ${formatScore(low)} to ${formatScore(high)}`;
  const open = openRange(metric);
  return (
    <>
      <p className={`numeric ${styles.mean} ${stale ? 'stale' : ''}`}>{formatScore(metric.mean)}</p>
      <Interval metric={metric} />
      <p className={`numeric ${styles.interval}`}>{interval}</p>
      {open !== undefined && (
        <p
          className={`numeric ${styles.interval}`}
          title="The mean if every missing score were the worst one, and if every one were the best"
        >
          {open}
        </p>
      )}
      <dl className={`numeric ${styles.facts}`}>
        <Fact name="n" value={formatCount(metric.n)} />
        <Fact name="sd" value={formatScore(metric.standardDeviation)} />
        <Fact name="min" value={formatScore(metric.min)} />
        <Fact name="max" value={formatScore(metric.max)} />
        <Fact name="p50" value={formatScore(metric.p50)} />
        <Fact name="p95" value={formatScore(metric.p95)} />
      </dl>
    </>
  );
}

/** What the repeats say together, on one line; the details have it all. */
function Repeats({ metric: { reduced } }: { metric: RunMetric }) {
  if (!reduced || reduced.n === 0) return null;
  return (
    <p className={`numeric ${styles.repeats}`}>
      <span>
        {reduced.reducer} over {formatCount(reduced.n)} {reduced.n === 1 ? 'item' : 'items'}:{' '}
        <strong>{formatScore(reduced.mean)}</strong>
      </span>
      {reduced.mixed !== null && reduced.mixed > 0 && (
        <span title="Some of their repeats passed and some did not">
          {formatCount(reduced.mixed)} mixed
        </span>
      )}
    </p>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Unknown() {
  return (
    <>
      <Skeleton height={26} width={90} mt={6} />
      <Skeleton height={10} mt={14} />
      <Skeleton height={10} mt={14} width="60%" />
      <Skeleton height={62} mt={14} />
    </>
  );
}
