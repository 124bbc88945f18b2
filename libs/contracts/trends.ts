import { z } from 'zod';
import { id, page, pageQuery, text, timestamp } from './common.ts';
import { defineOperation } from './operation.ts';

export const trendLimits = {
  /** Runs of a trend. */
  runs: 200,
  /** Scores that one answer reads at most, of the newest runs. */
  scores: 500_000,
} as const;

/** Completed runs of one dataset under one name. */
export const series = z
  .object({
    name: z.string(),
    runs: z.int().meta({ description: 'Completed ones' }),
    newestRunId: id,
    newestCreatedAt: timestamp,
  })
  .meta({ id: 'Series' });
export type Series = z.infer<typeof series>;

export const trendPoint = z
  .object({
    runId: id,
    createdAt: timestamp,
    datasetVersion: z.int(),
    n: z.int().meta({ description: 'Scores of the run' }),
    mean: z.number().nullable(),
    low: z.number().nullable().meta({ description: 'Of the 95 % interval of the mean' }),
    high: z.number().nullable(),
    difference: z
      .object({
        runId: id.meta({ description: 'The run before' }),
        n: z.int().meta({ description: 'Evaluation items that both runs have a score for' }),
        mean: z.number().meta({ description: 'This run − the run before, over those items' }),
        standardError: z
          .number()
          .nullable()
          .meta({ description: 'Of the pairs; repeats of an item are taken together' }),
      })
      .nullable(),
    notCompared: z.string().nullable().meta({
      description: 'Why there is no difference to the run before; null where there is one',
    }),
  })
  .meta({ id: 'TrendPoint' });
export type TrendPoint = z.infer<typeof trendPoint>;

export const trend = z
  .object({
    datasetId: id,
    name: z.string(),
    metric: z.string(),
    direction: z.enum(['higher', 'lower', 'none']),
    points: z.array(trendPoint).meta({ description: 'In the order of time, the newest last' }),
    changes: z
      .array(
        z.object({
          runId: id.meta({ description: 'The first run of the new level' }),
          before: z.number(),
          after: z.number(),
          difference: z.number(),
          standardError: z.number(),
        }),
      )
      .meta({ description: 'Where the level of the series changes' }),
    notes: z.array(z.string()).meta({ description: 'What a reader must know' }),
  })
  .meta({ id: 'Trend' });
export type Trend = z.infer<typeof trend>;

const params = z.object({ id });
const tag = 'Trends';

export const trendOperations = {
  listSeries: defineOperation({
    id: 'listSeries',
    method: 'GET',
    path: '/datasets/{id}/series',
    summary: 'List the series of a dataset: its completed runs by name',
    tag,
    role: 'viewer',
    params,
    query: pageQuery,
    status: 200,
    response: page(series),
  }),
  getTrend: defineOperation({
    id: 'getTrend',
    method: 'GET',
    path: '/datasets/{id}/trends',
    summary: 'Get a metric over the runs of a series, change points marked',
    description:
      'Each run with the paired difference to the run before it. Runs of other versions are paired by the keys of their items.',
    tag,
    role: 'viewer',
    params,
    query: z.object({
      metric: text(100).meta({
        description:
          'Name of a metric, or latency_ms, input_tokens, output_tokens or cost_usd of the target',
      }),
      name: text(200).optional().meta({
        description: 'Of the runs; may be left out where the dataset has one series',
      }),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(trendLimits.runs)
        .default(100)
        .meta({ description: 'Runs, the newest' }),
    }),
    status: 200,
    response: trend,
  }),
};
