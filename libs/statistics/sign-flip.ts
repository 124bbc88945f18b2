import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf';
import { resamplesFor } from './bootstrap.ts';
import { seededRandom } from './random.ts';

export interface SignFlip {
  /** Two-sided. */
  p: number;
  method: 'exact' | 'monte-carlo';
  /** Choices of signs that were drawn; null where all were counted. */
  permutations: number | null;
}

/** Up to so many differences every choice of signs is looked at, one by one. */
const ENUMERATED_UP_TO = 20;
/** Steps that counting may take, of about a nanosecond. */
const STEPS_MAX = 1e8;
/** Below this share of their size, sums that should be equal differ by rounding alone. */
const ROUNDING = 1e-12;
/** The same for whole multiples of a unit, which were divided by each other. */
const MULTIPLE_ROUNDING = 1e-9;

/**
 * Sign-flip permutation test of whether the differences of pairs lie symmetrically around 0, as they do
 * where baseline and candidate can change places: the share of all choices of signs for which
 * |Σ ± difference| is at least the |Σ difference| that was seen, equal up to rounding included. It
 * never rejects more often than its level. Where items come in clusters give it the sums of the
 * clusters: the values of one keep their signs together.
 *
 * Exact where that can be counted: one size of difference (binary data, where it is McNemar's exact
 * test), at most 20 differences that are not 0, or sizes that are whole multiples of a unit, such as
 * grades, as long as there are not too many (about 10,000). Else from choices drawn at random, as many
 * as `resamplesFor` allows of 32 signs a draw, with p = (1 + as extreme) / (1 + drawn), which keeps the
 * level. Null where there are too many (3.2 million). 1 where all are 0; an exact p that is smaller
 * than any double is 0.
 *
 * Neither order nor sign of the differences changes it, nor does a factor.
 *
 * Source: R. A. Fisher, "The Design of Experiments" (1935), section 21; as scipy's
 * `permutation_test(permutation_type='samples')`. Drawn at random: B. Phipson and G. K. Smyth,
 * Statistical Applications in Genetics and Molecular Biology 9 (2010), 39.
 * @param differences finite numbers
 * @param seed as in `seededRandom`
 * @throws {RangeError}
 */
export function signFlipTest(differences: Float64Array, seed: number): SignFlip | null {
  if (!differences.every(Number.isFinite)) {
    throw new RangeError('a difference must be a finite number');
  }
  // In an order of their own, so that sums come out the same whatever the order was.
  const gains = differences.filter((difference) => difference > 0).sort();
  const losses = differences
    .filter((difference) => difference < 0)
    .map(Math.abs)
    .sort();
  const sizes = new Float64Array(gains.length + losses.length);
  sizes.set(gains);
  sizes.set(losses, gains.length);
  sizes.sort();
  const positive = gains.reduce((sum, size) => sum + size, 0);
  const negative = losses.reduce((sum, size) => sum + size, 0);
  const p = exactP(sizes, positive, negative);
  if (p !== null) return { p, method: 'exact', permutations: null };
  const permutations = resamplesFor(Math.ceil(sizes.length / 32));
  if (permutations === null) return null;
  const atLeast = Math.abs(positive - negative) - ROUNDING * (positive + negative);
  const sums = drawnSums(sizes, permutations, seed);
  const extreme = sums.reduce((count, sum) => (Math.abs(sum) >= atLeast ? count + 1 : count), 0);
  return { p: (1 + extreme) / (1 + permutations), method: 'monte-carlo', permutations };
}

function exactP(sizes: Float64Array, positive: number, negative: number): number | null {
  const n = sizes.length;
  const smallest = sizes[0];
  const largest = sizes[n - 1];
  if (smallest === undefined || largest === undefined) return 1;
  const smaller = Math.min(positive, negative);
  if (largest - smallest <= ROUNDING * largest) {
    return Math.min(1, 2 * binomialCdf(Math.round(smaller / largest), n, 0.5));
  }
  if (n <= ENUMERATED_UP_TO) {
    const atLeast = Math.abs(positive - negative) - ROUNDING * (positive + negative);
    return shareAtLeast(sizes, atLeast);
  }
  const unit = commonUnit(sizes);
  if (unit === null) return null;
  const atMost = Math.round(smaller / unit);
  if (n * (atMost + 1) > STEPS_MAX) return null;
  return Math.min(1, 2 * chanceOfAtMost(sizes, unit, atMost));
}

/** Of all choices of signs, the share whose sum is at least so far from 0. */
function shareAtLeast(sizes: Float64Array, atLeast: number): number {
  // The other half of the choices has the same sums with the other sign.
  const choices = 2 ** (sizes.length - 1);
  const sums = new Float64Array(choices);
  sums[0] = at(sizes, 0);
  for (let place = 1; place < sizes.length; place += 1)
    addEitherSign(sums, place - 1, at(sizes, place));
  let extreme = 0;
  for (const sum of sums) if (Math.abs(sum) >= atLeast) extreme += 1;
  return extreme / choices;
}

/** From the sums of all choices of so many signs to those with one more. */
function addEitherSign(sums: Float64Array, signs: number, size: number): void {
  const known = 2 ** signs;
  for (let choice = 0; choice < known; choice += 1) {
    const sum = at(sums, choice);
    sums[choice] = sum - size;
    sums[known + choice] = sum + size;
  }
}

/**
 * The largest number of which all sizes are whole multiples, by Euclid's algorithm; null where rounding
 * hides it.
 * @param sizes ascending, above 0
 */
function commonUnit(sizes: Float64Array): number | null {
  let unit = at(sizes, 0);
  const coarsest = at(sizes, sizes.length - 1) * 1e-7;
  for (const size of sizes) {
    let dividend = size;
    for (;;) {
      if (unit < coarsest) return null;
      const rest = Math.abs(dividend - unit * Math.round(dividend / unit));
      if (rest <= MULTIPLE_ROUNDING * unit) break;
      [dividend, unit] = [unit, rest];
    }
  }
  const exact = sizes.every(
    (size) => Math.abs(size - unit * Math.round(size / unit)) <= MULTIPLE_ROUNDING * size,
  );
  return exact ? unit : null;
}

/**
 * Chance that the sizes whose fair coin shows heads add up to at most so many units: the coins are
 * added one by one, sum by sum.
 */
function chanceOfAtMost(sizes: Float64Array, unit: number, atMost: number): number {
  const chances = new Float64Array(atMost + 1);
  chances[0] = 1;
  let reached = 0;
  for (const size of sizes) {
    const units = Math.round(size / unit);
    reached = Math.min(atMost, reached + units);
    for (let sum = reached; sum >= units; sum -= 1) {
      chances[sum] = (at(chances, sum) + at(chances, sum - units)) / 2;
    }
    for (let sum = Math.min(reached, units - 1); sum >= 0; sum -= 1) {
      chances[sum] = at(chances, sum) / 2;
    }
  }
  return chances.reduce((sum, chance) => sum + chance, 0);
}

/** Sums of the sizes under signs drawn at random. */
function drawnSums(sizes: Float64Array, permutations: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const sums = new Float64Array(permutations);
  // The sums of eight sizes under all their signs are looked up by a byte of random bits.
  const tables = [0, 8, 16, 24].map(() => new Float64Array(256));
  const [a, b, c, d] = tables;
  if (!a || !b || !c || !d) return sums;
  for (let from = 0; from < sizes.length; from += 32) {
    for (const [index, table] of tables.entries()) {
      table[0] = 0;
      for (let sign = 0; sign < 8; sign += 1) {
        addEitherSign(table, sign, sizes[from + index * 8 + sign] ?? 0);
      }
    }
    for (let permutation = 0; permutation < permutations; permutation += 1) {
      const bits = random.bits();
      sums[permutation] =
        at(sums, permutation) +
        at(a, bits & 255) +
        at(b, (bits >>> 8) & 255) +
        at(c, (bits >>> 16) & 255) +
        at(d, bits >>> 24);
    }
  }
  return sums;
}

function at(values: Float64Array, place: number): number {
  const value = values[place];
  if (value === undefined) throw new RangeError('a place outside of the values');
  return value;
}
