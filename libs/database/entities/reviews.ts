import type { HumanScale } from '#libs/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import { createdAt, uuidKey } from './columns.ts';

/** What people score outputs by. */
export const HumanMetricEntity = defineEntity({
  name: 'HumanMetric',
  tableName: 'human_metrics',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    name: p.text(),
    scale: p.json<HumanScale>().columnType('json'),
    guidelines: p.text().nullable(),
    createdAt: createdAt(),
    archivedAt: p.datetime().nullable(),
  },
  uniques: [{ name: 'human_metrics_name_unique', properties: ['projectId', 'name'] }],
});

/** What a person says of an item in one human metric; it stands by itself, whatever queue asked. */
export const HumanScoreEntity = defineEntity({
  name: 'HumanScore',
  tableName: 'human_scores',
  properties: {
    runId: p.uuid().primary(),
    no: p.integer().primary(),
    humanMetricId: p.uuid().primary(),
    keyId: p.uuid().primary(),
    /** Of yes or no, 1 or 0. With no category either, the person could not tell. */
    value: p.double().nullable(),
    category: p.text().nullable(),
    comment: p.text().nullable(),
    createdAt: createdAt(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});

export const ItemNoteEntity = defineEntity({
  name: 'ItemNote',
  tableName: 'item_notes',
  properties: {
    id: uuidKey(),
    runId: p.uuid(),
    no: p.integer(),
    keyId: p.uuid(),
    text: p.text(),
    createdAt: createdAt(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [{ name: 'item_notes_item_index', properties: ['runId', 'no', 'id'] }],
});

export const ReviewQueueEntity = defineEntity({
  name: 'ReviewQueue',
  tableName: 'review_queues',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    name: p.text(),
    guidelines: p.text().nullable(),
    /** In the order in which they are asked. */
    humanMetricIds: p.array().columnType('uuid[]'),
    reviewersPerItem: p.integer(),
    blind: p.boolean(),
    showExpected: p.boolean(),
    /** Kept with every change of an item or a review, under the lock of this row. */
    items: p.integer().default(0),
    complete: p.integer().default(0),
    reviews: p.integer().default(0),
    /** The place of the next item that is added. */
    nextPlace: p.integer().default(0),
    version: p.bigint('number').default(1),
    createdBy: p.uuid().nullable(),
    createdAt: createdAt(),
    deletedAt: p.datetime().nullable(),
  },
  indexes: [{ name: 'review_queues_project_index', properties: ['projectId', 'id'] }],
});

export const ReviewItemEntity = defineEntity({
  name: 'ReviewItem',
  tableName: 'review_items',
  properties: {
    queueId: p.uuid().primary(),
    place: p.integer().primary(),
    runId: p.uuid(),
    no: p.integer(),
    /** How many people have scored it. */
    done: p.integer().default(0),
  },
  indexes: [{ name: 'review_items_item_index', properties: ['runId', 'no'] }],
  uniques: [{ name: 'review_items_unique', properties: ['queueId', 'runId', 'no'] }],
});

/** What one person has done with an item of a queue. */
export const ReviewEntity = defineEntity({
  name: 'Review',
  tableName: 'reviews',
  properties: {
    queueId: p.uuid().primary(),
    place: p.integer().primary(),
    keyId: p.uuid().primary(),
    state: p.text().$type<'held' | 'done' | 'skipped'>(),
    heldUntil: p.datetime().nullable(),
    /** What was written with it, unless that was deleted since. */
    noteId: p.uuid().nullable(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [{ name: 'reviews_person_index', properties: ['queueId', 'keyId', 'state', 'place'] }],
});
