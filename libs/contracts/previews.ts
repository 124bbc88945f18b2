import { z } from 'zod';
import { id, json, text } from './common.ts';
import { errorClass } from './error-classes.ts';
import { defineOperation } from './operation.ts';
import { cloneRun, run, submitRun } from './runs.ts';
import { promptMessage } from './targets.ts';

/** The body of a run, and how many of its items are to be shown. */
export const previewRun = submitRun
  .extend({ items: z.int().min(1).max(20).default(3).meta({ description: 'How many are shown' }) })
  .meta({ id: 'PreviewRun' });

export const previewItem = z
  .object({
    key: z.string(),
    repeat: z.int(),
    messages: z
      .array(promptMessage)
      .optional()
      .meta({ description: 'What a model would be asked' }),
    request: z
      .object({
        method: z.string(),
        url: z.string(),
        headers: z.record(z.string(), z.string()).meta({ description: 'Secrets are hidden' }),
        body: json.optional(),
      })
      .optional()
      .meta({ description: 'What an endpoint would be sent' }),
    inputTokens: z.int().nullable(),
    error: z.object({ class: errorClass, message: z.string() }).optional(),
  })
  .meta({ id: 'PreviewItem' });
export type PreviewItem = z.infer<typeof previewItem>;

const spend = z.object({
  calls: z.int(),
  inputTokens: z.int().nullable(),
  outputTokens: z.int().nullable(),
  costUsd: z.number().nullable().meta({ description: 'null: no price is known' }),
});

/** What a run would do and cost, before anything is spent. Numbers are estimates and say on what they rest. */
export const preview = z
  .object({
    total: z.int(),
    items: z.array(previewItem),
    failing: z.int().meta({
      description:
        'Of the sampled items, those that would fail before any call, such as for a missing variable',
    }),
    sampled: z.int().meta({ description: 'Items that the estimates rest on' }),
    target: spend,
    judges: spend,
    seconds: z.number().nullable().meta({ description: 'With the concurrency and limits given' }),
    assumptions: z.array(z.string()),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'RunPreview' });
export type RunPreview = z.infer<typeof preview>;

export const previewOperations = {
  previewRun: defineOperation({
    id: 'previewRun',
    method: 'POST',
    path: '/runs/preview',
    summary:
      'Dry run: rendered prompts, expected tokens, cost and time; nothing is called or spent',
    tag: 'Runs',
    role: 'viewer',
    body: previewRun,
    status: 200,
    response: preview,
  }),
  cloneRun: defineOperation({
    id: 'cloneRun',
    method: 'POST',
    path: '/runs/{id}/clone',
    summary: 'Submit a run like this one, with changes',
    description:
      'Without a `datasetVersion`, the version of the run that is cloned; null is no value. Metadata gets `clonedFrom`.',
    tag: 'Runs',
    role: 'editor',
    params: z.object({ id }),
    headers: z.object({ 'idempotency-key': text(255).optional() }),
    body: cloneRun.default({}),
    status: 201,
    response: run,
  }),
};
