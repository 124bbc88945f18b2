/** An end that is further out than this many times what the middle 98 % span is left to an open bin. */
const FAR = 1;

/** The least and the greatest of some values, and their quantiles at 0.01 and 0.99. */
export interface Extent {
  least: number;
  low: number;
  high: number;
  greatest: number;
}

/** Where bins begin and end, so that a few values far out do not push all others into one. */
export function withoutFarEnds({ least, low, high, greatest }: Extent): {
  from: number;
  to: number;
} {
  const span = high - low || Math.abs(high);
  return {
    from: least < low - FAR * span ? low : least,
    to: greatest > high + FAR * span ? high : greatest,
  };
}

/** The least of 1, 2, 2.5, 5 times a power of ten that is not below. */
export function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= atLeast * (1 - 1e-9)) ?? 10;
  return factor * power;
}

const ROUNDING = 1e-9;

/**
 * Edges of bins that hold all from `from` to `to`, ascending, at least two. They are multiples of the
 * width, so that 0 is one where it lies between, and are written without what doubles make of them.
 */
export function binEdges({ from, to }: { from: number; to: number }, width: number): number[] {
  // A quotient that should be whole is off by what doubles make of it.
  const first = Math.floor(from / width + ROUNDING);
  const last = Math.max(first, Math.ceil(to / width - ROUNDING) - 1);
  return Array.from({ length: last - first + 2 }, (_, index) =>
    Number(((first + index) * width).toPrecision(12)),
  );
}
