import { MetricError } from '../metric-error.ts';

/** Bits of a word; with two more for the carry of an addition, a number stays a small integer. */
const BITS = 30;
const ONES = 2 ** BITS - 1;

/** Words of rows and tokens that are looked at, over all comparisons of a case: about a second. */
const WORK_MAX = 1e8;

/**
 * The lengths of longest common subsequences of a text with each of others. For each it takes about the
 * product of both lengths / 30 steps at worst, and far fewer where most tokens are rare.
 * @param distinct tokens of the text are numbers from 0 to below this; others are none of the text's
 * @throws {MetricError} where the texts are too long
 */
export function lcsLengths(
  text: Int32Array,
  others: readonly Int32Array[],
  distinct: number,
): number[] {
  let work = 0;
  return others.map((other) => {
    // What both begin and end with belongs to a longest common subsequence.
    const shorter = Math.min(text.length, other.length);
    let start = 0;
    while (start < shorter && text[start] === other[start]) start += 1;
    let end = 0;
    while (end < shorter - start && text.at(-1 - end) === other.at(-1 - end)) end += 1;
    const rows = other.subarray(start, other.length - end);
    work += start + end;
    if (rows.length === 0 || start + end === text.length) return start + end;
    work += 4 * (text.length + distinct);
    const columns = new Columns(text.subarray(start, text.length - end), distinct);
    const row = columns.firstRow();
    for (const token of rows) {
      work += columns.advance(row, token);
      if (work > WORK_MAX) throw tooLong();
    }
    return start + end + zerosIn(row);
  });
}

/**
 * The places in the reference, ascending, of one longest common subsequence: that which is read from
 * the table's end, towards its beginning, with a step in the candidate only where a step in the
 * reference would lose length. Memory: |reference| · |candidate| / 30 words.
 */
export function lcsPlaces(columns: Columns, candidate: Int32Array): number[] {
  const { words, reference } = columns;
  const rows = new Int32Array(words * candidate.length);
  const row = columns.firstRow();
  for (let place = 0; place < candidate.length; place += 1) {
    columns.advance(row, candidate[place] ?? 0);
    rows.set(row, place * words);
  }
  const places: number[] = [];
  let column = reference.length - 1;
  let place = candidate.length - 1;
  while (column >= 0 && place >= 0) {
    if (reference[column] === candidate[place]) {
      places.push(column);
      column -= 1;
      place -= 1;
    } else {
      const word = rows[place * words + Math.floor(column / BITS)] ?? 0;
      if ((word >>> (column % BITS)) & 1) column -= 1;
      else place -= 1;
    }
  }
  return places.toReversed();
}

/** Words that the bits of so many columns take. */
export const wordsPerRow = (columns: number): number => Math.ceil(columns / BITS);

export const tooLong = () =>
  new MetricError('the texts are too long to look for a longest common subsequence');

/**
 * One text of a comparison as columns of the table of lengths of common subsequences. A row of the table
 * is a row of bits: 0 where the length grows with that column's token. A token of the other text turns
 * the row into the next one by an addition, in which carries move zeros to the left; words without that
 * token change only by a carry.
 */
export class Columns {
  readonly reference: Int32Array;
  /** Words of a row. */
  readonly words: number;
  /** Where each token's entries begin, and one past the last token. */
  readonly #starts: Int32Array;
  /** Entries: a word that has the token, and the bits where. */
  readonly #places: Int32Array;
  readonly #masks: Int32Array;

  /** @param distinct tokens from 0 to below this are of interest; the other text has no others */
  constructor(reference: Int32Array, distinct: number) {
    this.reference = reference;
    this.words = wordsPerRow(reference.length);
    this.#starts = new Int32Array(distinct + 1);
    const lastWords = new Int32Array(distinct).fill(-1);
    for (let column = 0; column < reference.length; column += 1) {
      const token = reference[column] ?? 0;
      const word = Math.floor(column / BITS);
      if (token >= distinct || lastWords[token] === word) continue;
      lastWords[token] = word;
      this.#starts[token + 1] = (this.#starts[token + 1] ?? 0) + 1;
    }
    for (let token = 0; token < distinct; token += 1) {
      this.#starts[token + 1] = (this.#starts[token + 1] ?? 0) + (this.#starts[token] ?? 0);
    }
    this.#places = new Int32Array(this.#starts[distinct] ?? 0).fill(-1);
    this.#masks = new Int32Array(this.#places.length);
    const ends = this.#starts.slice();
    for (let column = 0; column < reference.length; column += 1) {
      const token = reference[column] ?? 0;
      if (token >= distinct) continue;
      const word = Math.floor(column / BITS);
      let entry = (ends[token] ?? 0) - 1;
      if (entry < (this.#starts[token] ?? 0) || this.#places[entry] !== word) {
        entry += 1;
        ends[token] = entry + 1;
        this.#places[entry] = word;
      }
      this.#masks[entry] = (this.#masks[entry] ?? 0) | (1 << (column % BITS));
    }
  }

  firstRow(): Int32Array {
    return new Int32Array(this.words).fill(ONES);
  }

  /** Turns a row into the next one. @returns how many words it looked at */
  advance(row: Int32Array, token: number): number {
    // A token of no interest has no entries: both are 0.
    const end = this.#starts[token + 1] ?? 0;
    let carry = 0;
    let next = 0;
    let work = 1;
    for (let entry = this.#starts[token] ?? end; entry < end; entry += 1) {
      const place = this.#places[entry] ?? 0;
      while (carry !== 0 && next < place) {
        carry = carryInto(row, next);
        next += 1;
        work += 1;
      }
      const bits = row[place] ?? 0;
      const matched = bits & (this.#masks[entry] ?? 0);
      const sum = bits + matched + carry;
      row[place] = (sum & ONES) | (bits - matched);
      carry = sum >>> BITS;
      next = place + 1;
      work += 1;
    }
    while (carry !== 0 && next < row.length) {
      carry = carryInto(row, next);
      next += 1;
      work += 1;
    }
    return work;
  }
}

/** A carry sets a word's lowest zero; a word without one hands it on. */
function carryInto(row: Int32Array, place: number): number {
  const bits = row[place] ?? 0;
  if (bits === ONES) return 1;
  row[place] = bits | (bits + 1);
  return 0;
}

function zerosIn(row: Int32Array): number {
  let zeros = 0;
  for (const word of row) {
    let rest = ~word & ONES;
    for (; rest !== 0; zeros += 1) rest &= rest - 1;
  }
  return zeros;
}
