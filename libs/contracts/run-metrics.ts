import { z } from 'zod';
import { json } from './common.ts';
import { reducer } from './metric-specs.ts';

/** A metric of a run at a glance, on what is done so far. */
export const metricSnapshot = z
  .object({
    name: z.string(),
    n: z.int(),
    mean: z.number().nullable(),
    errors: z.int(),
    notApplicable: z.int(),
  })
  .meta({ id: 'MetricSnapshot' });
export type MetricSnapshot = z.infer<typeof metricSnapshot>;

/** One of the values of pass@k or pass^k. */
const atK = z.object({
  k: z.int(),
  value: z.number().meta({ description: 'Mean over the items that have at least k repeats' }),
  n: z.int().meta({ description: 'Items that have at least k scored repeats' }),
});

/** A metric over dataset items, where each was repeated: what their repeats say together. */
export const reducedMetric = z
  .object({
    reducer,
    n: z.int().meta({ description: 'Items with at least one score' }),
    mean: z.number().nullable(),
    standardDeviation: z.number().nullable().meta({ description: 'Between items' }),
    standardError: z.number().nullable(),
    confidenceLow: z.number().nullable(),
    confidenceHigh: z.number().nullable(),
    mixed: z.int().nullable().meta({
      description: 'Items of which some repeats passed and some did not; null: nothing passes here',
    }),
    passAt: z.array(atK).meta({
      description: 'pass@k: the chance that at least one of k repeats passes; unbiased',
    }),
    passAll: z.array(atK).meta({
      description: 'pass^k: the chance that all of k repeats pass; unbiased',
    }),
  })
  .meta({ id: 'ReducedMetric' });
export type ReducedMetric = z.infer<typeof reducedMetric>;

export const runMetric = z
  .object({
    name: z.string(),
    metric: z.string(),
    n: z.int().meta({ description: 'Scores that count' }),
    mean: z.number().nullable(),
    standardDeviation: z.number().nullable().meta({ description: 'Of the sample (n − 1)' }),
    standardError: z.number().nullable(),
    confidenceLow: z.number().nullable().meta({
      description: 'Lower end of the 95 % interval: Wilson for boolean scores, t for numeric ones',
    }),
    confidenceHigh: z.number().nullable(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    p50: z.number().nullable().meta({ description: 'Only once the run is completed' }),
    p95: z.number().nullable(),
    passed: z.int().nullable().meta({ description: 'Scores that passed, where the metric judges' }),
    errors: z.int(),
    notApplicable: z.int(),
    failed: z.int().meta({ description: 'Closed items that failed, and so have no score' }),
    worstCase: z.number().nullable().meta({
      description:
        'The mean if every item without a score (error, not applicable, failed) had the worst value; null where there is no worst value',
    }),
    bestCase: z.number().nullable(),
    reduced: reducedMetric.nullable().meta({
      description: 'Over items; null without repeats, and until the run is completed',
    }),
    categories: z
      .array(z.object({ category: z.string(), count: z.int() }))
      .nullable()
      .meta({ description: 'Of a categorical metric, the most frequent first, at most 100' }),
    runLevel: z
      .object({
        values: z.array(
          z.object({ name: z.string(), title: z.string(), value: z.number().nullable() }),
        ),
        details: json.nullable(),
      })
      .nullable()
      .meta({ description: 'Values of the run as a whole; null until the run is completed' }),
  })
  .meta({ id: 'RunMetric' });
export type RunMetric = z.infer<typeof runMetric>;
