import type { ComparisonDistribution } from '#libs/contracts';
import { binEdges, niceStep, quantile, withoutFarEnds } from '#libs/statistics';
import { differencesOf } from './difference.ts';
import type { Pairs } from './pairs.ts';

type Drawn = Pick<ComparisonDistribution, 'n' | 'same' | 'bins' | 'points' | 'cells'>;

/** So many pairs are shown one by one; more are counted in cells. */
export const POINTS_MAX = 1_000;
const BINS = 30;
const CELLS_ACROSS = 24;

/** A point that is to be named: its place in the first of the aligned runs, and its two scores. */
export interface Point {
  no: number;
  baseline: number;
  candidate: number;
}

/**
 * How the scores of pairs lie: bins of their differences, and the scores against each other.
 * @param nameOf the item behind a number in the first of the aligned runs; asked only for few
 */
export function distributionOf(
  pairs: Pairs,
  nameOf: (no: number) => { key: string; repeat: number } | undefined,
): Drawn {
  const n = pairs.nos.length;
  const differences = differencesOf(pairs);
  const apart = differences.filter((difference) => difference !== 0).sort();
  return {
    n,
    same: n - apart.length,
    bins: binsOf(apart),
    points: n > POINTS_MAX ? null : pointsOf(pairs, nameOf),
    cells: n > POINTS_MAX ? cellsOf(pairs) : null,
  };
}

function pointsOf(
  { nos, baseline, candidate }: Pairs,
  nameOf: (no: number) => { key: string; repeat: number } | undefined,
): NonNullable<Drawn['points']> {
  return Array.from(nos, (no, place) => ({
    no,
    baseline: baseline[place] ?? 0,
    candidate: candidate[place] ?? 0,
  })).flatMap(({ no, ...values }) => {
    const name = nameOf(no);
    return name ? [{ ...name, ...values }] : [];
  });
}

/**
 * Bins of one width, one of whose edges is 0, so that none mixes gains with losses. Where a few
 * differences lie far out, they share an open bin at that end.
 * @param sorted ascending, without zeros
 */
function binsOf(sorted: Float64Array): Drawn['bins'] {
  const [lowest, highest] = [sorted[0], sorted.at(-1)];
  const [low, high] = [quantile(sorted, 0.01), quantile(sorted, 0.99)];
  if (lowest === undefined || highest === undefined || low === null || high === null) return [];
  const { from, to } = withoutFarEnds({ least: lowest, low, high, greatest: highest });
  const width = niceStep((Math.max(to, 0) - Math.min(from, 0)) / BINS);
  const edges = binEdges({ from, to }, width);
  const [first = 0, end = 0] = [edges[0], edges.at(-1)];
  const inner = edges
    .slice(1)
    .map((edge, index) => ({ low: edges[index] ?? edge, high: edge, count: 0 }));
  let below = 0;
  let above = 0;
  for (const value of sorted) {
    if (value < Math.min(first, from)) below += 1;
    else if (value > Math.max(end, to)) above += 1;
    else {
      const place = Math.floor(value / width) - Math.round(first / width);
      const bin = inner[Math.min(inner.length - 1, Math.max(0, place))];
      if (bin) bin.count += 1;
    }
  }
  return [
    ...(below > 0 ? [{ low: null, high: first, count: below }] : []),
    ...inner,
    ...(above > 0 ? [{ low: end, high: null, count: above }] : []),
  ];
}

/** Pairs counted in squares of one grid, the same on both axes, so that its diagonal means "the same". */
function cellsOf({ baseline, candidate }: Pairs): NonNullable<Drawn['cells']> {
  let low = Infinity;
  let high = -Infinity;
  for (const values of [baseline, candidate]) {
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  const width = (high - low) / CELLS_ACROSS || 1;
  const cellOf = (value: number): number =>
    Math.min(CELLS_ACROSS - 1, Math.floor((value - low) / width));
  const counts = new Map<number, number>();
  for (let place = 0; place < baseline.length; place += 1) {
    const cell = cellOf(baseline[place] ?? 0) * CELLS_ACROSS + cellOf(candidate[place] ?? 0);
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  return {
    low,
    width,
    across: CELLS_ACROSS,
    counts: [...counts]
      .sort(([a], [b]) => a - b)
      .map(([cell, count]) => ({
        baseline: Math.floor(cell / CELLS_ACROSS),
        candidate: cell % CELLS_ACROSS,
        count,
      })),
  };
}
