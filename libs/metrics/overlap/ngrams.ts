import { randomInt } from 'node:crypto';

/** How many n-grams of an output are in its references; the index is the order less one. */
export interface NgramMatches {
  /** For each reference alone, each n-gram as often as it is in both. */
  each: readonly (readonly number[])[];
  /** Each n-gram as often as in the output, and at most as often as in the reference with most of it. */
  clipped: readonly number[];
}

/** How many n-grams of an order a text of so many tokens has. */
export const ngramCount = (tokens: number, order: number): number =>
  Math.max(0, tokens - order + 1);

/**
 * Counts the n-grams that an output shares with its references, in time and memory that follow the sum
 * of all lengths, however repetitive the texts are. Tokens are numbers, the same for the same token.
 * @param orders n-grams of 1 up to this many tokens
 */
export function matchNgrams(
  output: Int32Array,
  references: readonly Int32Array[],
  orders: number,
): NgramMatches {
  const each = references.map((): number[] => []);
  const clipped: number[] = [];
  const table = tableFor(output.length);
  // The n-gram at a place is known by the number of the (n−1)-gram there and its last token.
  const outputGrams = new Int32Array(output.length);
  const referenceGrams = references.map(({ length }) => new Int32Array(length));
  const inOutput = new Int32Array(output.length);
  const inReference = new Int32Array(output.length);
  const inAnyReference = new Int32Array(output.length);
  for (let order = 1; order <= orders; order += 1) {
    table.clear();
    inOutput.fill(0);
    inAnyReference.fill(0);
    for (let place = 0; place <= output.length - order; place += 1) {
      const gram = table.add(outputGrams[place] ?? 0, output[place + order - 1] ?? 0);
      outputGrams[place] = gram;
      inOutput[gram] = (inOutput[gram] ?? 0) + 1;
    }
    let together = 0;
    for (let index = 0; index < references.length; index += 1) {
      const reference = references[index] ?? new Int32Array();
      const grams = referenceGrams[index] ?? reference;
      let matches = 0;
      for (let place = 0; place <= reference.length - order; place += 1) {
        const shorter = grams[place] ?? ABSENT;
        if (shorter === ABSENT) continue;
        const gram = table.find(shorter, reference[place + order - 1] ?? 0);
        grams[place] = gram;
        if (gram === ABSENT) continue;
        const count = (inReference[gram] ?? 0) + 1;
        if (count > (inOutput[gram] ?? 0)) continue;
        inReference[gram] = count;
        matches += 1;
        if (count > (inAnyReference[gram] ?? 0)) {
          inAnyReference[gram] = count;
          together += 1;
        }
      }
      for (let place = 0; place <= reference.length - order; place += 1) {
        const gram = grams[place] ?? ABSENT;
        if (gram !== ABSENT) inReference[gram] = 0;
      }
      each[index]?.push(matches);
    }
    clipped.push(together);
  }
  return { each, clipped };
}

const ABSENT = -1;

/** Looked up once: where globals are watched, as in tests, the loop below would take far longer. */
const { imul } = Math;

/** Odd, and another in each process, so that no text can be written to make the table slow. */
const multipliers = [randomInt(2 ** 31) * 2 + 1, randomInt(2 ** 31) * 2 + 1] as const;

/** Numbers pairs of numbers, from 0: a hash table with open addressing. */
class PairTable {
  readonly #mask: number;
  /** Of each slot: left, right, and the pair's number on top of `#base` and one, which no free slot has. */
  readonly #slots: Int32Array;
  #base = 0;
  #size = 0;

  /** @param capacity pairs at most */
  constructor(capacity: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(8, capacity * 2)));
    this.#mask = slots - 1;
    this.#slots = new Int32Array(slots * STRIDE);
  }

  /** Frees all slots: numbers below the new base count as none. */
  clear(): void {
    this.#base += this.#size;
    this.#size = 0;
    if (this.#base < BASE_MAX) return;
    this.#slots.fill(0);
    this.#base = 0;
  }

  /** The pair's number, a new one for a new pair. */
  add(left: number, right: number): number {
    const slot = this.#slotOf(left, right);
    const number = (this.#slots[slot + 2] ?? 0) - this.#base - 1;
    if (number >= 0) return number;
    this.#slots[slot] = left;
    this.#slots[slot + 1] = right;
    this.#size += 1;
    this.#slots[slot + 2] = this.#base + this.#size;
    return this.#size - 1;
  }

  /** The pair's number, or ABSENT. */
  find(left: number, right: number): number {
    const number = (this.#slots[this.#slotOf(left, right) + 2] ?? 0) - this.#base - 1;
    return number < 0 ? ABSENT : number;
  }

  /** Where the pair is, or would be. */
  #slotOf(left: number, right: number): number {
    const slots = this.#slots;
    let hash = imul(left, multipliers[0]) + imul(right, multipliers[1]);
    hash = imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 13;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const place = slot * STRIDE;
      if ((slots[place + 2] ?? 0) <= this.#base) return place;
      if (slots[place] === left && slots[place + 1] === right) return place;
    }
  }
}

/** Numbers of a slot; a power of two, so that a slot lies within one line of the processor's cache. */
const STRIDE = 4;
const BASE_MAX = 2 ** 30;
const SMALL = 512;
/** Most texts are short: they share a table, so that not every item allocates one. */
const smallTable = new PairTable(SMALL);
const tableFor = (pairs: number): PairTable => (pairs <= SMALL ? smallTable : new PairTable(pairs));
