import { z } from 'zod';
import { flag, json, text, timestamp } from './common.ts';
import { errorClass } from './error-classes.ts';
import { toolCall } from './recordings.ts';

export const score = z
  .object({
    name: z.string(),
    value: z.union([z.number(), z.boolean(), z.string()]).nullable(),
    passed: z.boolean().optional(),
    reason: z.string().optional(),
    notApplicable: z.boolean().optional().meta({ description: 'The item lacks what it needs' }),
    error: z.string().optional().meta({ description: 'The scorer broke; never counted as 0' }),
    errorClass: errorClass.optional(),
    costUsd: z.number().optional().meta({ description: 'What its judge cost' }),
    details: json.optional().meta({ description: 'How the value came about' }),
  })
  .meta({ id: 'Score' });
export type Score = z.infer<typeof score>;

/** A call that failed, before the item was tried again or given up; or why an attempt failed without one. */
export const failedTry = z
  .object({
    attempt: z
      .int()
      .meta({ description: 'Of the item: 1, and one more for each retry of the run' }),
    class: errorClass,
    message: z.string(),
    latencyMs: z.number().optional(),
    at: timestamp,
  })
  .meta({ id: 'FailedTry' });

export const evaluationItem = z
  .object({
    no: z.int().meta({ description: 'Its place in the run, from 0' }),
    key: z.string(),
    repeat: z.int().meta({ description: 'Counted from 0' }),
    status: z.enum(['completed', 'failed']),
    tags: z
      .array(z.string())
      .meta({ description: 'Of the dataset item, as are split and metadata' }),
    split: z.string().nullable(),
    metadata: z.record(z.string(), json),
    input: json,
    expected: json.nullable(),
    output: json.nullable(),
    scores: z.array(score),
    error: z.object({ class: errorClass, message: z.string() }).optional(),
    tries: z.array(failedTry).meta({
      description:
        'The calls that failed, of all attempts, in their order; and why an earlier attempt failed where no call did',
    }),
    attempt: z.int().meta({ description: '1, and one more for each retry' }),
    latencyMs: z.number().optional().meta({ description: 'Of the call that gave the output' }),
    queueMs: z.number().optional().meta({
      description:
        'From the moment at which the item was taken up until that call: limits, pauses, failed tries',
    }),
    inputTokens: z.int().optional(),
    outputTokens: z.int().optional(),
    costUsd: z.number().optional(),
    judgeCostUsd: z.number().optional(),
    cached: z.boolean().optional().meta({ description: 'The output came from the response cache' }),
    finishReason: z.string().optional(),
    traceId: z.string().optional(),
    context: json.optional().meta({ description: 'What the target said that it had retrieved' }),
    toolCalls: z.array(toolCall).optional(),
  })
  .meta({ id: 'EvaluationItem' });
export type EvaluationItem = z.infer<typeof evaluationItem>;

/** Items that are looked through for one page, where a filter has no index. */
export const RUN_ITEMS_SEARCHED_AT_ONCE = 10_000;

/** A place in the metadata of a dataset item. */
export const metadataPath = /^metadata(\.[^.]+)+$/;
/** What items are parted by. */
export const sliceBy = z
  .string()
  .max(500)
  .refine((by) => by === 'tags' || by === 'split' || metadataPath.test(by), {
    message: 'must be tags, split or a path such as metadata.topic',
  });

/** Which items of a run are meant, and in which order. */
export const itemFilter = z.object({
  status: z.enum(['completed', 'failed']).optional(),
  errorClass: errorClass.optional().meta({ description: 'Only items that failed with it' }),
  key: text(500).optional().meta({ description: 'Only the item of this key, all its repeats' }),
  metric: text(100).optional().meta({ description: "A metric's name in this run" }),
  min: z.coerce.number().optional(),
  max: z.coerce.number().optional(),
  passed: flag.optional().meta({ description: 'Whether the score of `metric` passed' }),
  category: text(1000).optional().meta({ description: 'That `metric` gave' }),
  search: text(200).optional().meta({
    description:
      'Found in the key, or in the JSON of input, expected value or output, in upper or lower case',
  }),
  sliceBy: sliceBy.optional().meta({ description: 'Together with `sliceValue`' }),
  sliceValue: text(1000).optional().meta({
    description: 'Only items that have this tag, this split, or this value at the path',
  }),
  sort: z.enum(['position', 'worst', 'best']).default('position'),
});
