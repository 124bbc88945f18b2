import type { MetricDefinition } from '#libs/evaluation';

export const overlapMetrics: readonly MetricDefinition[] = [];
