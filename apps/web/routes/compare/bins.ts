import type { ComparisonDistribution } from '#libs/contracts';
import type { NumberText } from './number-text.ts';

type Bin = ComparisonDistribution['bins'][number];

/** A bin in words: "+0.1 to +0.2", "below −3". */
export function binText({ low, high }: Bin, text: NumberText): string {
  if (low === null) return `below ${text.difference(high)}`;
  if (high === null) return `above ${text.difference(low)}`;
  return text.range({ low, high });
}

/** Whether the pairs of a bin are better in the candidate; 0 is an edge, so that all of them are or none is. */
export function sideOfBin(
  { low, high }: Bin,
  direction: 'higher' | 'lower' | 'none',
): 'better' | 'worse' | 'neither' {
  if (direction === 'none') return 'neither';
  const isGain = low !== null ? low >= 0 : (high ?? 0) > 0;
  return isGain === (direction === 'higher') ? 'better' : 'worse';
}
