import type { MetricDefinition } from '#libs/evaluation';
import { numericMatch } from './numeric-match.ts';

/** Metrics of outputs that have a form: numbers, JSON, lists, code, classes. */
export const structureMetrics: readonly MetricDefinition[] = [numericMatch];
