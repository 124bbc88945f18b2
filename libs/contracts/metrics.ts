import { z } from 'zod';
import { json, page, text } from './common.ts';
import { defineOperation } from './operation.ts';
import { toolCall } from './recordings.ts';
import { score } from './evaluation-items.ts';
import { metricSpec } from './metric-specs.ts';

const bound = z.number().nullable().meta({ description: 'null: none' });

/** An item as a metric sees it. */
export const metricCase = z
  .strictObject({
    input: json.default(null),
    output: json,
    expected: json.optional(),
    metadata: z.record(z.string(), json).optional(),
    usage: z
      .strictObject({
        latencyMs: z.number().min(0).optional(),
        inputTokens: z.int().min(0).optional(),
        outputTokens: z.int().min(0).optional(),
        costUsd: z.number().min(0).optional(),
        finishReason: z.string().optional(),
      })
      .optional(),
    toolCalls: z.array(toolCall).max(1000).optional(),
    context: json.optional().meta({ description: 'What the target retrieved' }),
  })
  .meta({ id: 'MetricCase' });

/** A metric of the catalogue, with all that a person or a form needs to choose and configure it. */
export const metricDescription = z
  .object({
    name: z.string(),
    title: z.string(),
    family: z.string(),
    description: z.string(),
    definition: z.string().meta({ description: 'What exactly is computed' }),
    source: z.string().meta({ description: 'The paper or reference implementation' }),
    kind: z.enum(['numeric', 'boolean', 'categorical']),
    range: z.object({ min: bound, max: bound }),
    direction: z.enum(['higher', 'lower', 'none']).meta({ description: 'Which values are better' }),
    shapeDependsOnConfig: z.boolean().meta({
      description: 'Kind, range and direction can be changed by the configuration',
    }),
    needs: z.array(z.string()).meta({ description: 'What an item must have beside the output' }),
    config: z.record(z.string(), json).meta({ description: 'JSON Schema of the configuration' }),
    examples: z.array(
      z.object({
        config: z.record(z.string(), json),
        item: z.record(z.string(), json),
        answers: z
          .array(z.union([z.string(), z.record(z.string(), json)]))
          .optional()
          .meta({
            description: 'What the model answered, call by call, where the metric asks one',
          }),
        value: z.union([z.number(), z.boolean(), z.string()]).nullable().meta({
          description: 'null: not applicable',
        }),
      }),
    ),
    prompts: z
      .array(z.object({ name: z.string(), version: z.int(), text: z.string() }))
      .meta({ description: "A judge's prompts; the configuration can replace them by name" }),
    runLevel: z
      .array(z.object({ name: z.string(), title: z.string(), description: z.string() }))
      .meta({ description: 'Values of the run as a whole' }),
  })
  .meta({ id: 'MetricDescription' });
export type MetricDescription = z.infer<typeof metricDescription>;

export const metricOperations = {
  listMetrics: defineOperation({
    id: 'listMetrics',
    method: 'GET',
    path: '/metrics',
    summary: 'The catalogue: every metric, whole',
    tag: 'Metrics',
    role: 'viewer',
    query: z.object({ family: text(100).optional() }),
    status: 200,
    response: page(metricDescription),
  }),
  getMetric: defineOperation({
    id: 'getMetric',
    method: 'GET',
    path: '/metrics/{name}',
    summary: 'One metric of the catalogue',
    tag: 'Metrics',
    role: 'viewer',
    params: z.object({ name: text(100) }),
    status: 200,
    response: metricDescription,
  }),
  tryMetric: defineOperation({
    id: 'tryMetric',
    method: 'POST',
    path: '/metrics/try',
    summary: 'Score one item, without a run; nothing is stored',
    tag: 'Metrics',
    role: 'editor',
    body: z.strictObject({ metric: metricSpec, item: metricCase }),
    status: 200,
    response: score,
  }),
};
