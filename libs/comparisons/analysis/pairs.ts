import type { Pairing } from '#libs/contracts';

/** What there is of one metric for one evaluation item of a run. */
export const scoreStatus = {
  open: 0,
  scored: 1,
  notApplicable: 2,
  error: 3,
  failed: 4,
} as const;

/** One metric in one run, by the number of the evaluation item. */
export interface MetricScores {
  /** Of `scoreStatus`. */
  status: Uint8Array;
  /** Where scored; of categories, their place among `categories`. Without a number it is no score. */
  values: Float64Array;
  categories?: readonly string[];
}

/**
 * How the evaluation items of two runs belong together. Everything is counted in the items of the
 * first, so that which of both is the baseline changes no digit of what is computed.
 */
export interface Alignment {
  /** By the number in the first run: the number in the second, or −1. */
  partner: Int32Array;
  /** Evaluation items of either run that the other does not have. */
  firstOnly: number;
  secondOnly: number;
  /** By the number in the first run: 1 where the filter takes it. */
  chosen: Uint8Array;
  /** By the number in the first run: which items depend on each other; null: none do. */
  clusters: Int32Array | null;
  /** By the number in the first run: the item that it is a repeat of; null: none is repeated. */
  items: Int32Array | null;
}

/** The two scores of each item that has both, in the order of the first run. */
export interface Pairs {
  baseline: Float64Array;
  candidate: Float64Array;
  /** Numbers of the items in the first run. */
  nos: Int32Array;
  clusters: Int32Array | null;
  items: Int32Array | null;
}

type Sides = Pick<Pairing, 'baseline' | 'candidate'>;
type SideCounts = Sides['baseline'];

const noCounts = (): SideCounts => ({ failed: 0, open: 0, notApplicable: 0, errors: 0 });

/** The status of one evaluation item; a score that is no number, as of another kind of metric, is an error. */
export function statusOf({ status, values }: MetricScores, no: number): number | undefined {
  const stored = status[no];
  return stored === scoreStatus.scored && !Number.isFinite(values[no]) ? scoreStatus.error : stored;
}

function count(counts: SideCounts, status: number | undefined): void {
  if (status === scoreStatus.failed) counts.failed += 1;
  else if (status === scoreStatus.notApplicable) counts.notApplicable += 1;
  else if (status === scoreStatus.error) counts.errors += 1;
  else if (status === scoreStatus.open) counts.open += 1;
}

/** Common items of which a value is missing by a failure or is open, and what there is on the other side. */
export interface Missing {
  baselineOnly: Float64Array;
  candidateOnly: Float64Array;
  neither: number;
}

/**
 * Pairs two runs' scores of one metric, and counts what cannot be paired.
 * @param firstIsBaseline which of the two aligned runs the baseline is
 */
export function pairScores(
  alignment: Alignment,
  first: MetricScores,
  second: MetricScores,
  firstIsBaseline: boolean,
): { pairs: Pairs; pairing: Pairing; missing: Missing } {
  const { partner, chosen } = alignment;
  const size = partner.length;
  const nos = new Int32Array(size);
  const firstCounts = noCounts();
  const secondCounts = noCounts();
  const onlyFirst: number[] = [];
  const onlySecond: number[] = [];
  let paired = 0;
  let filteredOut = 0;
  let unpaired = 0;
  let neither = 0;
  for (let no = 0; no < size; no += 1) {
    const other = partner[no] ?? -1;
    if (other < 0) continue;
    if (chosen[no] !== 1) {
      filteredOut += 1;
      continue;
    }
    const a = statusOf(first, no);
    const b = statusOf(second, other);
    if (a === scoreStatus.scored && b === scoreStatus.scored) {
      nos[paired] = no;
      paired += 1;
      continue;
    }
    unpaired += 1;
    count(firstCounts, a);
    count(secondCounts, b);
    // Not applicable is no failure: nothing would have been scored there.
    if (a === scoreStatus.notApplicable || b === scoreStatus.notApplicable) continue;
    if (a === scoreStatus.scored) onlyFirst.push(first.values[no] ?? 0);
    else if (b === scoreStatus.scored) onlySecond.push(second.values[other] ?? 0);
    else neither += 1;
  }
  const numbers = nos.slice(0, paired);
  const firstValues = new Float64Array(paired);
  const secondValues = new Float64Array(paired);
  for (let place = 0; place < paired; place += 1) {
    const no = numbers[place] ?? 0;
    firstValues[place] = first.values[no] ?? Number.NaN;
    secondValues[place] = second.values[partner[no] ?? 0] ?? Number.NaN;
  }
  const firstMissing = Float64Array.from(onlyFirst);
  const secondMissing = Float64Array.from(onlySecond);
  return {
    pairs: {
      nos: numbers,
      clusters: pick(alignment.clusters, numbers),
      items: pick(alignment.items, numbers),
      baseline: firstIsBaseline ? firstValues : secondValues,
      candidate: firstIsBaseline ? secondValues : firstValues,
    },
    missing: {
      baselineOnly: firstIsBaseline ? firstMissing : secondMissing,
      candidateOnly: firstIsBaseline ? secondMissing : firstMissing,
      neither,
    },
    pairing: {
      paired,
      unpaired,
      filteredOut,
      baselineOnly: firstIsBaseline ? alignment.firstOnly : alignment.secondOnly,
      candidateOnly: firstIsBaseline ? alignment.secondOnly : alignment.firstOnly,
      baseline: firstIsBaseline ? firstCounts : secondCounts,
      candidate: firstIsBaseline ? secondCounts : firstCounts,
    },
  };
}

/** Those of the pairs whose item is a member. */
export function pairsOf(pairs: Pairs, isMember: (no: number) => boolean): Pairs {
  const { nos } = pairs;
  const all = new Int32Array(nos.length);
  let size = 0;
  for (let place = 0; place < nos.length; place += 1) {
    if (!isMember(nos[place] ?? -1)) continue;
    all[size] = place;
    size += 1;
  }
  const places = all.subarray(0, size);
  return {
    baseline: gather(pairs.baseline, places, new Float64Array(size)),
    candidate: gather(pairs.candidate, places, new Float64Array(size)),
    nos: gather(nos, places, new Int32Array(size)),
    clusters: pick(pairs.clusters, places),
    items: pick(pairs.items, places),
  };
}

const pick = (values: Int32Array | null, places: Int32Array): Int32Array | null =>
  values && gather(values, places, new Int32Array(places.length));

/** The values at the places; a loop, since slices of many items are taken often. */
function gather<Values extends Float64Array | Int32Array>(
  values: Values,
  places: Int32Array,
  into: Values,
): Values {
  for (let at = 0; at < places.length; at += 1) into[at] = values[places[at] ?? 0] ?? 0;
  return into;
}

/**
 * Bounds of the mean difference, were every value that is missing as bad, or as good, for the candidate
 * as the metric can give; what is not applicable is not missing. Null where the metric has no bounds.
 * @param difference the mean difference of the pairs
 */
export function differenceBounds(
  pairs: Pairs,
  missing: Missing,
  difference: number,
  shape: { range: { min: number | null; max: number | null }; direction: string },
): { worst: number; best: number } | null {
  const { min, max } = shape.range;
  const n =
    pairs.nos.length + missing.baselineOnly.length + missing.candidateOnly.length + missing.neither;
  if (min === null || max === null || n === 0) return null;
  if (n === pairs.nos.length) return { worst: difference, best: difference };
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  const paired = sum(pairs.candidate) - sum(pairs.baseline);
  const lost = { n: missing.baselineOnly.length, sum: sum(missing.baselineOnly) };
  const gained = { n: missing.candidateOnly.length, sum: sum(missing.candidateOnly) };
  const bound = (candidateMissing: number, baselineMissing: number): number =>
    paired +
    (candidateMissing * lost.n - lost.sum - (baselineMissing * gained.n - gained.sum)) +
    (candidateMissing - baselineMissing) * missing.neither;
  const lowest = bound(min, max);
  const highest = bound(max, min);
  const [low, high] = [lowest / n, highest / n];
  return shape.direction === 'lower' ? { worst: high, best: low } : { worst: low, best: high };
}
