import type { MetricDefinition } from '#libs/evaluation';

export const toolMetrics: readonly MetricDefinition[] = [];
