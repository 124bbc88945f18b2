import { z } from 'zod';
import { id, text } from './common.ts';
import { exportFormats } from './datasets.ts';
import { itemFilter, sliceBy } from './evaluation-items.ts';
import { defineOperation } from './operation.ts';

/** What a target uses for an item, looked at like a metric; fewer is better. */
export const usageMetrics = ['latency_ms', 'input_tokens', 'output_tokens', 'cost_usd'] as const;
export type UsageMetric = (typeof usageMetrics)[number];

export const runResultLimits = {
  /** Items whose values a distribution counts; of longer runs every second, third and so on. */
  values: 250_000,
  /** Different numbers that are counted one by one; more are put in bins. */
  singleValues: 12,
  bins: 24,
  categories: 50,
  /** Slices of one dimension: those with most items. */
  slices: 50,
  /** Below this many values a slice says little. */
  fewValues: 30,
} as const;

const metric = text(100).meta({
  description: `Name of a metric of the run, or ${usageMetrics.join(', ')} of its target`,
});
const source = z.enum(['metric', 'usage']);

/** How the values of one metric lie, to be drawn. */
export const runDistribution = z
  .object({
    metric: z.string(),
    source,
    kind: z.enum(['numeric', 'boolean', 'categorical']),
    n: z.int().meta({ description: 'Values that are counted here' }),
    every: z.int().meta({
      description: '1: of all items; of a run with very many, 2 is of every second, and so on',
    }),
    mean: z.number().nullable(),
    min: z.number().nullable(),
    p50: z.number().nullable(),
    p90: z.number().nullable(),
    p95: z.number().nullable(),
    p99: z.number().nullable(),
    max: z.number().nullable(),
    bins: z
      .array(
        z.object({
          low: z.number().nullable().meta({ description: 'null: whatever is lower' }),
          high: z.number().nullable().meta({
            description: 'null: whatever is higher. The same as low: the bin is one value',
          }),
          count: z.int(),
          min: z.number().nullable().meta({
            description:
              'Least value in it; with max, what listRunItems takes for its items. null: it is empty',
          }),
          max: z.number().nullable(),
        }),
      )
      .meta({
        description: `Up to ${runResultLimits.singleValues} different numbers are a bin each, more share bins of one width. A few far out share an open bin`,
      }),
    categories: z
      .array(z.object({ category: z.string(), count: z.int() }))
      .meta({ description: `The ${runResultLimits.categories} most frequent` }),
    otherCategories: z.int().meta({ description: 'Values of all others' }),
  })
  .meta({ id: 'RunDistribution' });
export type RunDistribution = z.infer<typeof runDistribution>;

const sliceMean = {
  n: z.int().meta({ description: 'Values that count' }),
  mean: z.number().nullable(),
  low: z.number().nullable().meta({ description: 'Of the 95 % interval of the mean' }),
  high: z.number().nullable(),
};

export const runSlice = z
  .object({
    value: z.string(),
    items: z.int().meta({ description: 'Evaluation items of the run, those without a value too' }),
    failed: z.int(),
    ...sliceMean,
    few: z.boolean().meta({
      description: `Fewer than ${runResultLimits.fewValues} values, or items where they were repeated: they say little`,
    }),
  })
  .meta({ id: 'RunSlice' });
export type RunSlice = z.infer<typeof runSlice>;

export const runSlices = z
  .object({
    metric: z.string(),
    source,
    by: z.string(),
    whole: z.object(sliceMean).meta({ description: 'Of all items, in the same way' }),
    slices: z.array(runSlice).meta({ description: 'Those with most items first' }),
    leftOut: z.int().meta({ description: 'Smaller slices that are not here' }),
  })
  .meta({ id: 'RunSlices' });
export type RunSlices = z.infer<typeof runSlices>;

export const judgePrompts = z
  .object({
    metric: z.string(),
    prompts: z
      .array(
        z.object({
          provider: z.string(),
          model: z.string(),
          messages: z
            .array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
            .meta({ description: 'As they were sent' }),
          times: z.int().meta({ description: 'How often it is asked: once for each vote' }),
        }),
      )
      .meta({
        description: 'In the order in which they are asked first; none: no model was asked',
      }),
    complete: z.boolean().meta({
      description:
        'false: prompts are missing that depend on what a model answered before, which the run did not keep in the response cache',
    }),
  })
  .meta({ id: 'JudgePrompts' });
export type JudgePrompts = z.infer<typeof judgePrompts>;

const params = z.object({ id });
const tag = 'Runs';

export const runResultOperations = {
  getRunDistribution: defineOperation({
    id: 'getRunDistribution',
    method: 'GET',
    path: '/runs/{id}/distribution',
    summary: 'Get how the values of one metric lie: in bins, or by category',
    description:
      'Also of what the target used; the latency of answers from the cache, which were not waited for, does not count. On what is done while the run still goes.',
    tag,
    role: 'viewer',
    params,
    query: z.object({ metric }),
    status: 200,
    response: runDistribution,
  }),
  getRunSlices: defineOperation({
    id: 'getRunSlices',
    method: 'GET',
    path: '/runs/{id}/slices',
    summary: 'Get the mean of one metric by tag, split or a value of the metadata',
    description:
      'Intervals as those of the whole: Wilson for yes or no, t for numbers; repeats of an item are taken together. Slices are not adjusted for how many they are: of twenty, one interval misses by chance. Means only: categories have none.',
    tag,
    role: 'viewer',
    params,
    query: z.object({ metric, by: sliceBy }),
    status: 200,
    response: runSlices,
  }),
  getJudgePrompts: defineOperation({
    id: 'getJudgePrompts',
    method: 'GET',
    path: '/runs/{id}/items/{no}/judge-prompts',
    summary: 'Render again what a metric asked of its judge about one item',
    description:
      'Prompts are not stored: they are rendered from the settings of the run, the item and its output, by the code that scores, of this version. Nobody is called.',
    tag,
    role: 'viewer',
    params: params.extend({
      no: z.coerce.number().int().min(0).max(2_147_483_647).meta({
        description: 'Of the item in the run, as listRunItems gives it',
      }),
    }),
    query: z.object({ metric: text(100).meta({ description: 'Name of a metric of the run' }) }),
    status: 200,
    response: judgePrompts,
  }),
  exportRunItems: defineOperation({
    id: 'exportRunItems',
    method: 'GET',
    path: '/runs/{id}/items/export',
    summary: 'Download the closed items of a run, all or those that a filter takes',
    description:
      'NDJSON: one item a line, as listRunItems gives it. CSV: a row for each, with the columns `score`, `passed` and `reason` of every metric behind its name; texts as they are, objects and arrays as JSON. Nothing is altered for spreadsheets: a cell that starts with `=`, `+`, `-` or `@` may be run as a formula where one opens the file. While the run still goes, what is done when its place is reached. A download that fails breaks off without an end.',
    tag,
    role: 'viewer',
    params,
    query: itemFilter.extend({ format: z.enum(exportFormats).default('ndjson') }),
    downloads: ['application/x-ndjson', 'text/csv'],
    status: 200,
  }),
};
