import { sql } from '#libs/database';

/**
 * Numbers of many rows in one value: a row for each would cost more than all that is done with them.
 * `string_agg` of several columns of one group keeps their rows in the same order.
 */
export const packInts = (column: ReturnType<typeof sql>) =>
  sql`coalesce(string_agg(int4send(${column}), ''::bytea), ''::bytea)`;
export const packDoubles = (column: ReturnType<typeof sql>) =>
  sql`coalesce(string_agg(float8send(${column}), ''::bytea), ''::bytea)`;

const INT_BYTES = 4;
const DOUBLE_BYTES = 8;

export function unpackInts(packed: Buffer): Int32Array {
  const numbers = new Int32Array(packed.length / INT_BYTES);
  for (let place = 0; place < numbers.length; place += 1) {
    numbers[place] = packed.readInt32BE(place * INT_BYTES);
  }
  return numbers;
}

export function unpackDoubles(packed: Buffer): Float64Array {
  const numbers = new Float64Array(packed.length / DOUBLE_BYTES);
  for (let place = 0; place < numbers.length; place += 1) {
    numbers[place] = packed.readDoubleBE(place * DOUBLE_BYTES);
  }
  return numbers;
}

/** Ranges that together cover 0 to size − 1, so that no packed value grows with the run. */
export function* rangesOf(size: number): Generator<{ from: number; to: number }> {
  for (let from = 0; from < size; from += PER_STATEMENT) {
    yield { from, to: Math.min(size, from + PER_STATEMENT) };
  }
}
const PER_STATEMENT = 100_000;
