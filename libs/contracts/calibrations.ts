import { z } from 'zod';
import { id, text } from './common.ts';
import { defineOperation } from './operation.ts';

const label = z.union([z.number(), z.boolean(), text(200)]);
const interval = z.object({
  value: z.number().nullable().meta({ description: 'null: not defined for these labels' }),
  confidenceLow: z.number().nullable(),
  confidenceHigh: z.number().nullable(),
});

/** How far a judge agrees with people, on the items that both have judged. */
export const calibration = z
  .object({
    metric: z.string(),
    n: z.int().meta({ description: 'Items with a score and a label' }),
    unmatched: z.int().meta({ description: 'Labels without a score' }),
    withoutScore: z
      .int()
      .meta({ description: 'Labelled items whose score broke or does not apply' }),
    categories: z.array(z.string()),
    agreement: interval.meta({ description: 'Share of equal verdicts; Wilson interval' }),
    kappa: interval.meta({ description: "Cohen's kappa" }),
    weightedKappa: interval.meta({ description: 'Quadratic weights, for ordered categories' }),
    confusion: z.array(z.array(z.int())).meta({
      description: 'Rows: the human label; columns: the judge; in the order of categories',
    }),
    precision: z.number().nullable().meta({ description: 'Binary only: of what the judge passes' }),
    recall: z.number().nullable(),
    correlation: z.number().nullable().meta({ description: "Spearman's, for graded scores" }),
    meanDifference: z.number().nullable().meta({ description: 'Judge − human, for graded scores' }),
    positionBias: z
      .object({
        n: z.int(),
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
      .meta({ description: 'The first fifty' }),
    summary: z.string().meta({ description: 'One plain sentence' }),
  })
  .meta({ id: 'Calibration' });
export type Calibration = z.infer<typeof calibration>;

export const calibrateRun = z
  .strictObject({
    metric: text(100).meta({ description: "A metric's name in the run" }),
    labels: z
      .array(z.strictObject({ key: text(500), repeat: z.int().min(0).default(0), label }))
      .min(1)
      .max(10_000)
      .optional(),
    labelPath: text(500)
      .regex(/^(metadata|expected)(\.[^.]+)*$/, 'must begin with metadata or expected')
      .optional()
      .meta({
        description: 'Where the dataset items have their human label, such as `metadata.human`',
      }),
    threshold: z.number().optional().meta({
      description: 'Makes graded scores and labels binary: at least this much passes',
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
