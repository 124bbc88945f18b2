import type { Comparison, ComparisonResult, MetricComparison, Slice } from '#libs/contracts';
import { letterOfRun } from './compared.ts';

/** One difference in a forest plot. */
export interface ForestRow {
  id: string;
  name: string;
  n: number;
  difference: number | null;
  interval: { low: number; high: number } | null;
  resampled: { low: number; high: number } | null;
  outcome: Slice['outcome'];
}

/** A metric in each candidate. */
export const forestRows = (
  comparison: Pick<Comparison, 'runs'>,
  { candidates }: Pick<ComparisonResult, 'candidates'>,
  metric: string,
): ForestRow[] =>
  candidates.flatMap(({ runId, metrics }) => {
    const found = metrics.find(({ metric: name }) => name === metric);
    const name = `${letterOfRun(comparison, runId)} ${comparison.runs.find(({ id }) => id === runId)?.name ?? ''}`;
    return found ? [{ ...wholeRow(found), id: runId, name }] : [];
  });

/** A metric over all items, as a row. */
export const wholeRow = (metric: MetricComparison): ForestRow => ({
  id: '',
  name: 'All items',
  n: metric.pairing.paired,
  difference: metric.difference,
  interval: metric.interval,
  resampled: metric.resampled?.interval ?? null,
  outcome: metric.verdict.outcome,
});

/** The parts of the items by one dimension, as rows. */
export const sliceRows = (slices: readonly Slice[]): ForestRow[] =>
  slices.map((slice) => ({
    id: slice.value,
    name: slice.value === '' ? '(empty)' : slice.value,
    n: slice.n,
    difference: slice.difference,
    interval: slice.interval,
    resampled: slice.resampled?.interval ?? null,
    outcome: slice.outcome,
  }));
