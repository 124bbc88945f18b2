import type { MetricDefinition } from '#libs/evaluation';

export const compositeMetrics: readonly MetricDefinition[] = [];
