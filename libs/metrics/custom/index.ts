import type { MetricDefinition } from '#libs/evaluation';

export const customMetrics: readonly MetricDefinition[] = [];
