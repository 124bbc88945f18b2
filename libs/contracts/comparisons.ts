import { z } from 'zod';
import { flag, id, json, page, pageQuery, text, timestamp } from './common.ts';
import { metadataPath, sliceBy } from './evaluation-items.ts';
import { defineOperation } from './operation.ts';
import { runState } from './runs.ts';

/** What a comparison takes at most; beyond, it is refused with what to leave out. */
export const comparisonLimits = {
  candidates: 20,
  metrics: 50,
  dimensions: 5,
  /** Slices of one dimension: those with most items. */
  slices: 50,
  /** Candidates × metrics × (1 + slices). */
  cells: 5_000,
} as const;

/** Parts of the items, by what the dataset says of them. */
export const comparisonFilter = z
  .strictObject({
    splits: z.array(text(100)).min(1).max(50).optional(),
    tags: z.array(text(100)).min(1).max(50).optional().meta({ description: 'Any of them' }),
    metadata: z
      .record(
        text(200),
        z
          .array(z.union([z.string().max(500), z.number(), z.boolean()]))
          .min(1)
          .max(50),
      )
      .optional()
      .meta({
        description: 'By dotted path, the values of which an item has one',
        example: { 'source.kind': ['web', 'book'] },
      }),
  })
  .refine(
    ({ splits, tags, metadata }) => splits ?? tags ?? metadata,
    'give splits, tags or metadata',
  )
  .meta({ id: 'ComparisonFilter' });
export type ComparisonFilter = z.infer<typeof comparisonFilter>;

const positive = z.number().positive().max(1e12);

export const comparisonOptions = z.strictObject({
  metrics: z
    .array(text(100))
    .min(1)
    .max(comparisonLimits.metrics)
    .refine((names) => new Set(names).size === names.length, 'must not name one twice')
    .optional()
    .meta({
      description:
        'Names of metrics that all runs have; left out: all of those. Beside them latency_ms, input_tokens, output_tokens and cost_usd of the targets are compared where `usage` is true',
    }),
  usage: z.boolean().default(true).meta({
    description: 'Compare latency, tokens and cost in the same way',
  }),
  filter: comparisonFilter.optional(),
  confidence: z.number().min(0.5).max(0.999).default(0.95).meta({
    description: 'Of all intervals; tests are made at 1 − confidence',
  }),
  margins: z
    .record(text(100), positive)
    .default({})
    .meta({
      description:
        'By metric, in its units: a difference within ±margin does not matter. Needed for the verdict `equivalent`',
      example: { accuracy: 0.01 },
    }),
  differences: z
    .record(text(100), positive)
    .default({})
    .meta({
      description:
        'By metric, a difference that one wants to be able to see: how many items it needs',
      example: { accuracy: 0.02 },
    }),
  sliceBy: z.array(sliceBy).max(comparisonLimits.dimensions).default([]),
  clusterBy: z
    .string()
    .regex(metadataPath, 'must be a path such as metadata.source')
    .optional()
    .meta({
      description:
        'Items with the same value there depend on each other, as questions about one document do. Repeats of an item are always taken together',
    }),
  resample: z.boolean().default(true).meta({
    description: 'Refine by bootstrap and permutations once the closed forms are there',
  }),
  resampleSlices: z.boolean().default(false),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
});
export type ComparisonOptions = z.infer<typeof comparisonOptions>;

export const createComparison = comparisonOptions
  .extend({
    baselineRunId: id,
    candidateRunIds: z
      .array(id)
      .min(1, 'give at least one candidate')
      .max(comparisonLimits.candidates, `at most ${comparisonLimits.candidates} candidates`)
      .refine((ids) => new Set(ids).size === ids.length, 'must not name a run twice'),
  })
  .meta({ id: 'CreateComparison' });
export type CreateComparison = z.infer<typeof createComparison>;

export const interval = z.object({ low: z.number(), high: z.number() });

/** An infinite odds ratio has no number in JSON. */
const ratio = z.number().nullable().meta({ description: 'null: infinite' });

const side = z.object({
  mean: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  standardError: z.number().nullable(),
});

/** What became of the items of both runs: nothing is dropped without being counted here. */
export const pairing = z
  .object({
    paired: z.int().meta({ description: 'Evaluation items that both runs have a score for' }),
    baselineOnly: z.int().meta({
      description: 'Evaluation items of the baseline that the candidate does not have',
    }),
    candidateOnly: z.int(),
    filteredOut: z.int().meta({ description: 'Common items that the filter leaves out' }),
    baseline: z.object({
      failed: z.int(),
      open: z.int().meta({ description: 'Not done yet, or never done' }),
      notApplicable: z.int(),
      errors: z.int().meta({ description: 'The scorer broke' }),
    }),
    candidate: z.object({
      failed: z.int(),
      open: z.int(),
      notApplicable: z.int(),
      errors: z.int(),
    }),
    unpaired: z.int().meta({
      description: 'Common items with a score on one side at most; each is counted once here',
    }),
  })
  .meta({ id: 'Pairing' });
export type Pairing = z.infer<typeof pairing>;

export const verdictOutcomes = [
  'better',
  'worse',
  'different',
  'equivalent',
  'inconclusive',
] as const;
export const verdict = z
  .object({
    outcome: z.enum(verdictOutcomes).meta({
      description:
        'By the Holm-adjusted p-value and, where a margin is set, two one-sided tests; different: of a metric without a better end',
    }),
    sentence: z.string().meta({ description: 'One plain sentence with the numbers that carry it' }),
  })
  .meta({ id: 'Verdict' });
export type Verdict = z.infer<typeof verdict>;
export type VerdictOutcome = Verdict['outcome'];

const test = z.object({
  p: z.number().nullable().meta({ description: 'Two-sided; null: there is nothing to test' }),
  method: z.string(),
  holm: z.number().nullable().meta({ description: 'Adjusted: no wrong rejection in the family' }),
  benjaminiHochberg: z.number().nullable().meta({
    description: 'Adjusted: the share of wrong ones among the rejections',
  }),
  family: z.int().meta({ description: 'Tests that it was adjusted for' }),
});

const resampled = z.object({
  interval: interval.nullable().meta({ description: 'BCa bootstrap of the mean difference' }),
  resamples: z.int(),
  signFlip: z
    .object({
      p: z.number(),
      method: z.enum(['exact', 'monte-carlo']),
      permutations: z.int().nullable().meta({ description: 'null: all of them' }),
    })
    .nullable(),
});

/** The difference in one part of the items. */
export const slice = z
  .object({
    by: z.string(),
    value: z.string(),
    n: z.int(),
    baselineMean: z.number().nullable(),
    candidateMean: z.number().nullable(),
    difference: z.number().nullable(),
    interval: interval.nullable(),
    test,
    outcome: z.enum(verdictOutcomes),
    against: z.boolean().meta({
      description: 'The candidate is lower here although it is better on the whole, or vice versa',
    }),
    resampled: resampled.nullable(),
  })
  .meta({ id: 'Slice' });
export type Slice = z.infer<typeof slice>;

const changedItem = z.object({
  key: z.string(),
  repeat: z.int(),
  baseline: z.union([z.number(), z.string()]),
  candidate: z.union([z.number(), z.string()]),
});

export const metricComparison = z
  .object({
    metric: z.string(),
    source: z.enum(['metric', 'usage']),
    kind: z.enum(['binary', 'graded', 'categorical']),
    direction: z.enum(['higher', 'lower', 'none']),
    pairing,
    baseline: side,
    candidate: side,
    difference: z.number().nullable().meta({ description: 'candidate − baseline, of the means' }),
    interval: interval.nullable(),
    intervalMethod: z.string(),
    relativeChange: z
      .object({ value: z.number(), interval: interval.nullable() })
      .nullable()
      .meta({ description: 'difference / baseline; Fieller interval of the pairs' }),
    standardError: z.number().nullable().meta({ description: 'Of the difference, paired' }),
    unpairedStandardError: z.number().nullable().meta({
      description: 'What it would be if the two runs had other items each',
    }),
    standardDeviation: z.number().nullable().meta({ description: 'Of the differences' }),
    degreesOfFreedom: z.number().nullable(),
    correlation: z.number().nullable(),
    test,
    binary: z
      .object({
        both: z.int(),
        baselineOnly: z.int(),
        candidateOnly: z.int(),
        neither: z.int(),
        exactP: z
          .number()
          .nullable()
          .meta({ description: 'McNemar; null where items are clustered' }),
        midP: z.number().nullable(),
        oddsRatio: z.object({ value: ratio, low: z.number(), high: ratio }).nullable(),
        cohenH: z.number(),
      })
      .nullable(),
    t: z
      .object({
        t: z.number().nullable(),
        degreesOfFreedom: z.number(),
        p: z.number(),
      })
      .nullable()
      .meta({
        description:
          'Paired t, or cluster-robust where items are clustered; null where nothing varies',
      }),
    graded: z
      .object({
        cohenDz: z.number().nullable(),
        signedRank: z
          .object({
            positive: z.number(),
            negative: z.number(),
            n: z.int(),
            zeros: z.int(),
            p: z.number(),
            method: z.enum(['exact', 'normal']),
            effect: z.number(),
          })
          .nullable()
          .meta({
            description:
              'Wilcoxon: whether the differences lie symmetrically around 0, which is not whether their mean is 0; null where items are clustered',
          }),
      })
      .nullable(),
    categorical: z
      .object({
        categories: z.array(z.string()),
        table: z.array(z.array(z.int())).meta({
          description: 'Rows: baseline, columns: candidate, in the order of categories',
        }),
        changed: z.int(),
        homogeneity: z
          .object({ statistic: z.number(), degreesOfFreedom: z.int(), p: z.number() })
          .nullable()
          .meta({ description: 'Stuart-Maxwell' }),
        kappa: z.number().nullable(),
      })
      .nullable(),
    clusters: z
      .object({
        by: z.string().meta({ description: '`item`: repeats of an item' }),
        clusters: z.int(),
        designEffect: z.number().nullable().meta({
          description: 'Variance with the clusters over the variance without',
        }),
      })
      .nullable(),
    repeats: z
      .object({
        baseline: z.object({
          within: z.number().nullable(),
          between: z.number().nullable(),
          flaky: z.int().nullable(),
        }),
        candidate: z.object({
          within: z.number().nullable(),
          between: z.number().nullable(),
          flaky: z.int().nullable(),
        }),
      })
      .nullable()
      .meta({ description: 'Variance within and between items; items whose repeats disagree' }),
    wins: z.int().meta({ description: 'Pairs in which the candidate is better' }),
    ties: z.int(),
    losses: z.int(),
    bounds: z.object({ worst: z.number(), best: z.number() }).nullable().meta({
      description:
        'The difference over all common items if every value that is missing were the worst, or best, for the candidate; null where the metric has no bounds',
    }),
    power: z
      .object({
        minimumDetectableDifference: z.number().nullable(),
        power: z.number(),
        wanted: z.object({ difference: z.number(), n: z.int() }).nullable(),
      })
      .nullable(),
    equivalence: z.object({ margin: z.number(), p: z.number().nullable() }).nullable(),
    resampled: resampled.nullable(),
    verdict,
    slices: z.array(slice),
    regressions: z
      .array(changedItem)
      .meta({ description: 'The ten worst; more by listComparisonItems' }),
    improvements: z.array(changedItem),
  })
  .meta({ id: 'MetricComparison' });
export type MetricComparison = z.infer<typeof metricComparison>;

export const leaderboard = z
  .object({
    metric: z.string(),
    direction: z.enum(['higher', 'lower', 'none']),
    n: z.int().meta({ description: 'Items that all runs have a score for; only these count here' }),
    runs: z.array(
      z.object({
        runId: id,
        mean: z.number(),
        low: z.number().nullable().meta({
          description: 'Simultaneous: all of these intervals hold together at the confidence',
        }),
        high: z.number().nullable(),
        groups: z.array(z.int()).meta({
          description: 'Runs that share a group cannot be told apart',
        }),
      }),
    ),
    pairs: z.array(
      z.object({
        runId: id,
        otherRunId: id,
        difference: z.number().meta({ description: 'run − other' }),
        low: z.number().nullable(),
        high: z.number().nullable(),
        p: z.number().nullable().meta({ description: 'Adjusted for all pairs' }),
      }),
    ),
  })
  .meta({ id: 'Leaderboard' });
export type Leaderboard = z.infer<typeof leaderboard>;

export const comparisonResult = z
  .object({
    notes: z.array(z.string()).meta({
      description: 'What a reader must know: runs that still go, slices left out, and so on',
    }),
    candidates: z.array(z.object({ runId: id, metrics: z.array(metricComparison) })),
    leaderboards: z.array(leaderboard).meta({ description: 'Of two candidates or more' }),
  })
  .meta({ id: 'ComparisonResult' });
export type ComparisonResult = z.infer<typeof comparisonResult>;

export const comparisonStates = ['queued', 'running', 'refining', 'completed', 'failed'] as const;
export const comparisonState = z.enum(comparisonStates).meta({
  description: 'refining: the closed forms are there, resampling goes on',
});
export type ComparisonState = z.infer<typeof comparisonState>;

/** The settled options of a comparison, and its runs as they are now. */
export const comparison = z
  .object({
    id,
    state: comparisonState,
    progress: z.number().meta({ description: 'From 0 to 1' }),
    reason: z.string().nullable().meta({ description: 'Why it failed' }),
    version: z.int().meta({ description: 'Rises with every change' }),
    baselineRunId: id,
    candidateRunIds: z.array(id),
    options: comparisonOptions,
    runs: z.array(
      z.object({
        id,
        name: z.string(),
        state: runState,
        total: z.int(),
        done: z.int(),
        failed: z.int(),
        datasetId: id,
        datasetVersion: z.int(),
        repeats: z.int(),
      }),
    ),
    current: z.boolean().meta({
      description: 'The result is of what the runs hold now; false: they have gone on since',
    }),
    result: comparisonResult.nullable(),
    createdAt: timestamp,
    computedAt: timestamp.nullable(),
  })
  .meta({ id: 'Comparison' });
export type Comparison = z.infer<typeof comparison>;

/** A comparison in a list, without its numbers but with its verdicts. */
export const comparisonSummary = comparison
  .omit({ result: true, current: true, runs: true, options: true })
  .extend({
    verdicts: z.array(
      z.object({ runId: id, metric: z.string(), outcome: z.enum(verdictOutcomes) }),
    ),
  })
  .meta({ id: 'ComparisonSummary' });
export type ComparisonSummary = z.infer<typeof comparisonSummary>;

/** The live snapshot of a comparison. */
export const comparisonSnapshot = z.object({
  comparisonId: id,
  version: z.int(),
  state: comparisonState,
  progress: z.number(),
});
export type ComparisonSnapshot = z.infer<typeof comparisonSnapshot>;

export const itemKinds = [
  'regressions',
  'improvements',
  'changed',
  'ties',
  'flaky',
  'unpaired',
  'baseline_only',
  'candidate_only',
] as const;

/** One evaluation item in both runs. */
export const comparisonItem = z
  .object({
    key: z.string(),
    repeat: z.int(),
    input: json.nullable(),
    expected: json.nullable(),
    baseline: z.object({
      no: z.int().nullable(),
      status: z.string().meta({
        description: 'scored, not_applicable, error (of the scorer), failed, open or absent',
      }),
      value: z.union([z.number(), z.string()]).nullable(),
      reason: z.string().nullable(),
      output: json.nullable(),
    }),
    candidate: z.object({
      no: z.int().nullable(),
      status: z.string(),
      value: z.union([z.number(), z.string()]).nullable(),
      reason: z.string().nullable(),
      output: json.nullable(),
    }),
    difference: z.number().nullable(),
  })
  .meta({ id: 'ComparisonItem' });
export type ComparisonItem = z.infer<typeof comparisonItem>;

/** How the scores of the pairs lie, to be drawn. */
export const comparisonDistribution = z
  .object({
    metric: z.string(),
    candidateRunId: id,
    n: z.int().meta({ description: 'Pairs' }),
    same: z.int().meta({ description: 'Pairs without a difference; they are in no bin' }),
    bins: z
      .array(
        z.object({
          low: z.number().nullable().meta({ description: 'null: whatever is lower' }),
          high: z.number().nullable().meta({ description: 'null: whatever is higher' }),
          count: z.int(),
        }),
      )
      .meta({
        description: 'Of candidate − baseline; 0 is an edge. A few far out share an open bin',
      }),
    points: z
      .array(
        z.object({
          key: z.string(),
          repeat: z.int(),
          baseline: z.number(),
          candidate: z.number(),
        }),
      )
      .nullable()
      .meta({ description: 'The pairs, where there are at most 1,000; null: see cells' }),
    cells: z
      .object({
        low: z.number().meta({ description: 'Where the grid begins, on both axes' }),
        width: z.number().meta({ description: 'Of one cell' }),
        across: z.int().meta({ description: 'Cells on either axis' }),
        counts: z.array(z.object({ baseline: z.int(), candidate: z.int(), count: z.int() })).meta({
          description: 'By the place on either axis, from 0; only cells that hold a pair',
        }),
      })
      .nullable(),
  })
  .meta({ id: 'ComparisonDistribution' });
export type ComparisonDistribution = z.infer<typeof comparisonDistribution>;

const params = z.object({ id });
const pending = 'Answers 202 with `Retry-After` while it is being computed.';

export const comparisonOperations = {
  createComparison: defineOperation({
    id: 'createComparison',
    method: 'POST',
    path: '/comparisons',
    summary: 'Compare runs with a baseline, item by item',
    description: `The same request gives the same comparison, computed again only where the results of a run have changed. ${pending}`,
    tag: 'Comparisons',
    role: 'viewer',
    body: createComparison,
    status: 200,
    alsoAnswers: 202,
    response: comparison,
  }),
  listComparisons: defineOperation({
    id: 'listComparisons',
    method: 'GET',
    path: '/comparisons',
    summary: 'List comparisons, newest first',
    tag: 'Comparisons',
    role: 'viewer',
    query: pageQuery.extend({ runId: id.optional() }),
    status: 200,
    response: page(comparisonSummary),
  }),
  getComparison: defineOperation({
    id: 'getComparison',
    method: 'GET',
    path: '/comparisons/{id}',
    summary: 'Get a comparison with its result',
    description: pending,
    tag: 'Comparisons',
    role: 'viewer',
    params,
    query: z.object({
      refresh: flag.optional().meta({
        description: 'true: compute again what is not of the present results',
      }),
    }),
    status: 200,
    alsoAnswers: 202,
    response: comparison,
  }),
  listComparisonItems: defineOperation({
    id: 'listComparisonItems',
    method: 'GET',
    path: '/comparisons/{id}/items',
    summary: 'List the items of two compared runs, with both outputs',
    description:
      'Regressions and improvements with the largest difference first, the others by key. `flaky`: items whose repeats disagree in one of the runs. Items are as the runs hold them now; what neither run has done yet is not listed.',
    tag: 'Comparisons',
    role: 'viewer',
    params,
    query: pageQuery.extend({
      metric: text(100),
      candidateRunId: id.optional().meta({ description: 'Left out: the first' }),
      kind: z.enum(itemKinds).default('regressions'),
    }),
    status: 200,
    response: page(comparisonItem),
  }),
  getComparisonDistribution: defineOperation({
    id: 'getComparisonDistribution',
    method: 'GET',
    path: '/comparisons/{id}/distribution',
    summary: 'Get how the scores of two compared runs lie: differences in bins, scores in a plane',
    description:
      'Of a metric with numbers, yes or no being 1 and 0; what became of categories stands in the table of the result. Scores are as the runs hold them now.',
    tag: 'Comparisons',
    role: 'viewer',
    params,
    query: z.object({
      metric: text(100),
      candidateRunId: id.optional().meta({ description: 'Left out: the first' }),
    }),
    status: 200,
    response: comparisonDistribution,
  }),
  compareRuns: defineOperation({
    id: 'compareRuns',
    method: 'GET',
    path: '/runs/compare',
    summary: 'Compare two runs; run1 is the baseline',
    description: `From the cache, or at once where the runs are small. ${pending}`,
    tag: 'Comparisons',
    role: 'viewer',
    query: z.object({
      run1: id,
      run2: id,
      metrics: z
        .string()
        .max(5_000)
        .optional()
        .meta({ description: 'Names, separated by commas; left out: all common ones' }),
      confidence: z.coerce.number().min(0.5).max(0.999).default(0.95),
    }),
    status: 200,
    alsoAnswers: 202,
    response: comparison,
  }),
};
