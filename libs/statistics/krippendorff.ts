import type { Interval } from './intervals.ts';
import { quantile } from './quantile.ts';
import { seededRandom } from './random.ts';
import { requireConfidence } from './require.ts';

/** How far two values differ: at all; by how many values lie between them; by their distance. */
export type MeasurementLevel = 'nominal' | 'ordinal' | 'interval';

export interface KrippendorffAlpha {
  /** 1 is full agreement, 0 what chance gives, below 0 systematic disagreement; null: not defined. */
  alpha: number | null;
  /** Of the bootstrap over units; null where it says nothing. */
  interval: Interval | null;
  /** Units with two values or more, the only ones that count. */
  units: number;
  /** Mean over these of the share of pairs with the same value; null without any. */
  percentAgreement: number | null;
}

export interface KrippendorffOptions {
  level: MeasurementLevel;
  confidence: number;
  /** As in `seededRandom`. */
  seed: number;
}

/** Steps that one interval may take: a fraction of a second. */
const STEPS_MAX = 5e6;
const RESAMPLES_MAX = 2_000;
const RESAMPLES_MIN = 200;
/** What a binomial costs, in draws of an index. */
const DRAWS_OF_BINOMIAL = 100;

/**
 * Krippendorff's alpha, the agreement beyond chance of any number of raters, of whom each may have
 * rated some units only: α = 1 − D_o / D_e, with D_o the mean difference within units and D_e that
 * between all values that were given. A unit of m values has each of its ordered pairs counted
 * 1 / (m − 1) times; units of one value do not count. The difference δ² of two values is 0 or 1
 * (nominal), (a − b)² (interval), or (Σ n_g from a to b − (n_a + n_b) / 2)², with n_g how often the
 * value g was given (ordinal).
 *
 * Null where no unit has two values, and where all values are the same, since nothing could then have
 * differed. The interval takes the quantiles of alpha over resamples of whole units, 2,000 of them or
 * fewer where there are very many; null below 5 units, and where nothing within units differs, which
 * says nothing about units not seen. Resamples in which all values are the same are left out.
 *
 * Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011); "Content Analysis",
 * 4th edition (2018), chapter 12. Interval: A. Zapf, S. Castell, L. Morawietz and A. Karch, "Measuring
 * inter-rater reliability for nominal data – which coefficients and confidence intervals are
 * appropriate?", BMC Medical Research Methodology 16 (2016), 93.
 * @param units of each the values that raters gave it; of categories, their places from 0
 * @throws {RangeError} for values that are no finite numbers
 */
export function krippendorffAlpha(
  units: readonly (readonly number[])[],
  { level, confidence, seed }: KrippendorffOptions,
): KrippendorffAlpha {
  requireConfidence(confidence);
  const paired = units.filter(({ length }) => length > 1);
  if (!paired.every((values) => values.every(Number.isFinite))) {
    throw new RangeError('values must be finite numbers');
  }
  const values = [...new Set(paired.flat())].sort((a, b) => a - b);
  const kinds = kindsOf(paired, values);
  const none = { alpha: null, interval: null, units: paired.length };
  if (paired.length === 0) return { ...none, percentAgreement: null };
  const scale = { values, level };
  const percentAgreement =
    kinds.reduce((sum, kind) => sum + kind.times * sameShareOf(kind), 0) / paired.length;
  const alpha = alphaOf(
    kinds,
    kinds.map(({ times }) => times),
    scale,
  );
  if (alpha === null) return { ...none, percentAgreement };
  const interval = intervalOf(kinds, paired.length, scale, { confidence, seed });
  return { alpha, interval, units: paired.length, percentAgreement };
}

/** Units that were given the same values: which, by their places, each how often. */
interface Kind {
  places: number[];
  counts: number[];
  total: number;
  /** How many units are of this kind. */
  times: number;
}

/** Units in kinds, in an order that is that of the kinds alone. */
function kindsOf(units: readonly (readonly number[])[], values: readonly number[]): Kind[] {
  const places = new Map(values.map((value, place) => [value, place]));
  const kinds = new Map<string, Kind>();
  for (const unit of units) {
    const kind = countsOf(unit, places);
    const name = JSON.stringify([kind.places, kind.counts]);
    const known = kinds.get(name);
    if (known) known.times += 1;
    else kinds.set(name, kind);
  }
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
}

function countsOf(unit: readonly number[], places: ReadonlyMap<number, number>): Kind {
  const counts = new Map<number, number>();
  for (const value of unit.toSorted((a, b) => a - b)) {
    const place = places.get(value) ?? 0;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return { places: [...counts.keys()], counts: [...counts.values()], total: unit.length, times: 1 };
}

/** The share of pairs of a unit that are equal. */
const sameShareOf = ({ counts, total }: Kind): number =>
  counts.reduce((sum, count) => sum + count * (count - 1), 0) / (total * (total - 1));

interface Scale {
  values: readonly number[];
  level: MeasurementLevel;
}

/**
 * @param times how many units are of each kind
 * @returns null where all values are the same
 */
function alphaOf(
  kinds: readonly Kind[],
  times: ArrayLike<number>,
  { values, level }: Scale,
): number | null {
  const margins = new Float64Array(values.length);
  for (const [k, { places, counts }] of kinds.entries()) {
    for (const [i, place] of places.entries()) {
      margins[place] = at(margins, place) + (counts[i] ?? 0) * (times[k] ?? 0);
    }
  }
  const given = [...margins.keys()].filter((place) => at(margins, place) > 0);
  // Nothing could have differed.
  if (given.length < 2) return null;
  const positions = level === 'nominal' ? undefined : positionsOn({ values, level }, margins);
  let observed = 0;
  for (const [k, { places, counts, total }] of kinds.entries()) {
    if (places.length === 1) continue;
    observed += ((times[k] ?? 0) * differencesOf(places, counts, positions)) / (total - 1);
  }
  const frequencies = given.map((place) => at(margins, place));
  const total = frequencies.reduce((sum, count) => sum + count, 0);
  return 1 - (observed * (total - 1)) / differencesOf(given, frequencies, positions);
}

/**
 * Sum of δ² over all ordered pairs of values that were given so often. On positions that is
 * 2 (N Σ n x² − (Σ n x)²), without looking at each pair.
 */
function differencesOf(
  places: readonly number[],
  counts: readonly number[],
  positions: Float64Array | undefined,
): number {
  let total = 0;
  let sum = 0;
  let squares = 0;
  // Taken from the first one, so that large values lose no digits.
  const origin = positions ? at(positions, places[0] ?? 0) : 0;
  for (const [i, place] of places.entries()) {
    const count = counts[i] ?? 0;
    total += count;
    if (positions) {
      const x = at(positions, place) - origin;
      sum += count * x;
      squares += count * x * x;
    } else squares += count * count;
  }
  return positions ? 2 * (total * squares - sum * sum) : total * total - squares;
}

/** Where values lie, so that δ is their distance: themselves, or the middle of their ranks. */
function positionsOn({ values, level }: Scale, margins: Float64Array): Float64Array {
  if (level !== 'ordinal') return Float64Array.from(values);
  let below = 0;
  return margins.map((count) => {
    const middle = below + count / 2;
    below += count;
    return middle;
  });
}

const UNITS_MIN = 5;

function intervalOf(
  kinds: readonly Kind[],
  units: number,
  scale: Scale,
  { confidence, seed }: Pick<KrippendorffOptions, 'confidence' | 'seed'>,
): Interval | null {
  const differ = kinds.some(({ places }) => places.length > 1);
  if (units < UNITS_MIN || !differ) return null;
  const byKind = kinds.length * DRAWS_OF_BINOMIAL <= units;
  const steps = kinds.length + (byKind ? kinds.length * DRAWS_OF_BINOMIAL : units);
  const affordable = Math.floor(STEPS_MAX / steps);
  const resamples = Math.max(RESAMPLES_MIN, Math.min(RESAMPLES_MAX, affordable));
  const draw = byKind ? drawKinds(kinds, units, seed) : drawUnits(kinds, units, seed);
  const alphas: number[] = [];
  for (let resample = 0; resample < resamples; resample += 1) {
    const alpha = alphaOf(kinds, draw(), scale);
    if (alpha !== null) alphas.push(alpha);
  }
  const sorted = Float64Array.from(alphas).sort();
  const low = quantile(sorted, (1 - confidence) / 2);
  const high = quantile(sorted, (1 + confidence) / 2);
  return low === null || high === null ? null : { low, high };
}

/** Draws as many units as there are, with return: how many of each kind, which is multinomial. */
function drawKinds(kinds: readonly Kind[], units: number, seed: number): () => Float64Array {
  const random = seededRandom(seed);
  const drawn = new Float64Array(kinds.length);
  return () => {
    let left = units;
    let among = units;
    for (const [k, { times }] of kinds.entries()) {
      drawn[k] = times === among ? left : random.binomial(left, times / among);
      left -= at(drawn, k);
      among -= times;
    }
    return drawn;
  };
}

/** The same, one unit after the other. */
function drawUnits(kinds: readonly Kind[], units: number, seed: number): () => Float64Array {
  const random = seededRandom(seed);
  const drawn = new Float64Array(kinds.length);
  const places = new Uint32Array(units);
  const kindOf = Uint32Array.from(
    kinds.flatMap(({ times }, k) => Array.from({ length: times }, () => k)),
  );
  return () => {
    random.fillBelow(places, units);
    drawn.fill(0);
    for (const place of places) {
      const k = kindOf[place] ?? 0;
      drawn[k] = at(drawn, k) + 1;
    }
    return drawn;
  };
}

function at(values: Float64Array, place: number): number {
  const value = values[place];
  if (value === undefined) throw new RangeError('a place outside of the values');
  return value;
}
