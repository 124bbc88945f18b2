const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const dollars = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD' });
const fractions = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
  minimumFractionDigits: 2,
  maximumSignificantDigits: 2,
});
const nothing = '–';

export const formatCount = (count: number): string => whole.format(count);
export const formatCompact = (count: number): string =>
  count < 10_000 ? whole.format(count) : compact.format(count);

/**
 * A score or a mean in at most four digits that matter. A value just below 1 or just above 0 never
 * reads as 1 or 0: one failure among 10,000 must stay visible.
 */
export function formatScore(value: number | null): string {
  if (value === null) return nothing;
  const size = Math.abs(value);
  if (size >= 10_000) return compact.format(value);
  if (size >= 100) return value.toFixed(1);
  if (size >= 10) return value.toFixed(2);
  const text = value.toFixed(3);
  if (value < 1 && text === '1.000') return '>0.999';
  if (value > 0 && text === '0.000') return '<0.001';
  return Number.isInteger(value) && size > 1 ? String(value) : text;
}

export function formatRate(perSecond: number): string {
  if (perSecond >= 100) return formatCount(Math.round(perSecond));
  return perSecond.toFixed(perSecond >= 10 ? 0 : 1);
}

/** A call may cost a small part of a cent: below one, the first two digits that are not 0. */
export function formatCost(value: number): string {
  if (value === 0) return '$0';
  if (value < 0.000_001) return '<$0.000001';
  return (value < 0.01 ? fractions : dollars).format(value);
}

/** Rounded down, so that 100 % means all of it. */
export const formatPercent = (part: number, whole: number): string =>
  whole === 0 ? '0 %' : `${Math.floor((100 * part) / whole)} %`;

const share = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A part of a whole, rounded to a tenth of a percent; only nothing reads 0 %, and only all of it 100 %. */
export function formatShare(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %';
  if (part === whole) return '100 %';
  const percent = (100 * part) / whole;
  if (percent < 0.05) return '< 0.1 %';
  return percent >= 99.95 ? '> 99.9 %' : `${share.format(percent)} %`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in the largest unit of which there is one, as in "1.4 GB". */
export function formatBytes(bytes: number): string {
  const power = Math.min(
    byteUnits.length - 1,
    Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1024)),
  );
  const value = bytes / 1024 ** power;
  return `${power === 0 ? String(bytes) : compact.format(value)} ${byteUnits[power]}`;
}
