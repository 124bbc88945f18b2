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

/** Random numbers that one interval may draw: well under a second. */
const DRAWS_MAX = 2e7;
const RESAMPLES_MAX = 2_000;
const RESAMPLES_MIN = 200;

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
  const places = new Map(values.map((value, place) => [value, place]));
  const counted = paired.map((unit) => countsOf(unit, places));
  const none = { alpha: null, interval: null, units: paired.length };
  if (paired.length === 0) return { ...none, percentAgreement: null };
  const percentAgreement =
    counted.reduce((sum, unit) => sum + sameShareOf(unit), 0) / counted.length;
  const margins = marginsOf(counted, values.length);
  const all = Uint32Array.from(counted.keys());
  const alpha = alphaOf(counted, all, { values, level, margins });
  if (alpha === null) return { ...none, percentAgreement };
  return {
    alpha,
    interval: intervalOf(counted, { values, level, confidence, seed }),
    units: paired.length,
    percentAgreement,
  };
}

/** A unit: which values it was given, by their places, each how often. */
interface Counted {
  places: number[];
  counts: number[];
  total: number;
}

function countsOf(unit: readonly number[], places: ReadonlyMap<number, number>): Counted {
  const counts = new Map<number, number>();
  for (const value of unit) {
    const place = places.get(value) ?? 0;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return { places: [...counts.keys()], counts: [...counts.values()], total: unit.length };
}

/** The share of pairs of a unit that are equal. */
const sameShareOf = ({ counts, total }: Counted): number =>
  counts.reduce((sum, count) => sum + count * (count - 1), 0) / (total * (total - 1));

/** How often each value was given in the units at these places. */
function marginsOf(units: readonly Counted[], values: number, drawn?: Uint32Array): Float64Array {
  const margins = new Float64Array(values);
  for (const place of drawn ?? units.keys()) {
    const unit = units[place];
    unit?.places.forEach((value, i) => {
      margins[value] = at(margins, value) + (unit.counts[i] ?? 0);
    });
  }
  return margins;
}

interface Scale {
  values: readonly number[];
  level: MeasurementLevel;
  margins: Float64Array;
}

/** Null where all values are the same. */
function alphaOf(units: readonly Counted[], drawn: Uint32Array, scale: Scale): number | null {
  const positions = positionsOn(scale);
  const nominal = scale.level === 'nominal';
  let observed = 0;
  for (const place of drawn) {
    const unit = units[place];
    if (!unit || unit.places.length === 1) continue;
    observed +=
      differencesOf(unit.places, unit.counts, nominal ? undefined : positions) / (unit.total - 1);
  }
  const { margins } = scale;
  const given = [...margins.keys()].filter((place) => at(margins, place) > 0);
  const total = margins.reduce((sum, count) => sum + count, 0);
  const expected =
    differencesOf(
      given,
      given.map((place) => at(margins, place)),
      nominal ? undefined : positions,
    ) /
    (total - 1);
  // Nothing could have differed.
  if (given.length < 2) return null;
  return 1 - observed / expected;
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
function positionsOn({ values, level, margins }: Scale): Float64Array {
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
  units: readonly Counted[],
  { values, level, confidence, seed }: KrippendorffOptions & { values: readonly number[] },
): Interval | null {
  const differ = units.some(({ places }) => places.length > 1);
  if (units.length < UNITS_MIN || !differ) return null;
  const affordable = Math.floor(DRAWS_MAX / units.length);
  const resamples = Math.max(RESAMPLES_MIN, Math.min(RESAMPLES_MAX, affordable));
  const random = seededRandom(seed);
  const drawn = new Uint32Array(units.length);
  const alphas: number[] = [];
  for (let resample = 0; resample < resamples; resample += 1) {
    random.fillBelow(drawn, units.length);
    const margins = marginsOf(units, values.length, drawn);
    const alpha = alphaOf(units, drawn, { values, level, margins });
    if (alpha !== null) alphas.push(alpha);
  }
  const sorted = Float64Array.from(alphas).sort();
  const low = quantile(sorted, (1 - confidence) / 2);
  const high = quantile(sorted, (1 + confidence) / 2);
  return low === null || high === null ? null : { low, high };
}

function at(values: Float64Array, place: number): number {
  const value = values[place];
  if (value === undefined) throw new RangeError('a place outside of the values');
  return value;
}
