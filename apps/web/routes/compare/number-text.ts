import type { MetricComparison } from '#libs/contracts';
import { formatCost } from '../../format/numbers.ts';

/** How the numbers of one metric are written. */
export interface NumberText {
  value: (value: number | null) => string;
  /** The value of one item, where a share is yes or no. */
  one: (value: number) => string;
  /** With its sign. */
  difference: (difference: number | null) => string;
  range: (interval: { low: number; high: number } | null) => string;
  /** What differences are counted in, for the end of an axis; empty where they have no unit. */
  unit: string;
  /** What a difference is multiplied by before it stands at an axis. */
  factor: number;
}

const none = '–';
const units: Record<string, string> = {
  latency_ms: 'ms',
  input_tokens: 'tokens',
  output_tokens: 'tokens',
};

/** Shares in per cent and points, cost in dollars, all else to three digits that count. */
export function numberText({
  kind,
  source,
  metric,
}: Pick<MetricComparison, 'kind' | 'source' | 'metric'>): NumberText {
  if (kind === 'binary') {
    const shares = textWith((value) => `${plain(100 * value, 1)} %`, 'points', 100);
    return {
      ...shares,
      one: (value) => (value === 1 ? 'yes' : value === 0 ? 'no' : digits(value)),
    };
  }
  if (source === 'usage' && metric === 'cost_usd') {
    const cost = (value: number): string =>
      value < 0 ? `−${formatCost(-value)}` : formatCost(value);
    return {
      value: (value) => (value === null ? none : cost(value)),
      one: cost,
      difference: (value) => (value === null ? none : signed(value, cost)),
      range: (interval) =>
        interval === null
          ? none
          : `${signed(interval.low, cost)} to ${signed(interval.high, cost)}`,
      unit: 'US dollars',
      factor: 1,
    };
  }
  const unit = source === 'usage' ? (units[metric] ?? '') : '';
  return textWith((value) => withUnit(digits(value), unit), unit, 1);
}

function textWith(value: (value: number) => string, unit: string, factor: number): NumberText {
  const number = (difference: number): string =>
    factor === 1 ? digits(difference) : plain(difference * factor, 1);
  return {
    value: (one) => (one === null ? none : value(one)),
    one: value,
    difference: (one) => (one === null ? none : withUnit(signed(one, number), unit)),
    range: (interval) =>
      interval === null
        ? none
        : withUnit(`${signed(interval.low, number)} to ${signed(interval.high, number)}`, unit),
    unit,
    factor,
  };
}

const withUnit = (text: string, unit: string): string => (unit === '' ? text : `${text} ${unit}`);
const signed = (value: number, text: (value: number) => string): string =>
  value > 0 ? `+${text(value)}` : text(value);

function plain(value: number, places: number): string {
  const finer = value !== 0 && Math.abs(value) < 10 ** -places / 2 ? 3 : places;
  const text = new Intl.NumberFormat('en', {
    minimumFractionDigits: finer,
    maximumFractionDigits: finer,
  }).format(value);
  return text.replace(/^-(?=0(\.0+)?$)/, '').replace('-', '−');
}

/** Three digits that count, and all that stand before the point. */
function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return plain(value, 0);
  if (value === 0) return '0';
  return new Intl.NumberFormat('en', {
    minimumSignificantDigits: size >= 1e-6 ? 3 : 1,
    maximumSignificantDigits: 3,
    notation: size < 1e-6 ? 'scientific' : 'standard',
  })
    .format(value)
    .replaceAll('-', '−');
}

/** A p-value: two digits, and never 0. */
export function pText(p: number | null): string {
  if (p === null) return none;
  if (p < 1e-4) return '< 0.0001';
  return p >= 0.0995 ? p.toFixed(2) : String(Number(p.toPrecision(2)));
}
