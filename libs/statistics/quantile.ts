/**
 * The quantile that every part of the product means: linear interpolation between the two values
 * around position p (n − 1) of the sorted sample. Null without values.
 *
 * Source: type 7 of Hyndman and Fan, "Sample quantiles in statistical packages", The American
 * Statistician 50 (1996), 361–365; the same as PostgreSQL's `percentile_cont`, numpy's and R's default.
 * @param sorted ascending
 * @param p from 0 to 1
 */
export function quantile(sorted: ArrayLike<number>, p: number): number | null {
  if (!(p >= 0 && p <= 1)) throw new RangeError('p must be from 0 to 1');
  const position = p * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (position - Math.floor(position));
}
