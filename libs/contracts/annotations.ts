import { z } from 'zod';
import { flag, id, page, pageQuery, text, timestamp } from './common.ts';
import { defineOperation } from './operation.ts';

export const annotationLimits = {
  /** Human metrics of a project, the archived ones too. */
  humanMetrics: 200,
  categories: 20,
  /** Notes on one item. */
  notes: 200,
  /** Human scores that are shown of one item. */
  scores: 500,
} as const;

const bound = z.number().min(-1e9).max(1e9);

/** What values people may give. */
export const humanScale = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('boolean') }),
      z.strictObject({
        kind: z.literal('categorical'),
        categories: z
          .array(
            z.strictObject({
              name: text(100),
              description: text(500).optional().meta({ description: 'When it is to be chosen' }),
            }),
          )
          .min(2, 'give at least two categories')
          .max(annotationLimits.categories, `at most ${annotationLimits.categories} categories`)
          .refine(
            (categories) => new Set(categories.map(({ name }) => name)).size === categories.length,
            'must not name one twice',
          ),
        ordered: z.boolean().default(false).meta({
          description: 'They are given in their order, so that neighbours agree in part',
        }),
      }),
      z
        .strictObject({
          kind: z.literal('numeric'),
          min: bound,
          max: bound,
          step: z.number().positive().nullable().default(1).meta({
            description: 'Values lie so far apart, counted from min; null: any number',
          }),
        })
        .refine(({ min, max }) => min < max, { path: ['max'], message: 'must be above min' }),
    ],
    { error: 'kind must be boolean, categorical or numeric' },
  )
  .meta({
    id: 'HumanScale',
    description: 'boolean: pass or fail; categorical: one of the categories; numeric: a number',
  });
export type HumanScale = z.infer<typeof humanScale>;

/** What people score outputs by. */
export const humanMetric = z
  .object({
    id,
    name: z.string(),
    scale: humanScale,
    guidelines: z.string().nullable().meta({ description: 'How to decide, as Markdown' }),
    createdAt: timestamp,
    archivedAt: timestamp.nullable().meta({ description: 'Since when nobody is offered it' }),
  })
  .meta({ id: 'HumanMetric' });
export type HumanMetric = z.infer<typeof humanMetric>;

const guidelines = text(20_000).nullable();

export const createHumanMetric = z
  .strictObject({ name: text(100), scale: humanScale, guidelines: guidelines.default(null) })
  .meta({ id: 'CreateHumanMetric' });
export type CreateHumanMetric = z.infer<typeof createHumanMetric>;

export const updateHumanMetric = z
  .strictObject({
    name: text(100).optional(),
    guidelines: guidelines.optional(),
    archived: z.boolean().optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    message: 'give name, guidelines or archived',
  })
  .meta({ id: 'UpdateHumanMetric' });
export type UpdateHumanMetric = z.infer<typeof updateHumanMetric>;

export const humanValue = z
  .union([z.number(), z.boolean(), text(100)], {
    error: 'must be a number, true or false, or the name of a category',
  })
  .meta({ description: 'As the scale says: true or false, a category, or a number' });
export type HumanValue = z.infer<typeof humanValue>;

/** Who scored or wrote: the key that a person came with. */
export const person = z.object({ keyId: id, name: z.string() }).meta({ id: 'Person' });
export type Person = z.infer<typeof person>;

export const humanScore = z
  .object({
    humanMetricId: id,
    humanMetric: z.string().meta({ description: 'Its name' }),
    by: person,
    value: humanValue.nullable().meta({ description: 'null: the person could not tell' }),
    comment: z.string().nullable(),
    updatedAt: timestamp,
  })
  .meta({ id: 'HumanScore' });
export type HumanScore = z.infer<typeof humanScore>;

export const itemNote = z
  .object({ id, by: person, text: z.string(), createdAt: timestamp, updatedAt: timestamp })
  .meta({ id: 'ItemNote' });
export type ItemNote = z.infer<typeof itemNote>;

/** What people have said of one item of a run. */
export const itemAnnotations = z
  .object({
    scores: z.array(humanScore).meta({ description: 'By metric, then by time' }),
    hidden: z.int().meta({
      description:
        'Scores of others that the caller does not see yet: it has the item in a blind review queue, and has not scored it',
    }),
    notes: z
      .array(itemNote)
      .meta({ description: 'Oldest first; of others not where scores are hidden' }),
  })
  .meta({ id: 'ItemAnnotations' });
export type ItemAnnotations = z.infer<typeof itemAnnotations>;

export const setHumanScore = z
  .strictObject({
    humanMetricId: id,
    value: humanValue.nullable().meta({ description: 'null: cannot tell' }),
    comment: text(5_000).nullable().default(null),
  })
  .meta({ id: 'SetHumanScore' });
export type SetHumanScore = z.infer<typeof setHumanScore>;

const noteText = z.strictObject({ text: text(5_000) });
const params = z.object({ id });
const itemParams = z.object({
  id: id.meta({ description: 'Of the run' }),
  no: z.coerce.number().int().min(0).max(2_147_483_647).meta({
    description: 'Place of the item in the run, from 0',
  }),
});
const tag = 'Reviews';

export const annotationOperations = {
  listHumanMetrics: defineOperation({
    id: 'listHumanMetrics',
    method: 'GET',
    path: '/human-metrics',
    summary: 'List what people score outputs by, by name',
    tag,
    role: 'viewer',
    query: pageQuery.extend({
      archived: flag.optional().meta({ description: 'true: the archived ones' }),
    }),
    status: 200,
    response: page(humanMetric),
  }),
  createHumanMetric: defineOperation({
    id: 'createHumanMetric',
    method: 'POST',
    path: '/human-metrics',
    summary: 'Say what people score outputs by',
    tag,
    role: 'editor',
    body: createHumanMetric,
    status: 201,
    response: humanMetric,
  }),
  updateHumanMetric: defineOperation({
    id: 'updateHumanMetric',
    method: 'PATCH',
    path: '/human-metrics/{id}',
    summary: 'Rename a human metric, change its guidelines, archive it or bring it back',
    description: 'Its scale stays: scores were given on it.',
    tag,
    role: 'editor',
    params,
    body: updateHumanMetric,
    status: 200,
    response: humanMetric,
  }),
  getItemAnnotations: defineOperation({
    id: 'getItemAnnotations',
    method: 'GET',
    path: '/runs/{id}/items/{no}/annotations',
    summary: 'Get the human scores and notes of an item',
    tag,
    role: 'viewer',
    params: itemParams,
    status: 200,
    response: itemAnnotations,
  }),
  setHumanScore: defineOperation({
    id: 'setHumanScore',
    method: 'POST',
    path: '/runs/{id}/items/{no}/human-scores',
    summary: "Score an item; the caller's earlier score of the same metric is replaced",
    tag,
    role: 'editor',
    params: itemParams,
    body: setHumanScore,
    status: 200,
    response: humanScore,
  }),
  deleteHumanScore: defineOperation({
    id: 'deleteHumanScore',
    method: 'DELETE',
    path: '/runs/{id}/items/{no}/human-scores/{humanMetricId}',
    summary: "Take the caller's own score back",
    description: 'Not one that belongs to a review: review the item again instead.',
    tag,
    role: 'editor',
    params: itemParams.extend({ humanMetricId: id }),
    status: 204,
  }),
  createItemNote: defineOperation({
    id: 'createItemNote',
    method: 'POST',
    path: '/runs/{id}/items/{no}/notes',
    summary: 'Write a note on an item',
    tag,
    role: 'editor',
    params: itemParams,
    body: noteText,
    status: 201,
    response: itemNote,
  }),
  updateItemNote: defineOperation({
    id: 'updateItemNote',
    method: 'PATCH',
    path: '/item-notes/{id}',
    summary: 'Change a note of one’s own',
    tag,
    role: 'editor',
    params,
    body: noteText,
    status: 200,
    response: itemNote,
  }),
  deleteItemNote: defineOperation({
    id: 'deleteItemNote',
    method: 'DELETE',
    path: '/item-notes/{id}',
    summary: 'Delete a note of one’s own; an admin, any',
    tag,
    role: 'editor',
    params,
    status: 204,
  }),
};
