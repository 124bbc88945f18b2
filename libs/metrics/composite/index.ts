import type { MetricDefinition } from '#libs/evaluation';
import { allOf, anyOf } from './all-any.ts';
import { negation } from './negation.ts';
import { weightedSum } from './weighted-sum.ts';

/** Metrics that are made of others. */
export const compositeMetrics: readonly MetricDefinition[] = [allOf, anyOf, negation, weightedSum];
