import { z } from 'zod';
import { id, page, pageQuery, text, timestamp } from './common.ts';
import { defineOperation } from './operation.ts';

export const gateLimits = { perProject: 100, rules: 50 } as const;

const metric = text(100).meta({
  description:
    'Name of a metric of the runs, or latency_ms, input_tokens, output_tokens or cost_usd of the target',
});

const confidence = z
  .number()
  .gt(0.5, 'must be above 0.5; null lets the estimate alone decide')
  .max(0.999)
  .nullable()
  .default(0.95)
  .meta({
    description:
      'Of each end, one-sided. The rule passes where even the bad end of the interval keeps it, and fails where even the good end breaks it. null: the estimate alone decides',
  });

const bound = z.number().min(-1e12).max(1e12);

/** What a candidate has to meet in one metric. */
export const gateRule = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({
        kind: z.literal('difference'),
        metric,
        atMostWorse: bound.meta({
          description:
            'How much worse than the baseline the mean may be, in the units of the metric and in its bad direction: 0.01 of accuracy is one point lower, 0.01 of cost_usd a cent more. Negative: how much better it must be',
        }),
        confidence,
      }),
      z.strictObject({
        kind: z.literal('relative'),
        metric,
        atMostWorse: bound.meta({
          description:
            'The same as a share of the baseline’s mean: 0.1 is 10 %. Negative: how much better it must be',
        }),
        confidence,
      }),
      z
        .strictObject({
          kind: z.literal('value'),
          metric,
          min: bound.optional(),
          max: bound.optional(),
          confidence,
        })
        .refine(({ min, max }) => min !== undefined || max !== undefined, {
          message: 'give min, max or both',
          path: ['min'],
        })
        .refine(({ min, max }) => (min ?? -Infinity) <= (max ?? Infinity), {
          message: 'is above max',
          path: ['min'],
        }),
    ],
    { error: 'must be difference, relative or value' },
  )
  .meta({
    id: 'GateRule',
    description:
      'difference and relative: against the baseline; value: of the candidate’s own mean, over the items that both runs have a score for',
  });
export type GateRule = z.infer<typeof gateRule>;

const rules = z
  .array(gateRule)
  .min(1, 'give at least one rule')
  .max(gateLimits.rules, `at most ${gateLimits.rules} rules`);

export const createGate = z
  .strictObject({
    name: text(200),
    datasetId: id
      .nullable()
      .default(null)
      .meta({ description: 'null: for runs of any dataset of the project' }),
    rules,
  })
  .meta({ id: 'CreateGate' });
export type CreateGate = z.infer<typeof createGate>;

export const updateGate = z
  .strictObject({
    name: text(200).optional(),
    datasetId: id.nullable().optional(),
    rules: rules.optional().meta({ description: 'Replaces all of them' }),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    message: 'give name, datasetId or rules',
  })
  .meta({ id: 'UpdateGate' });
export type UpdateGate = z.infer<typeof updateGate>;

export const gate = z
  .object({
    id,
    name: z.string(),
    datasetId: id.nullable(),
    rules: z.array(gateRule),
    createdAt: timestamp,
  })
  .meta({ id: 'Gate' });
export type Gate = z.infer<typeof gate>;

export const gateOutcomes = ['pass', 'fail', 'inconclusive'] as const;
export const gateOutcome = z.enum(gateOutcomes);
export type GateOutcome = z.infer<typeof gateOutcome>;

export const ruleResult = z
  .object({
    rule: gateRule,
    outcome: gateOutcome,
    reason: z.string().meta({ description: 'In plain words, with the numbers that carry it' }),
    estimate: z.number().nullable().meta({
      description:
        'candidate − baseline of the means, the same as a share of the baseline, or the mean of the candidate',
    }),
    low: z.number().nullable().meta({
      description: 'The estimate is at least this, at the confidence of the rule',
    }),
    high: z.number().nullable(),
    n: z.int().meta({ description: 'Paired items that it rests on' }),
  })
  .meta({ id: 'RuleResult' });
export type RuleResult = z.infer<typeof ruleResult>;

export const gateResult = z
  .object({
    id,
    gateId: id,
    gateName: z.string(),
    runId: id,
    baselineRunId: id,
    comparisonId: id.nullable().meta({ description: 'null: the runs could not be compared' }),
    outcome: gateOutcome.meta({
      description: 'fail where a rule fails, else inconclusive where one is, else pass',
    }),
    rules: z.array(ruleResult).meta({ description: 'The rules as they were checked' }),
    rulesChanged: z.boolean().meta({
      description: 'The gate has other rules by now; check it again',
    }),
    createdAt: timestamp,
  })
  .meta({ id: 'GateResult' });
export type GateResult = z.infer<typeof gateResult>;

export const gateCheck = z
  .object({
    comparisonId: id,
    result: gateResult.nullable().meta({ description: 'null: still being computed' }),
  })
  .meta({ id: 'GateCheck' });
export type GateCheck = z.infer<typeof gateCheck>;

const params = z.object({ id });
const tag = 'Gates';

export const gateOperations = {
  createGate: defineOperation({
    id: 'createGate',
    method: 'POST',
    path: '/gates',
    summary: 'Create a gate: rules that a run has to meet beside its baseline',
    tag,
    role: 'editor',
    body: createGate,
    status: 201,
    response: gate,
  }),
  listGates: defineOperation({
    id: 'listGates',
    method: 'GET',
    path: '/gates',
    summary: 'List the gates, newest first',
    tag,
    role: 'viewer',
    query: pageQuery.extend({
      datasetId: id
        .optional()
        .meta({ description: 'Those that runs of this dataset have to meet' }),
    }),
    status: 200,
    response: page(gate),
  }),
  getGate: defineOperation({
    id: 'getGate',
    method: 'GET',
    path: '/gates/{id}',
    summary: 'Get a gate',
    tag,
    role: 'viewer',
    params,
    status: 200,
    response: gate,
  }),
  updateGate: defineOperation({
    id: 'updateGate',
    method: 'PATCH',
    path: '/gates/{id}',
    summary: 'Change a gate; results keep the rules that they are of',
    tag,
    role: 'editor',
    params,
    body: updateGate,
    status: 200,
    response: gate,
  }),
  deleteGate: defineOperation({
    id: 'deleteGate',
    method: 'DELETE',
    path: '/gates/{id}',
    summary: 'Delete a gate with its results',
    tag,
    role: 'editor',
    params,
    status: 204,
  }),
  checkGate: defineOperation({
    id: 'checkGate',
    method: 'POST',
    path: '/gates/{id}/check',
    summary: 'Check whether a completed run meets a gate',
    description:
      'The result is stored, in place of an earlier one of the same gate, run and baseline. Answers 202 with `Retry-After` while the runs are being compared: ask again.',
    tag,
    role: 'editor',
    params,
    body: z.strictObject({
      runId: id,
      baselineRunId: id.optional().meta({
        description: 'Left out: the pinned baseline of the run’s dataset',
      }),
    }),
    status: 200,
    alsoAnswers: 202,
    response: gateCheck,
  }),
  listGateResults: defineOperation({
    id: 'listGateResults',
    method: 'GET',
    path: '/gate-results',
    summary: 'List the results of gates, newest first',
    tag,
    role: 'viewer',
    query: pageQuery.extend({ runId: id.optional(), gateId: id.optional() }),
    status: 200,
    response: page(gateResult),
  }),
};
