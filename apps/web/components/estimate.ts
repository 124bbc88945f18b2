import { formatScore, formatShare } from '../format/numbers.ts';

/** A number with its 95 % interval, of which either may be missing. */
export interface Estimate {
  value: number | null;
  confidenceLow: number | null;
  confidenceHigh: number | null;
}

/** A share between 0 and 1 as a percentage. */
export const formatFraction = (value: number | null): string =>
  value === null ? '–' : formatShare(value, 1);

/** A coefficient such as kappa: two digits are all that its interval bears. */
export const formatCoefficient = (value: number | null): string =>
  value === null ? '–' : value.toFixed(2).replace('-0.00', '0.00');

/** The interval in words, as in "0.61 to 0.83"; undefined where there is none. */
export function intervalInWords(
  { confidenceLow: low, confidenceHigh: high }: Estimate,
  format: (value: number | null) => string = formatScore,
): string | undefined {
  return low === null || high === null ? undefined : `${format(low)} to ${format(high)}`;
}
