import { z } from 'zod';
import { id, json, text } from './common.ts';
import { errorClass } from './error-classes.ts';
import { evaluationItem } from './evaluation-items.ts';
import { defineOperation } from './operation.ts';
import { cloneRun, run, runFilter, submitRun } from './runs.ts';
import { httpTarget, promptMessage, promptSource } from './targets.ts';

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

const skip = z
  .int()
  .min(0)
  .max(10_000_000)
  .default(0)
  .meta({ description: 'How many items of the dataset, or of the filter, are passed over first' });

/** The part of a run that an item is put into, before anything else of the run is settled. */
export const renderTarget = z
  .strictObject({
    datasetId: id,
    datasetVersion: submitRun.shape.datasetVersion,
    filter: runFilter.optional(),
    target: z
      .discriminatedUnion(
        'kind',
        [z.strictObject({ kind: z.literal('model'), prompt: promptSource }), httpTarget],
        { error: 'must be an object whose kind is model, with a prompt, or http' },
      )
      .optional()
      .meta({ description: 'Left out: only how many items there are' }),
    items: z.int().min(1).max(20).default(3).meta({ description: 'How many are shown' }),
    skip,
  })
  .meta({ id: 'RenderTarget' });
export type RenderTarget = z.infer<typeof renderTarget>;

export const renderedTarget = z
  .object({
    total: z.int().meta({ description: 'Items of the dataset, or of the filter' }),
    items: z.array(previewItem),
    sampled: z.int().meta({ description: 'Items that the next numbers are of' }),
    failing: z.int().meta({ description: 'Of them, those for which nothing could be asked' }),
    variables: z
      .array(
        z.object({
          name: z.string(),
          missing: z.int().meta({ description: 'Sampled items that have no value for it' }),
        }),
      )
      .meta({ description: 'What the templates name, in their order' }),
  })
  .meta({ id: 'RenderedTarget' });
export type RenderedTarget = z.infer<typeof renderedTarget>;

/** The body of a run, and which of its items are to be tried. */
export const tryRun = submitRun
  .extend({
    items: z.int().min(1).max(3).default(1).meta({ description: 'How many are tried' }),
    skip,
  })
  .meta({ id: 'TryRun' });
export type TryRun = z.infer<typeof tryRun>;

/** An item as it would stand in the run. */
export const triedItem = evaluationItem
  .omit({
    no: true,
    status: true,
    tags: true,
    split: true,
    metadata: true,
    tries: true,
    attempt: true,
  })
  .meta({ id: 'TriedItem' });
export type TriedItem = z.infer<typeof triedItem>;

export const previewOperations = {
  renderTarget: defineOperation({
    id: 'renderTarget',
    method: 'POST',
    path: '/runs/render',
    summary: 'What a prompt or a request becomes for items of a dataset; nothing is called',
    description:
      'For writing them: templates, secrets and the filter are checked as in a run, and of each variable it is said how many items have no value for it. Secrets are not even read.',
    tag: 'Runs',
    role: 'viewer',
    body: renderTarget,
    status: 200,
    response: renderedTarget,
  }),
  tryRun: defineOperation({
    id: 'tryRun',
    method: 'POST',
    path: '/runs/try',
    summary: 'Evaluate one to three items as a run would: real calls, real scores, nothing stored',
    description:
      'Costs what these items cost. A call gets at most a minute and one retry. Targets of the kind client cannot be tried: their outputs are made elsewhere.',
    tag: 'Runs',
    role: 'editor',
    body: tryRun,
    status: 200,
    response: z.object({ items: z.array(triedItem) }),
  }),
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
