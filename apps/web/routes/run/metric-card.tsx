import { Skeleton } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { RunMetric } from '#libs/contracts';
import { formatCount, formatScore } from '../../format/numbers.ts';
import { Interval } from './interval.tsx';
import styles from './metric-card.module.css';

/** One metric: its mean with the interval drawn, and what stands behind it. */
export function MetricCard({
  name,
  metric,
  stale,
}: {
  name: string;
  metric: RunMetric | undefined;
  stale: boolean;
}) {
  return (
    <article className={styles.card} aria-label={`Metric ${name}`} aria-busy={!metric}>
      <h3 title={name}>{name}</h3>
      {metric ? <Known metric={metric} stale={stale} /> : <Unknown />}
    </article>
  );
}

function Known({ metric, stale }: { metric: RunMetric; stale: boolean }) {
  const { confidenceLow: low, confidenceHigh: high } = metric;
  const interval =
    low === null || high === null
      ? 'no interval yet'
      : `95 % interval ${formatScore(low)} to ${formatScore(high)}`;
  return (
    <>
      <p className={`numeric ${styles.mean} ${stale ? 'stale' : ''}`}>{formatScore(metric.mean)}</p>
      <Interval metric={metric} />
      <p className={`numeric ${styles.interval}`}>{interval}</p>
      <dl className={`numeric ${styles.facts}`}>
        <Fact name="n" value={formatCount(metric.n)} />
        <Fact name="sd" value={formatScore(metric.standardDeviation)} />
        <Fact name="min" value={formatScore(metric.min)} />
        <Fact name="max" value={formatScore(metric.max)} />
        <Fact name="p50" value={formatScore(metric.p50)} />
        <Fact name="p95" value={formatScore(metric.p95)} />
      </dl>
      <p className={styles.outside}>
        {metric.passed !== null && <span>{formatCount(metric.passed)} passed</span>}
        {metric.notApplicable > 0 && (
          <span title="The item lacks what the metric needs; not counted as 0">
            {formatCount(metric.notApplicable)} not applicable
          </span>
        )}
        {metric.errors > 0 && (
          <span className={styles.errors} title="The scorer broke; not counted as 0">
            <TriangleAlert size={13} aria-hidden />
            {formatCount(metric.errors)} {metric.errors === 1 ? 'error' : 'errors'}
          </span>
        )}
      </p>
    </>
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
    </>
  );
}
