import type { RunDistribution } from '#libs/contracts';

export type Bin = RunDistribution['bins'][number];

/** What a bin holds, in words. */
export function binInWords({ low, high }: Bin, format: (value: number) => string): string {
  if (low === null) return `below ${format(high ?? 0)}`;
  if (high === null) return `${format(low)} and more`;
  return low === high ? format(low) : `${format(low)} to ${format(high)}`;
}

/** A number on an axis: not more digits than it needs. */
export const onAxis = (value: number): string =>
  Math.abs(value) >= 10_000
    ? new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value)
    : String(Number(value.toPrecision(6)));

/** Yes or no as categories, in words. */
export function answersOf({ bins }: Pick<RunDistribution, 'bins'>) {
  const count = (value: number): number => bins.find(({ low }) => low === value)?.count ?? 0;
  return [
    { category: 'yes', count: count(1) },
    { category: 'no', count: count(0) },
  ];
}
