import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import type { MetricComparison } from '#libs/contracts';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCount } from '../../format/numbers.ts';
import { distributionQuery } from '../../queries/comparisons.ts';
import { ChangeTable } from './change-table.tsx';
import { letterOfRun, useCompared, useSetSearch } from './compared.ts';
import { DistributionTable, ForestTable } from './drawing-tables.tsx';
import { forestRows } from './forest-rows.ts';
import { factsOf } from './metric-facts.ts';
import { unpairedOf } from './summary.ts';
import { WinBar } from './win-bar.tsx';
import styles from './metric-detail.module.css';

const ForestChart = lazy(() => import('./forest-chart.tsx'));
const ScatterPlot = lazy(() => import('./scatter-plot.tsx'));
const HistogramChart = lazy(() => import('./histogram-chart.tsx'));
const route = getRouteApi('/app/compare');

/** Everything about one metric of the candidate. */
export function MetricDetail() {
  const { comparison, candidate, metric } = useCompared();
  const letter = letterOfRun(comparison, candidate.runId);
  return (
    <section className={styles.detail} aria-labelledby="metric-detail">
      <h2 id="metric-detail">
        {metric.metric}, {letter} against A
      </h2>
      <div className={styles.columns}>
        <Part title="Differences and their intervals">
          <Forest />
        </Part>
        <Part title="Pairs won, tied and lost">
          {metric.categorical ? (
            <p className={styles.soft}>Categories have no better end.</p>
          ) : (
            <WinBar wins={metric.wins} ties={metric.ties} losses={metric.losses} large />
          )}
          <Lists />
          <Unpaired />
        </Part>
      </div>
      <Drawn />
      <Numbers />
    </section>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.part}>
      <h3>{title}</h3>
      {children}
    </div>
  );
}

/** The metric in all candidates on one scale. */
function Forest() {
  const { comparison, result, metric, text } = useCompared();
  const { show } = route.useSearch();
  const set = useSetSearch();
  const rows = useMemo(
    () => forestRows(comparison, result, metric.metric),
    [comparison, result, metric.metric],
  );
  if (metric.categorical) return <ChangeTable table={metric.categorical} />;
  if (show === 'tables') return <ForestTable rows={rows} text={text} first="Candidate" />;
  return (
    <Suspense fallback={<Skeleton height={64 + 40 * rows.length} />}>
      <ForestChart
        rows={rows}
        text={text}
        direction={metric.direction}
        margin={metric.equivalence?.margin}
        onPick={(row) => set({ candidate: row.id, item: undefined, repeat: undefined })}
      />
    </Suspense>
  );
}

/** How the scores lie: against each other, and their differences. */
function Drawn() {
  const { comparison, candidate, metric, text } = useCompared();
  const { show } = route.useSearch();
  const set = useSetSearch();
  const query = useQuery({
    ...distributionQuery(
      comparison.id,
      { metric: metric.metric, candidateRunId: candidate.runId },
      comparison.computedAt ?? '',
    ),
    enabled: metric.kind !== 'categorical',
  });
  if (metric.kind === 'categorical') return null;
  const letter = letterOfRun(comparison, candidate.runId);
  const { data } = query;
  const skeleton = <Skeleton height={300} />;
  const isBinary = metric.binary !== null;
  return (
    <div className={styles.columns}>
      <Part
        title={isBinary ? `A and ${letter} in the same items` : `${letter} against A, pair by pair`}
      >
        {isBinary ? (
          <BinaryTable metric={metric} letter={letter} />
        ) : query.isError ? (
          <ProblemPanel
            error={query.error}
            doing="load how the scores lie"
            onRetry={() => void query.refetch()}
          />
        ) : !data ? (
          skeleton
        ) : show === 'tables' ? (
          <DistributionTable distribution={data} part="scores" text={text} letter={letter} />
        ) : (
          <Suspense fallback={skeleton}>
            <ScatterPlot
              distribution={data}
              text={text}
              letter={letter}
              direction={metric.direction}
              onPick={({ key, repeat }) =>
                set({ view: 'items', kind: 'changed', item: key, repeat }, { push: true })
              }
            />
          </Suspense>
        )}
      </Part>
      {!isBinary && (
        <Part title="Distribution of the differences">
          {query.isError ? null : !data ? (
            skeleton
          ) : show === 'tables' ? (
            <DistributionTable distribution={data} part="differences" text={text} letter={letter} />
          ) : (
            <Suspense fallback={skeleton}>
              <HistogramChart distribution={data} text={text} direction={metric.direction} />
            </Suspense>
          )}
        </Part>
      )}
      {isBinary && (
        <Part title="What changed">
          <p>
            {formatCount(metric.wins + metric.losses)} of {formatCount(metric.pairing.paired)} pairs
            changed: {formatCount(metric.wins)} to the better, {formatCount(metric.losses)} to the
            worse. Only these tell the two apart.
          </p>
        </Part>
      )}
    </div>
  );
}

function BinaryTable({ metric, letter }: { metric: MetricComparison; letter: string }) {
  const { binary } = metric;
  if (!binary) return null;
  const cell = (count: number, changed: boolean) => (
    <td data-changed={changed || undefined}>{formatCount(count)}</td>
  );
  return (
    <table
      className={`numeric ${styles.four}`}
      aria-label={`Pairs by the values in A and ${letter}`}
    >
      <thead>
        <tr>
          <th scope="col">Pairs</th>
          <th scope="col">{letter}: yes</th>
          <th scope="col">{letter}: no</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">A: yes</th>
          {cell(binary.both, false)}
          {cell(binary.baselineOnly, true)}
        </tr>
        <tr>
          <th scope="row">A: no</th>
          {cell(binary.candidateOnly, true)}
          {cell(binary.neither, false)}
        </tr>
      </tbody>
    </table>
  );
}

/** From the counts to the items behind them. */
function Lists() {
  const { metric } = useCompared();
  const set = useSetSearch();
  const lists = [
    { kind: 'regressions', text: 'regressions', count: metric.losses },
    { kind: 'improvements', text: 'improvements', count: metric.wins },
  ] as const;
  if (metric.categorical) return null;
  return (
    <p className={styles.links}>
      {lists.map(({ kind, text, count }) =>
        count === 0 ? null : (
          <button
            key={kind}
            type="button"
            className={styles.link}
            onClick={() => set({ view: 'items', kind }, { push: true })}
          >
            See the {formatCount(count)} {count === 1 ? text.slice(0, -1) : text}
          </button>
        ),
      )}
    </p>
  );
}

/** What is not among the pairs, and what it leaves open. */
function Unpaired() {
  const { comparison, candidate, metric, text } = useCompared();
  const set = useSetSearch();
  const all = unpairedOf(metric, letterOfRun(comparison, candidate.runId));
  if (all.length === 0) {
    return <p className={styles.soft}>Every item of both runs is among the pairs.</p>;
  }
  const { bounds } = metric;
  return (
    <>
      <p className={styles.soft}>
        {formatCount(metric.pairing.paired)} pairs. Beside them, an item counted where it lacks
        something:
      </p>
      <ul className={`numeric ${styles.unpaired}`}>
        {all.map(({ text: what, count, kind }) => (
          <li key={what}>
            {kind === undefined ? (
              <>
                {formatCount(count)} {what}
              </>
            ) : (
              <button
                type="button"
                className={styles.link}
                onClick={() => set({ view: 'items', kind }, { push: true })}
              >
                {formatCount(count)} {what}
              </button>
            )}
          </li>
        ))}
      </ul>
      {bounds && metric.pairing.unpaired > 0 && (
        <p className={styles.soft}>
          If all that is missing were as bad as can be, the difference would be{' '}
          {text.difference(bounds.worst)}; as good as can be, {text.difference(bounds.best)}.
        </p>
      )}
    </>
  );
}

/** Every number of the metric, each under its name. */
function Numbers() {
  const { comparison, metric } = useCompared();
  const facts = factsOf(metric, comparison.options, comparison.state === 'refining');
  return (
    <dl className={`numeric ${styles.numbers}`} aria-label={`Numbers of ${metric.metric}`}>
      {facts.map(({ name, value, title }) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
