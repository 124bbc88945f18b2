import { z } from 'zod';
import { humanMetric, humanValue, person } from './annotations.ts';
import { calibration } from './calibrations.ts';
import { id, text } from './common.ts';
import { defineOperation } from './operation.ts';
import { reviewLimits } from './reviews.ts';

const estimate = z.object({
  value: z.number().nullable().meta({ description: 'null: not defined for these scores' }),
  confidenceLow: z.number().nullable().meta({ description: 'Of the 95 % interval; null: none' }),
  confidenceHigh: z.number().nullable(),
});

/** How far people agree in one human metric. */
export const reviewAgreement = z
  .object({
    humanMetric,
    items: z.int().meta({ description: 'With a score of at least one person' }),
    pairable: z.int().meta({ description: 'With scores of two people or more' }),
    cannotTell: z.int().meta({ description: 'Answers that were no score' }),
    people: z.array(
      person.extend({
        scores: z.int(),
        mean: z
          .number()
          .nullable()
          .meta({ description: 'Of numbers; of pass or fail, the share of passes' }),
      }),
    ),
    level: z.enum(['nominal', 'ordinal', 'interval']).meta({
      description: 'How far two values differ: at all; by their ranks; by their distance',
    }),
    alpha: estimate.meta({
      description:
        "Krippendorff's alpha: 1 is full agreement, 0 what chance gives. Interval by the bootstrap over items",
    }),
    percentAgreement: z.number().nullable().meta({
      description: 'Mean over items of the share of pairs of people with the same value',
    }),
    pairs: z.array(
      z.object({
        first: person,
        second: person,
        n: z.int(),
        agreement: z.number(),
        kappa: z.number().nullable().meta({
          description: "Cohen's, with quadratic weights for numbers and ordered categories",
        }),
      }),
    ),
    disagreements: z
      .array(
        z.object({
          place: z.int(),
          runId: id,
          no: z.int(),
          key: z.string(),
          repeat: z.int(),
          values: z.array(z.object({ by: person, value: humanValue })),
        }),
      )
      .meta({ description: `The furthest apart, ${reviewLimits.disagreements} at most` }),
    judges: z
      .array(z.object({ runId: id, runName: z.string(), metrics: z.array(z.string()) }))
      .meta({ description: 'Runs with items in the queue, and their metrics, to compare with' }),
    summary: z.string().meta({ description: 'One plain sentence' }),
  })
  .meta({ id: 'ReviewAgreement' });
export type ReviewAgreement = z.infer<typeof reviewAgreement>;

/** How far a metric of a run agrees with people. */
export const judgeAgreement = z
  .object({
    calibration,
    labelled: z.int().meta({ description: 'Items with a value that people agree on' }),
    tied: z.int().meta({
      description: 'Items left out since as many people gave one value as another',
    }),
    disagreements: z
      .array(
        z.object({
          place: z.int(),
          no: z.int(),
          key: z.string(),
          repeat: z.int(),
          human: z.string(),
          judge: z.string(),
        }),
      )
      .meta({ description: 'Those of the calibration, with their places' }),
  })
  .meta({ id: 'JudgeAgreement' });
export type JudgeAgreement = z.infer<typeof judgeAgreement>;

const params = z.object({ id });
const tag = 'Reviews';

export const reviewAgreementOperations = {
  getReviewAgreement: defineOperation({
    id: 'getReviewAgreement',
    method: 'GET',
    path: '/review-queues/{id}/agreement',
    summary: 'Get how far people agree in a human metric, on the items of a queue',
    tag,
    role: 'viewer',
    params,
    query: z.object({ humanMetricId: id }),
    status: 200,
    response: reviewAgreement,
  }),
  getJudgeAgreement: defineOperation({
    id: 'getJudgeAgreement',
    method: 'GET',
    path: '/review-queues/{id}/judge-agreement',
    summary: 'Get how far a metric of a run agrees with people, on the items of a queue',
    description:
      'People are taken together first: pass or fail and categories by what most of them gave, numbers by their mean.',
    tag,
    role: 'viewer',
    params,
    query: z.object({
      humanMetricId: id,
      runId: id,
      metric: text(100).meta({ description: "A metric's name in the run" }),
      threshold: z.coerce.number().optional().meta({
        description: 'Makes numbers yes or no: at least this much is true',
      }),
    }),
    status: 200,
    response: judgeAgreement,
  }),
};
