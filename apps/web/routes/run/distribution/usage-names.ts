import { usageMetrics, type UsageMetric } from '#libs/contracts';
import { formatCost, formatCount } from '../../../format/numbers.ts';
import { formatLatency } from '../../../format/time.ts';

export const usageName: Record<UsageMetric, string> = {
  latency_ms: 'Latency',
  input_tokens: 'Input tokens',
  output_tokens: 'Output tokens',
  cost_usd: 'Cost',
};

const tokens = (value: number): string => formatCount(Math.round(value));

export const usageFormat: Record<UsageMetric, (value: number) => string> = {
  latency_ms: formatLatency,
  input_tokens: tokens,
  output_tokens: tokens,
  cost_usd: formatCost,
};

/** The usage of this name, unless the run has a metric that is called so. */
export const usageOf = (
  name: string | undefined,
  metrics: readonly { name: string }[],
): UsageMetric | undefined =>
  metrics.some((metric) => metric.name === name)
    ? undefined
    : usageMetrics.find((one) => one === name);
