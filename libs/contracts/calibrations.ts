import { z } from 'zod';
import { id, text } from './common.ts';
import { defineOperation } from './operation.ts';

const label = z.union([z.number(), z.boolean(), text(200)], {
  error: 'must be a number, true or false, or a text of 1 to 200 characters',
});

/** How the verdicts of judge and people are compared. */
export const calibrationKinds = ['yes_no', 'categories', 'levels', 'graded'] as const;

const estimate = z.object({
  value: z.number().nullable().meta({ description: 'null: not defined for these labels' }),
  confidenceLow: z.number().nullable().meta({ description: 'Of the 95 % interval; null: none' }),
  confidenceHigh: z.number().nullable(),
});

/** How far a judge agrees with people, on the items that both have judged. */
export const calibration = z
  .object({
    metric: z.string(),
    comparedAs: z.enum(calibrationKinds).meta({
      description:
        'yes_no: two verdicts; categories: without an order, unless it was given; levels: at most ten values, compared as categories and as numbers; graded: as numbers only',
    }),
    n: z.int().meta({ description: 'Evaluation items with a score and a label' }),
    unmatched: z.int().meta({ description: 'Labels of which the run has no closed item' }),
    withoutScore: z.int().meta({
      description: 'Labelled items that failed, or whose score broke or does not apply',
    }),
    categories: z.array(z.string()).meta({ description: 'In their order; empty where graded' }),
    agreement: estimate.meta({ description: 'Share of equal verdicts; Wilson interval' }),
    kappa: estimate.meta({ description: "Cohen's kappa: agreement beyond chance" }),
    weightedKappa: estimate.meta({ description: 'Quadratic weights, for ordered categories' }),
    confusion: z.array(z.array(z.int())).meta({
      description: 'Rows: the human label; columns: the judge; in the order of categories',
    }),
    precision: z.number().nullable().meta({
      description: 'yes_no only: of what the judge calls true, the share that people do',
    }),
    recall: z.number().nullable().meta({
      description: 'yes_no only: of what people call true, the share that the judge does',
    }),
    correlation: estimate.meta({ description: "Spearman's, for levels and graded scores" }),
    meanDifference: estimate.meta({
      description:
        'Judge − human, for levels and graded scores; null where the labels lie outside of what the metric can give',
    }),
    positionBias: z
      .object({
        n: z.int().meta({ description: 'Pairs that were judged in both orders' }),
        consistent: z.number().nullable().meta({
          description: 'Share of pairs with the same verdict in both orders',
        }),
        firstPreferred: z.number().nullable().meta({
          description: 'Of the verdicts that depended on the order, the share that chose the first',
        }),
        secondPreferred: z.number().nullable(),
      })
      .nullable()
      .meta({ description: 'Only for pairwise judges' }),
    disagreements: z
      .array(z.object({ key: z.string(), repeat: z.int(), human: z.string(), judge: z.string() }))
      .meta({
        description: 'Fifty at most: the first, or, where there are numbers, the furthest apart',
      }),
    summary: z.string().meta({ description: 'One plain sentence' }),
  })
  .meta({ id: 'Calibration' });
export type Calibration = z.infer<typeof calibration>;

export const calibrateRun = z
  .strictObject({
    metric: text(100).meta({ description: "A metric's name in the run" }),
    labels: z
      .array(
        z.strictObject({
          key: text(500),
          repeat: z.int().min(0, 'must not be negative: repeats count from 0').default(0),
          label,
        }),
        { error: 'must be a list of objects with key and label' },
      )
      .min(1, 'must hold a label at least')
      .max(10_000, 'must hold at most 10,000 labels: use a labelPath for more')
      .optional(),
    labelPath: text(500)
      .regex(/^(metadata|expected)(\.[^.]+)*$/, 'must begin with metadata or expected')
      .optional()
      .meta({
        description: 'Where the dataset items have their human label, such as `metadata.human`',
      }),
    threshold: z.number().optional().meta({
      description:
        'Makes graded scores, and labels that are numbers, yes or no: at least this much is true',
    }),
    categories: z
      .array(text(200))
      .min(2)
      .max(50)
      .refine((names) => new Set(names).size === names.length, 'must not name one twice')
      .optional()
      .meta({
        description:
          'For a metric that gives categories: all of them in their order, worst first or best first. Only then is there a weighted kappa',
      }),
  })
  .refine(({ labels, labelPath }) => (labels === undefined) !== (labelPath === undefined), {
    path: ['labels'],
    message: 'give either labels or a labelPath',
  })
  .meta({ id: 'CalibrateRun' });
export type CalibrateRun = z.infer<typeof calibrateRun>;

export const calibrationOperations = {
  calibrateRun: defineOperation({
    id: 'calibrateRun',
    method: 'POST',
    path: '/runs/{id}/calibrations',
    summary: 'Compare a judge of a run with human labels; nothing is stored',
    tag: 'Judges',
    role: 'viewer',
    params: z.object({ id }),
    body: calibrateRun,
    status: 200,
    response: calibration,
  }),
};
