import { NativeSelect, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Info } from 'lucide-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import type { Trend as TrendAnswer } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { Scrollable } from '../../components/scrollable.tsx';
import { formatCount } from '../../format/numbers.ts';
import { formatExact } from '../../format/time.ts';
import { seriesQuery, trendQuery } from '../../queries/comparisons.ts';
import { letterOf } from './request.ts';
import { useCompared } from './compared.ts';
import type { NumberText } from './number-text.ts';
import styles from './trend.module.css';

const TrendChart = lazy(() => import('./trend-chart.tsx'));
const route = getRouteApi('/app/compare');

/** The metric over the runs of one name on the dataset, so that a difference is seen beside what varies. */
export function Trend() {
  const { comparison, candidate, metric, text } = useCompared();
  const { show } = route.useSearch();
  const run = comparison.runs.find(({ id }) => id === candidate.runId);
  const datasetId = run?.datasetId ?? '';
  const series = useQuery(seriesQuery(datasetId));
  const [chosen, setChosen] = useState<string>();
  const names = series.data?.map(({ name }) => name) ?? [];
  const name = chosen ?? (run && names.includes(run.name) ? run.name : names[0]);
  const trend = useQuery({
    ...trendQuery(datasetId, { metric: metric.metric, name: name ?? '' }),
    enabled: name !== undefined,
  });
  if (series.isError || trend.isError) {
    return (
      <ProblemPanel
        error={series.error ?? trend.error}
        doing="load the trend"
        onRetry={() => void (series.isError ? series.refetch() : trend.refetch())}
      />
    );
  }
  if (series.isPending) return <Skeleton height={320} />;
  if (name === undefined) {
    return (
      <p className={styles.none}>
        No run of this dataset has completed yet. Completed runs under one name are a series; the
        trend shows the metric from run to run.
      </p>
    );
  }
  return (
    <div className={styles.trend}>
      <div className={styles.head}>
        <NativeSelect
          size="xs"
          label="Series: runs under one name"
          value={name}
          data={(series.data ?? []).map((one) => ({
            value: one.name,
            label: `${one.name} (${one.runs})`,
          }))}
          onChange={({ currentTarget: { value } }) => setChosen(value)}
        />
      </div>
      {trend.data ? (
        <Shown trend={trend.data} text={text} asTable={show === 'tables'} />
      ) : (
        <Skeleton height={320} />
      )}
    </div>
  );
}

function Shown({
  trend,
  text,
  asTable,
}: {
  trend: TrendAnswer;
  text: NumberText;
  asTable: boolean;
}) {
  const { comparison } = useCompared();
  const letters = useMemo(
    () => new Map(comparison.runs.map(({ id }, index) => [id, letterOf(index)])),
    [comparison.runs],
  );
  const { points, changes, notes } = trend;
  return (
    <>
      <p className={styles.lead}>{inWords(trend, text)}</p>
      {asTable || points.length < 2 ? (
        <TrendTable trend={trend} text={text} letters={letters} />
      ) : (
        <Suspense fallback={<Skeleton height={320} />}>
          <TrendChart trend={trend} text={text} letters={letters} />
        </Suspense>
      )}
      {changes.length > 0 && (
        <ul className={styles.changes} aria-label="Where the level changed">
          {changes.map(({ runId, before, after, difference }) => (
            <li key={runId}>
              From {text.value(before)} to {text.value(after)} ({text.difference(difference)}) with{' '}
              <Link to="/runs/$runId" params={{ runId }}>
                the run of{' '}
                {formatExact(points.find((point) => point.runId === runId)?.createdAt ?? '')}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {notes.length > 0 && (
        <ul className={styles.notes}>
          {notes.map((note) => (
            <li key={note}>
              <Info size={14} aria-hidden />
              {note}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function inWords({ points, changes, metric }: TrendAnswer, text: NumberText): string {
  const last = points.at(-1);
  const runs = `${formatCount(points.length)} ${points.length === 1 ? 'run' : 'runs'}`;
  if (points.length < 2) {
    return `${runs} under this name: a trend begins with the second. ${metric} is ${text.value(last?.mean ?? null)}.`;
  }
  const level =
    changes.length === 0
      ? 'no change of the level is found'
      : `the level changed ${changes.length === 1 ? 'once' : `${changes.length} times`}`;
  return `${runs}; ${level}, beyond what varies from run to run. The newest has ${text.value(last?.mean ?? null)}.`;
}

function TrendTable({
  trend: { points, changes },
  text,
  letters,
}: {
  trend: TrendAnswer;
  text: NumberText;
  letters: ReadonlyMap<string, string>;
}) {
  const changed = new Set(changes.map(({ runId }) => runId));
  return (
    <Scrollable label="The metric from run to run" className={styles.scroll}>
      <table className={`numeric ${styles.table}`}>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Version</th>
            <th scope="col">Mean</th>
            <th scope="col">95 % interval</th>
            <th scope="col">To the run before</th>
            <th scope="col">Scores</th>
          </tr>
        </thead>
        <tbody>
          {points.map(({ runId, createdAt, datasetVersion, mean, low, high, difference, n }) => (
            <tr key={runId}>
              <th scope="row">
                <Link to="/runs/$runId" params={{ runId }}>
                  {formatExact(createdAt)}
                </Link>
                {letters.has(runId) && ` ${letters.get(runId)}`}
                {changed.has(runId) && ' (the level changes)'}
              </th>
              <td>{datasetVersion}</td>
              <td>{text.value(mean)}</td>
              <td>
                {low === null || high === null ? '–' : `${text.value(low)} to ${text.value(high)}`}
              </td>
              <td>{difference ? text.difference(difference.mean) : '–'}</td>
              <td>{formatCount(n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}
