import type { ComparisonDistribution } from '#libs/contracts';
import { quantile } from '#libs/statistics';
import { differencesOf } from './difference.ts';
import type { Pairs } from './pairs.ts';

type Drawn = Pick<ComparisonDistribution, 'n' | 'same' | 'bins' | 'points' | 'cells'>;

/** So many pairs are shown one by one; more are counted in cells. */
export const POINTS_MAX = 1_000;
const BINS = 30;
const CELLS_ACROSS = 24;
/** An end of the differences that is further out than this many times what 98 % span is one open bin. */
const FAR = 1;

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

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= atLeast * (1 - 1e-9)) ?? 10;
  return factor * power;
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
  const span = high - low || Math.abs(high);
  const from = lowest < low - FAR * span ? low : lowest;
  const to = highest > high + FAR * span ? high : highest;
  const width = niceStep((Math.max(to, 0) - Math.min(from, 0)) / BINS);
  // Edges are multiples of the width, written without what doubles make of them.
  const edge = (multiple: number): number => Number((multiple * width).toPrecision(12));
  const first = Math.floor(from / width);
  const last = Math.max(first, Math.ceil(to / width) - 1);
  const counts = new Map<number, number>();
  let below = 0;
  let above = 0;
  for (const value of sorted) {
    if (value < edge(first)) below += 1;
    else if (value > edge(last + 1)) above += 1;
    else {
      const bin = Math.min(last, Math.max(first, Math.floor(value / width)));
      counts.set(bin, (counts.get(bin) ?? 0) + 1);
    }
  }
  const inner = Array.from({ length: last - first + 1 }, (_, index) => ({
    low: edge(first + index),
    high: edge(first + index + 1),
    count: counts.get(first + index) ?? 0,
  }));
  return [
    ...(below > 0 ? [{ low: null, high: edge(first), count: below }] : []),
    ...inner,
    ...(above > 0 ? [{ low: edge(last + 1), high: null, count: above }] : []),
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
