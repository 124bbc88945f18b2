import type { MetricDefinition } from '#libs/evaluation';
import { costUsd } from './cost-usd.ts';
import { finishReason } from './finish-reason.ts';
import { inputTokens } from './input-tokens.ts';
import { latencyMs } from './latency-ms.ts';
import { outputTokens } from './output-tokens.ts';
import { totalTokens } from './total-tokens.ts';

/** Metrics of what an output took: time, tokens, money. */
export const usageMetrics: readonly MetricDefinition[] = [
  latencyMs,
  inputTokens,
  outputTokens,
  totalTokens,
  costUsd,
  finishReason,
];
