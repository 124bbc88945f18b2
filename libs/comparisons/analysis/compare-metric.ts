import type { ComparisonOptions, MetricComparison, Pairing, Slice } from '#libs/contracts';
import type { MetricShape } from '#libs/evaluation';
import {
  cohenDz,
  cohenH,
  cohenKappa,
  confusionMatrix,
  countMixed,
  marginalHomogeneity,
  mcnemarExact,
  mcnemarMidP,
  meanInterval,
  minimumDetectableDifference,
  pairedOddsRatio,
  pairedT,
  pairsNeeded,
  pearsonCorrelation,
  relativeChange,
  signedRankTest,
  varianceComponents,
  wilsonInterval,
  clusteredMean,
  clusteredWilsonInterval,
  type Interval,
  type PairedCounts,
} from '#libs/statistics';
import {
  countPairs,
  differenceOf,
  differencesOf,
  equivalenceOf,
  isBinary,
  levelOf,
  momentsOf,
  withDesignEffect,
  ROUNDING,
  type Difference,
} from './difference.ts';
import { differenceBounds, pairsOf, type Missing, type Pairs } from './pairs.ts';

/** A metric that is compared: one of the runs, or what the target used. */
export interface ComparedMetric {
  name: string;
  source: 'metric' | 'usage';
  shape: MetricShape;
}

/** A part of the items. */
export interface Part {
  by: string;
  value: string;
  /** By the number of the item in the first of the aligned runs: 1 for members. */
  members: Uint8Array;
}

/** What is settled once all tests of a comparison are known. */
type Unsettled = Omit<MetricComparison, 'verdict' | 'regressions' | 'improvements'>;
export type DraftMetric = Unsettled & {
  /** For the lists of items that changed, the largest change first. */
  worst: readonly Changed[];
  best: readonly Changed[];
};

/** A pair by the number of its item, and its values as they are shown. */
export interface Changed {
  no: number;
  baseline: number | string;
  candidate: number | string;
}

const LISTED = 10;
export const POWER = 0.8;
/** Categories in the table of changes; the rest are one. */
const CATEGORIES_MAX = 50;
const OTHERS = '(others)';

export interface MetricInput {
  metric: ComparedMetric;
  pairs: Pairs;
  pairing: Pairing;
  missing: Missing;
  /** Of a categorical metric: the names of the values, on either side. */
  categories?: { baseline: readonly string[]; candidate: readonly string[] };
  /** What makes items depend on each other: `item`, or the path of a field. */
  clusteredBy: string | null;
  parts: readonly Part[];
}

type Options = Pick<ComparisonOptions, 'confidence' | 'margins' | 'differences'>;

/** Compares one metric of two runs, by closed forms only; adjustments and verdicts come later. */
export function compareMetric(input: MetricInput, options: Options): DraftMetric {
  return input.metric.shape.kind === 'categorical'
    ? compareCategories(input, options)
    : compareNumbers(input, options);
}

const unadjusted = (p: number | null, method: string) => ({
  p,
  method,
  holm: null,
  benjaminiHochberg: null,
  family: 0,
});

function compareNumbers(input: MetricInput, options: Options): DraftMetric {
  const { metric, pairs, pairing, missing } = input;
  const { confidence } = options;
  const binary = isOfTwoValues(metric, pairs);
  const kind = binary ? 'binary' : 'graded';
  const difference = differenceOf(pairs, { confidence, binary });
  const head = {
    metric: metric.name,
    source: metric.source,
    kind,
    direction: metric.shape.direction,
    pairing,
    categorical: null,
    bounds: differenceBounds(pairs, missing, difference?.value ?? Number.NaN, metric.shape),
    clusters: difference && clustersOf(difference, input.clusteredBy),
    resampled: null,
  } as const;
  if (difference === null) return { ...head, ...NOTHING };
  const counts = binary ? countPairs(pairs) : null;
  const variances = {
    baseline: varianceOfMean(pairs.baseline, pairs.clusters),
    candidate: varianceOfMean(pairs.candidate, pairs.clusters),
  };
  const { n } = difference;
  const differences = differencesOf(pairs);
  const margin = options.margins[metric.name];
  const changes = changesOf(pairs, differences, metric.shape.direction === 'lower' ? -1 : 1);
  return {
    ...head,
    baseline: sideOf(pairs.baseline, pairs.clusters, binary, confidence),
    candidate: sideOf(pairs.candidate, pairs.clusters, binary, confidence),
    difference: difference.value,
    interval: difference.interval,
    intervalMethod: difference.intervalMethod,
    relativeChange: relativeChangeOf(difference, variances, confidence),
    standardError: difference.standardError,
    unpairedStandardError:
      variances.baseline === null || variances.candidate === null
        ? null
        : Math.sqrt(variances.baseline + variances.candidate),
    standardDeviation: n < 2 ? null : difference.standardDeviation,
    degreesOfFreedom: difference.degreesOfFreedom,
    correlation: pearsonCorrelation(pairs.baseline, pairs.candidate),
    test: unadjusted(difference.p, difference.testMethod),
    binary: counts && binaryOf(counts, difference, confidence),
    t: tOf(difference, confidence),
    graded: binary ? null : gradedOf(differences, difference),
    repeats: repeatsOf(pairs, binary),
    wins: changes.wins,
    ties: changes.ties,
    losses: changes.losses,
    power: powerOf(difference, confidence, options.differences[metric.name]),
    equivalence:
      margin === undefined
        ? null
        : { margin, p: equivalenceOf(difference, counts, margin, reachOf(metric, binary)) },
    slices: input.parts.map((part) => sliceOf(part, pairs, difference, binary, confidence)),
    worst: changes.worst,
    best: changes.best,
  };
}

/**
 * Whether values are shares of a whole: 0 and 1 only, of a metric that can give nothing beyond, as far as
 * is known. A grade from 1 to 5 that is 1 throughout is not, nor a count of which none exceeds 1.
 */
function isOfTwoValues({ shape, source }: ComparedMetric, pairs: Pairs): boolean {
  if (shape.kind === 'boolean') return true;
  const { min, max } = shape.range;
  const isShare = (min === 0 && max === 1) || (min === null && max === null);
  return source === 'metric' && isShare && isBinary(pairs);
}

/** The most that a value can change. */
function reachOf({ shape: { range } }: ComparedMetric, binary: boolean): number | null {
  if (binary) return 1;
  return range.min === null || range.max === null ? null : range.max - range.min;
}

const NO_SIDE = { mean: null, low: null, high: null, standardError: null };
const NOTHING = {
  baseline: NO_SIDE,
  candidate: NO_SIDE,
  difference: null,
  interval: null,
  intervalMethod: 'none',
  relativeChange: null,
  standardError: null,
  unpairedStandardError: null,
  standardDeviation: null,
  degreesOfFreedom: null,
  correlation: null,
  test: unadjusted(null, 'none'),
  t: null,
  binary: null,
  graded: null,
  repeats: null,
  wins: 0,
  ties: 0,
  losses: 0,
  power: null,
  equivalence: null,
  slices: [],
  worst: [],
  best: [],
};

function sideOf(
  values: Float64Array,
  clusters: Int32Array | null,
  binary: boolean,
  confidence: number,
): MetricComparison['baseline'] {
  const moments = momentsOf(values);
  const { n, mean, standardDeviation } = moments;
  if (clusters) {
    const robust = clusteredMean(values, clusters, confidence);
    // Clusters that are all alike do not show how far others would lie from them.
    const known = robust && robust.standardError > ROUNDING * standardDeviation ? robust : null;
    const shares =
      binary && robust
        ? clusteredWilsonInterval(Math.round(mean * n), n, withDesignEffect(robust), confidence)
        : null;
    const interval = shares ?? known?.interval;
    return {
      mean,
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      standardError: robust && (known?.standardError ?? 0),
    };
  }
  let interval: Interval | null = null;
  if (binary) interval = wilsonInterval(Math.round(mean * n), n, confidence);
  else if (standardDeviation > 0) interval = meanInterval(moments, confidence);
  return {
    mean,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    standardError: n < 2 ? null : standardDeviation / Math.sqrt(n),
  };
}

function clustersOf({ robust }: Difference, by: string | null): MetricComparison['clusters'] {
  if (!robust || by === null) return null;
  return { by, clusters: robust.clusters, designEffect: robust.designEffect };
}

/** JSON has no infinity. */
const finite = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? value : null;

function binaryOf(
  counts: PairedCounts,
  { baselineMean, candidateMean, clustered }: Difference,
  confidence: number,
): MetricComparison['binary'] {
  const odds = pairedOddsRatio(counts, confidence);
  return {
    ...counts,
    // Both take the pairs as independent.
    exactP: clustered ? null : mcnemarExact(counts),
    midP: clustered ? null : mcnemarMidP(counts),
    oddsRatio:
      odds && !clustered
        ? { value: finite(odds.value), low: odds.interval.low, high: finite(odds.interval.high) }
        : null,
    cohenH: cohenH(baselineMean, candidateMean),
  };
}

function tOf(difference: Difference, confidence: number): MetricComparison['t'] {
  const { n, value: mean, standardDeviation, standardError, clustered, robust } = difference;
  // Without spread there is no t: 0 by 0, or infinite after two items as after a thousand.
  if (standardError === 0) return null;
  const found = clustered ? robust : pairedT({ n, mean, standardDeviation }, confidence);
  if (!found) return null;
  const { t, degreesOfFreedom, p } = found;
  return { t, degreesOfFreedom, p };
}

function gradedOf(
  differences: Float64Array,
  { n, value: mean, standardDeviation, clustered }: Difference,
): MetricComparison['graded'] {
  return {
    cohenDz: cohenDz({ n, mean, standardDeviation }),
    signedRank: clustered ? null : signedRankTest(differences),
  };
}

/** Of a baseline below 0 there is none: a rise would count as a fall. */
function relativeChangeOf(
  { baselineMean, candidateMean, degreesOfFreedom, standardError }: Difference,
  variances: { baseline: number | null; candidate: number | null },
  confidence: number,
): MetricComparison['relativeChange'] {
  if (baselineMean <= 0) return null;
  const { baseline, candidate } = variances;
  if (baseline === null || candidate === null || standardError === null || standardError === 0) {
    return { value: candidateMean / baselineMean - 1, interval: null };
  }
  return relativeChange(
    {
      baseline: baselineMean,
      candidate: candidateMean,
      baselineVariance: baseline,
      candidateVariance: candidate,
      covariance: (baseline + candidate - standardError ** 2) / 2,
      degreesOfFreedom: degreesOfFreedom ?? 0,
    },
    confidence,
  );
}

/** Where only the standard error is asked for. */
const ANY_CONFIDENCE = 0.95;

function varianceOfMean(values: Float64Array, clusters: Int32Array | null): number | null {
  if (clusters) {
    const robust = clusteredMean(values, clusters, ANY_CONFIDENCE);
    return robust && robust.standardError ** 2;
  }
  const { n, standardDeviation } = momentsOf(values);
  return n < 2 ? null : standardDeviation ** 2 / n;
}

function repeatsOf(pairs: Pairs, binary: boolean): MetricComparison['repeats'] {
  const { items } = pairs;
  if (items === null) return null;
  const side = (values: Float64Array) => {
    const components = varianceComponents(values, items);
    return {
      within: components.within,
      between: components.between,
      flaky: binary ? countFlaky(values, items) : null,
    };
  };
  return { baseline: side(pairs.baseline), candidate: side(pairs.candidate) };
}

function countFlaky(values: Float64Array, items: Int32Array): number {
  const passed = new Map<number, { judged: number; passed: number }>();
  for (let place = 0; place < values.length; place += 1) {
    const item = items[place] ?? 0;
    const counted = passed.get(item) ?? { judged: 0, passed: 0 };
    counted.judged += 1;
    counted.passed += values[place] ?? 0;
    passed.set(item, counted);
  }
  return countMixed([...passed.values()].map((counted) => ({ ...counted, items: 1 })));
}

function powerOf(
  { n, standardError }: Difference,
  confidence: number,
  wanted: number | undefined,
): MetricComparison['power'] {
  if (standardError === null || standardError === 0) return null;
  // What the spread of one pair would be if the pairs were independent.
  const standardDeviation = standardError * Math.sqrt(n);
  const how = { level: levelOf(confidence), power: POWER };
  return {
    minimumDetectableDifference: minimumDetectableDifference({ n, standardDeviation }, how),
    power: POWER,
    wanted:
      wanted === undefined
        ? null
        : {
            difference: wanted,
            n: Math.min(
              Number.MAX_SAFE_INTEGER,
              pairsNeeded({ difference: wanted, standardDeviation }, how),
            ),
          },
  };
}

/** Wins, ties and losses, and the pairs that changed most either way. */
function changesOf(pairs: Pairs, differences: Float64Array, sign: 1 | -1) {
  let wins = 0;
  let losses = 0;
  const worst = new Largest();
  const best = new Largest();
  for (let place = 0; place < pairs.nos.length; place += 1) {
    const gain = sign * (differences[place] ?? 0);
    if (gain === 0) continue;
    const changed = {
      no: pairs.nos[place] ?? 0,
      baseline: pairs.baseline[place] ?? 0,
      candidate: pairs.candidate[place] ?? 0,
    };
    if (gain > 0) {
      wins += 1;
      best.add(gain, changed);
    } else {
      losses += 1;
      worst.add(-gain, changed);
    }
  }
  const ties = pairs.nos.length - wins - losses;
  return { wins, ties, losses, worst: worst.items, best: best.items };
}

/** Keeps the few that changed most, the earlier first where they are equal. */
class Largest {
  readonly #kept: { by: number; changed: Changed }[] = [];

  add(by: number, changed: Changed): void {
    const last = this.#kept.at(-1);
    if (this.#kept.length === LISTED && last && last.by >= by) return;
    let place = this.#kept.length;
    while (place > 0 && (this.#kept[place - 1]?.by ?? 0) < by) place -= 1;
    this.#kept.splice(place, 0, { by, changed });
    if (this.#kept.length > LISTED) this.#kept.pop();
  }

  get items(): Changed[] {
    return this.#kept.map(({ changed }) => changed);
  }
}

function sliceOf(
  { by, value, members }: Part,
  pairs: Pairs,
  whole: Difference,
  binary: boolean,
  confidence: number,
): Slice {
  const part = pairsOf(pairs, (no) => members[no] === 1);
  const difference = differenceOf(part, { confidence, binary });
  const interval: Interval | null = difference?.interval ?? null;
  return {
    by,
    value,
    n: part.nos.length,
    baselineMean: difference?.baselineMean ?? null,
    candidateMean: difference?.candidateMean ?? null,
    difference: difference?.value ?? null,
    interval,
    test: unadjusted(difference?.p ?? null, difference?.testMethod ?? 'none'),
    outcome: 'inconclusive',
    against: difference !== null && Math.sign(difference.value) * Math.sign(whole.value) < 0,
    resampled: null,
  };
}

function compareCategories(input: MetricInput, options: Options): DraftMetric {
  const { metric, pairs, pairing } = input;
  const named = namePairs(input);
  const n = named.length;
  const { names, table, merged } = tableOf(named);
  const homogeneity = n === 0 || pairs.clusters ? null : marginalHomogeneity(table);
  const changed: Changed[] = [];
  let ties = 0;
  for (const [place, { baseline, candidate }] of named.entries()) {
    if (baseline === candidate) ties += 1;
    else if (changed.length < LISTED)
      changed.push({ no: pairs.nos[place] ?? 0, baseline, candidate });
  }
  return {
    metric: metric.name,
    source: metric.source,
    kind: 'categorical',
    direction: 'none',
    pairing,
    bounds: null,
    clusters: null,
    resampled: null,
    ...NOTHING,
    // The pairs of clustered items are not independent, which the test takes them for.
    test: pairs.clusters
      ? unadjusted(null, 'none: items are clustered')
      : unadjusted(homogeneity?.p ?? (n > 0 ? 1 : null), n > 0 ? 'Stuart-Maxwell' : 'none'),
    categorical: {
      categories: names,
      table,
      changed: n - ties,
      homogeneity,
      // Among those that are one in the table, a change would count as agreement.
      kappa: merged ? null : cohenKappa(table, options.confidence).value,
    },
    ties,
    worst: changed,
  };
}

interface NamedPair {
  baseline: string;
  candidate: string;
}

function namePairs({ pairs, categories }: MetricInput): NamedPair[] {
  const nameOf = (side: 'baseline' | 'candidate', place: number): string =>
    categories?.[side][pairs[side][place] ?? -1] ?? OTHERS;
  return Array.from(pairs.nos, (_, place) => ({
    baseline: nameOf('baseline', place),
    candidate: nameOf('candidate', place),
  }));
}

/** The table of changes over all categories of either side, the most frequent first. */
function tableOf(named: readonly NamedPair[]): {
  names: string[];
  table: number[][];
  /** Whether the last category stands for several. */
  merged: boolean;
} {
  const counts = new Map<string, number>();
  for (const { baseline, candidate } of named) {
    for (const name of [baseline, candidate]) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([name]) => name);
  const merged = sorted.length > CATEGORIES_MAX;
  const names = merged
    ? [...sorted.filter((name) => name !== OTHERS).slice(0, CATEGORIES_MAX - 1), OTHERS]
    : sorted;
  const places = new Map(names.map((name, place) => [name, place]));
  const placeOf = (name: string): number => places.get(name) ?? names.length - 1;
  const table = confusionMatrix(
    names.length,
    named.map(({ baseline, candidate }) => [placeOf(baseline), placeOf(candidate)] as const),
  );
  return { names, table, merged };
}
