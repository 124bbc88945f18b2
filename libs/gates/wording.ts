import type { MetricComparison } from '#libs/contracts';

/** How numbers of a metric are written in a sentence. */
export interface Wording {
  value(this: void, value: number): string;
  /** With its sign. */
  difference(this: void, difference: number): string;
}

/** So many digits that count, without an exponent. */
function trimmed(value: number, digits: number): string {
  if (value === 0) return '0';
  const text = new Intl.NumberFormat('en-US', { maximumSignificantDigits: digits }).format(value);
  return text.replace('-', '−');
}

const signed = (text: string, value: number): string => (value > 0 ? `+${text}` : text);

export const percent = (share: number): string => `${trimmed(share * 100, 3)} %`;
export const signedPercent = (share: number): string => signed(percent(share), share);

export const counted = (n: number, noun: string): string =>
  `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;

const usageUnits: Record<string, string> = {
  latency_ms: ' ms',
  input_tokens: ' tokens',
  output_tokens: ' tokens',
  cost_usd: ' USD',
};

/** Shares in percent and points, what a target uses with its unit, all else as it is. */
export function wordingOf({
  metric,
  source,
  kind,
}: Pick<MetricComparison, 'metric' | 'source' | 'kind'>): Wording {
  if (kind === 'binary') {
    return {
      value: percent,
      difference: (value) =>
        `${signed(trimmed(value * 100, 3), value)} ${Math.abs(value) === 0.01 ? 'point' : 'points'}`,
    };
  }
  const unit = source === 'usage' ? (usageUnits[metric] ?? '') : '';
  const plain = (value: number): string => `${trimmed(value, 4)}${unit}`;
  return { value: plain, difference: (value) => signed(plain(value), value) };
}
