import type { MetricDefinition } from '#libs/evaluation';

export const usageMetrics: readonly MetricDefinition[] = [];
