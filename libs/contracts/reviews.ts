import { z } from 'zod';
import { humanMetric, humanScore, person, setHumanScore } from './annotations.ts';
import { flag, id, json, page, pageQuery, text, timestamp } from './common.ts';
import { exportFormats } from './datasets.ts';
import { itemFilter, score } from './evaluation-items.ts';
import { defineOperation } from './operation.ts';

export const reviewLimits = {
  /** Queues of a project that are not deleted. */
  queues: 500,
  items: 10_000,
  humanMetrics: 20,
  reviewers: 10,
  /** How long an item is held for whoever looks at it. */
  holdMs: 15 * 60_000,
  /** People who are named with a queue: those who have done most. */
  people: 50,
  /** People whose agreement is told pair by pair: those with most scores. */
  pairedPeople: 10,
  disagreements: 50,
  /** Runs whose metrics are offered for comparison: the newest. */
  judgedRuns: 100,
} as const;

/** A queue of outputs that people are to score. */
export const reviewQueue = z
  .object({
    id,
    name: z.string(),
    guidelines: z.string().nullable().meta({ description: 'As Markdown' }),
    humanMetrics: z
      .array(humanMetric)
      .meta({ description: 'What is asked of each item, in order' }),
    reviewersPerItem: z.int().meta({ description: 'So many people are to score each item' }),
    blind: z.boolean().meta({
      description:
        'Whoever scores sees neither the run, nor its automated scores, nor what others gave',
    }),
    showExpected: z.boolean().meta({ description: 'Whether the expected value is shown' }),
    items: z.int(),
    complete: z.int().meta({ description: 'Items that enough people have scored' }),
    reviews: z
      .int()
      .meta({ description: 'Scored items, each counted for everybody who scored it' }),
    mine: z.object({
      done: z.int().meta({ description: 'Items that the caller has scored' }),
      skipped: z.int(),
      open: z.int().meta({ description: 'That the caller may still score, the skipped ones too' }),
    }),
    version: z.int().meta({ description: 'Rises with every change' }),
    createdBy: person.nullable(),
    createdAt: timestamp,
    deletedAt: timestamp.nullable(),
  })
  .meta({ id: 'ReviewQueue' });
export type ReviewQueue = z.infer<typeof reviewQueue>;

export const reviewQueueDetail = reviewQueue
  .extend({
    people: z
      .array(person.extend({ done: z.int(), skipped: z.int() }))
      .meta({ description: `Who has scored how much: ${reviewLimits.people} at most` }),
  })
  .meta({ id: 'ReviewQueueDetail' });
export type ReviewQueueDetail = z.infer<typeof reviewQueueDetail>;

const name = text(200);
const guidelines = text(20_000).nullable();
const humanMetricIds = z
  .array(id)
  .min(1, 'name at least one human metric')
  .max(reviewLimits.humanMetrics, `at most ${reviewLimits.humanMetrics} human metrics`)
  .refine((ids) => new Set(ids).size === ids.length, 'must not name one twice');
const reviewersPerItem = z.int().min(1).max(reviewLimits.reviewers);

export const createReviewQueue = z
  .strictObject({
    name,
    guidelines: guidelines.default(null),
    humanMetricIds,
    reviewersPerItem: reviewersPerItem.default(1),
    blind: z.boolean().default(true),
    showExpected: z.boolean().default(true),
  })
  .meta({ id: 'CreateReviewQueue' });
export type CreateReviewQueue = z.infer<typeof createReviewQueue>;

export const updateReviewQueue = z
  .strictObject({
    name: name.optional(),
    guidelines: guidelines.optional(),
    reviewersPerItem: reviewersPerItem.optional(),
    blind: z.boolean().optional(),
    showExpected: z.boolean().optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    message: 'give name, guidelines, reviewersPerItem, blind or showExpected',
  })
  .meta({ id: 'UpdateReviewQueue' });
export type UpdateReviewQueue = z.infer<typeof updateReviewQueue>;

const sample = z
  .int()
  .min(1)
  .max(reviewLimits.items, `a queue holds at most ${reviewLimits.items} items`);

export const addReviewItems = z
  .strictObject({
    runId: id,
    nos: z
      .array(z.int().min(0).max(2_147_483_647))
      .min(1)
      .max(1_000, 'at most 1,000 at once')
      .optional()
      .meta({ description: 'Places of items in the run' }),
    filter: itemFilter
      .omit({ sort: true, status: true, errorClass: true })
      .strict()
      .optional()
      .meta({ description: 'In place of nos: the completed items that it takes; {}: all of them' }),
    sample: sample.optional().meta({
      description: 'Only so many of them, drawn at random',
    }),
    seed: z.int().min(0).max(0xff_ff_ff_ff).optional().meta({
      description: 'Of the sample and of the order in which the items are shown; left out: random',
    }),
  })
  .refine(({ nos, filter }) => (nos === undefined) !== (filter === undefined), {
    path: ['filter'],
    message: 'give either nos or a filter',
  })
  .meta({ id: 'AddReviewItems' });
export type AddReviewItems = z.infer<typeof addReviewItems>;

const reviewState = z.enum(['held', 'done', 'skipped']);
export type ReviewState = z.infer<typeof reviewState>;

/** An item of a queue, as lists show it. */
export const reviewItem = z
  .object({
    place: z.int().meta({ description: 'In the queue, from 0' }),
    runId: id,
    runName: z
      .string()
      .nullable()
      .meta({ description: 'null: the queue is blind, and it is not done' }),
    no: z.int(),
    key: z.string(),
    repeat: z.int(),
    reviews: z.int().meta({ description: 'How many people have scored it' }),
    complete: z.boolean(),
    mine: reviewState.nullable().meta({ description: 'What the caller has done with it' }),
    runDeleted: z.boolean(),
  })
  .meta({ id: 'ReviewItem' });
export type ReviewItem = z.infer<typeof reviewItem>;

/** An item as whoever scores it sees it. */
export const reviewTask = z
  .object({
    place: z.int(),
    runId: id,
    runName: z.string().nullable().meta({ description: 'null: the queue is blind' }),
    no: z.int(),
    key: z.string(),
    repeat: z.int(),
    input: json,
    expected: json.nullable().meta({ description: 'null also where the queue does not show it' }),
    output: json.nullable(),
    context: json.nullable().meta({ description: 'What the target had retrieved' }),
    scores: z.array(score).nullable().meta({ description: 'null: the queue is blind' }),
    mine: z
      .object({
        state: reviewState,
        scores: z.array(humanScore.pick({ humanMetricId: true, value: true, comment: true })),
        note: z.string().nullable(),
      })
      .meta({ description: 'What the caller has given so far' }),
    heldUntil: timestamp.nullable().meta({ description: 'null: it was scored already' }),
  })
  .meta({ id: 'ReviewTask' });
export type ReviewTask = z.infer<typeof reviewTask>;

export const nextReview = z
  .object({
    task: reviewTask.nullable(),
    queue: reviewQueue,
    heldByOthers: z.int().meta({
      description: 'Items that are left only because somebody else has them before their eyes',
    }),
    ofDeletedRuns: z
      .int()
      .meta({ description: 'Items that are not shown since their run is deleted' }),
  })
  .meta({ id: 'NextReview' });
export type NextReview = z.infer<typeof nextReview>;

export const submitReview = z
  .strictObject({
    scores: z
      .array(setHumanScore)
      .max(reviewLimits.humanMetrics)
      .default([])
      .meta({ description: 'One for each human metric of the queue' }),
    note: text(5_000).nullable().default(null).meta({
      description: 'Becomes a note on the item of the run',
    }),
    skip: z.boolean().default(false).meta({ description: 'Leave it for later, or for others' }),
  })
  .meta({ id: 'SubmitReview' });
export type SubmitReview = z.infer<typeof submitReview>;

/** How far a review is; a client ignores versions older than the one it has. */
export const reviewSnapshot = z.object({
  queueId: id,
  version: z.int(),
  items: z.int(),
  complete: z.int(),
  reviews: z.int(),
});
export type ReviewSnapshot = z.infer<typeof reviewSnapshot>;

const params = z.object({ id });
const placeParams = params.extend({ place: z.coerce.number().int().min(0).max(2_147_483_647) });
const tag = 'Reviews';

export const reviewOperations = {
  listReviewQueues: defineOperation({
    id: 'listReviewQueues',
    method: 'GET',
    path: '/review-queues',
    summary: 'List the queues of items for people to score, newest first',
    tag,
    role: 'viewer',
    query: pageQuery.extend({
      deleted: flag.optional().meta({ description: 'true: the deleted ones' }),
    }),
    status: 200,
    response: page(reviewQueue),
  }),
  createReviewQueue: defineOperation({
    id: 'createReviewQueue',
    method: 'POST',
    path: '/review-queues',
    summary: 'Create a queue of items for people to score',
    tag,
    role: 'editor',
    body: createReviewQueue,
    status: 201,
    response: reviewQueue,
  }),
  getReviewQueue: defineOperation({
    id: 'getReviewQueue',
    method: 'GET',
    path: '/review-queues/{id}',
    summary: 'Get a queue, with how far it is',
    tag,
    role: 'viewer',
    params,
    status: 200,
    response: reviewQueueDetail,
  }),
  updateReviewQueue: defineOperation({
    id: 'updateReviewQueue',
    method: 'PATCH',
    path: '/review-queues/{id}',
    summary: 'Change a queue; its human metrics stay',
    tag,
    role: 'editor',
    params,
    body: updateReviewQueue,
    status: 200,
    response: reviewQueue,
  }),
  deleteReviewQueue: defineOperation({
    id: 'deleteReviewQueue',
    method: 'DELETE',
    path: '/review-queues/{id}',
    summary: 'Delete a queue; what people scored stays with the items',
    tag,
    role: 'editor',
    params,
    status: 204,
  }),
  restoreReviewQueue: defineOperation({
    id: 'restoreReviewQueue',
    method: 'POST',
    path: '/review-queues/{id}/restore',
    summary: 'Bring a deleted queue back',
    tag,
    role: 'editor',
    params,
    status: 200,
    response: reviewQueue,
  }),
  addReviewItems: defineOperation({
    id: 'addReviewItems',
    method: 'POST',
    path: '/review-queues/{id}/items',
    summary: 'Add completed items of a run to a queue, in random order',
    description: `What is in the queue already stays where it is. A queue holds at most ${reviewLimits.items} items: more are refused as a whole, a sample is not.`,
    tag,
    role: 'editor',
    params,
    body: addReviewItems,
    status: 200,
    response: z.object({
      added: z.int(),
      present: z.int().meta({ description: 'Were in the queue before' }),
      notCompleted: z.int().meta({ description: 'Of nos: have no output to score' }),
      queue: reviewQueue,
    }),
  }),
  listReviewItems: defineOperation({
    id: 'listReviewItems',
    method: 'GET',
    path: '/review-queues/{id}/items',
    summary: 'List the items of a queue, in their order',
    tag,
    role: 'viewer',
    params,
    query: pageQuery.extend({
      complete: flag.optional(),
      mine: z
        .enum(['done', 'skipped'])
        .optional()
        .meta({ description: 'Those that the caller has scored, or skipped' }),
    }),
    status: 200,
    response: page(reviewItem),
  }),
  deleteReviewItem: defineOperation({
    id: 'deleteReviewItem',
    method: 'DELETE',
    path: '/review-queues/{id}/items/{place}',
    summary: 'Take an item out of a queue; its scores stay with the run',
    tag,
    role: 'editor',
    params: placeParams,
    status: 204,
  }),
  takeNextReview: defineOperation({
    id: 'takeNextReview',
    method: 'POST',
    path: '/review-queues/{id}/next',
    summary: 'Get the next item that the caller is to score',
    description:
      'It is held for the caller for 15 minutes, so that no more people score it than are asked to; taking it again holds it anew.',
    tag,
    role: 'editor',
    params,
    body: z.strictObject({
      skipped: z.boolean().default(false).meta({ description: 'Also what the caller has skipped' }),
    }),
    status: 200,
    response: nextReview,
  }),
  getReviewTask: defineOperation({
    id: 'getReviewTask',
    method: 'GET',
    path: '/review-queues/{id}/items/{place}',
    summary: 'Get an item that the caller has scored, skipped or holds, to look at it again',
    tag,
    role: 'editor',
    params: placeParams,
    status: 200,
    response: reviewTask,
  }),
  submitReview: defineOperation({
    id: 'submitReview',
    method: 'POST',
    path: '/review-queues/{id}/items/{place}/review',
    summary: 'Score an item of a queue, or skip it',
    description:
      'Scored again, the earlier scores are replaced. An item that others have completed meanwhile still takes it: no work is lost.',
    tag,
    role: 'editor',
    params: placeParams,
    body: submitReview,
    status: 200,
    response: reviewQueue,
  }),
  exportReviews: defineOperation({
    id: 'exportReviews',
    method: 'GET',
    path: '/review-queues/{id}/export',
    summary: 'Download what people scored in a queue: a line for each score',
    description:
      'With the input and output of its item. Nothing is altered for spreadsheets: a cell that starts with `=`, `+`, `-` or `@` may be run as a formula where one opens the file.',
    tag,
    role: 'viewer',
    params,
    query: z.object({ format: z.enum(exportFormats).default('ndjson') }),
    downloads: ['application/x-ndjson', 'text/csv'],
    status: 200,
  }),
};
