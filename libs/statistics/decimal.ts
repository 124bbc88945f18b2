/**
 * An exact decimal, digits × 10^exponent. For what binary floating point gets wrong:
 * the difference of two large sums.
 */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

const notation = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Wider than any double, and small enough that no power of ten gets out of hand. */
const EXPONENT_MAX = 2000;

/**
 * Reads plain or scientific notation. A number stands for its shortest decimal notation, the one in
 * which JSON and people write it: 0.1 is one tenth, not the double nearest to it.
 */
export function toDecimal(value: number | string): Decimal {
  const [, sign, whole = '', fraction = '', power = '0'] = notation.exec(String(value)) ?? [];
  const exponent = Number(power) - fraction.length;
  if (sign === undefined || Math.abs(exponent) > EXPONENT_MAX) {
    throw new RangeError('not a decimal number within the supported range');
  }
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, exponent };
}

/** The double nearest to it. */
export const toNumber = (decimal: Decimal): number =>
  Number(`${decimal.digits}e${decimal.exponent}`);

export const subtract = (a: Decimal, b: Decimal): Decimal => {
  const exponent = Math.min(a.exponent, b.exponent);
  return { digits: digitsAt(a, exponent) - digitsAt(b, exponent), exponent };
};

export const multiply = (a: Decimal, b: Decimal): Decimal => ({
  digits: a.digits * b.digits,
  exponent: a.exponent + b.exponent,
});

const digitsAt = (decimal: Decimal, exponent: number): bigint =>
  decimal.exponent === exponent
    ? decimal.digits
    : decimal.digits * 10n ** BigInt(decimal.exponent - exponent);
