import type { MetricDefinition } from '#libs/evaluation';
import { httpScorer } from './http-scorer.ts';
import { javascript } from './javascript.ts';

/** Metrics that users write themselves. */
export const customMetrics: readonly MetricDefinition[] = [javascript, httpScorer];
