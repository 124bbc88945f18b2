import { defineEntity, p } from '@mikro-orm/core';
import { createdAt, verbatimJson } from './columns.ts';

/** Answers of models and endpoints, by the hash of all that they depend on. */
export const CachedAnswerEntity = defineEntity({
  name: 'CachedAnswer',
  tableName: 'response_cache',
  properties: {
    projectId: p.uuid().primary(),
    /** SHA-256, hexadecimal. */
    key: p.text().primary(),
    answer: verbatimJson(),
    createdAt: createdAt(),
  },
  indexes: [{ name: 'response_cache_created_index', properties: ['createdAt'] }],
});

/** What all workers share of a place that is called: when the next call may begin, and how many at once. */
export const CallLaneEntity = defineEntity({
  name: 'CallLane',
  tableName: 'call_lanes',
  properties: {
    key: p.text().primary(),
    nextRequestAt: p.datetime().nullable(),
    nextTokenAt: p.datetime().nullable(),
    blockedUntil: p.datetime().nullable(),
    /** As far as it has adapted; null: nobody has complained yet. */
    concurrency: p.double().nullable(),
    halvedAt: p.datetime().nullable(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [{ name: 'call_lanes_updated_index', properties: ['updatedAt'] }],
});

/** The share of a lane's concurrency that one process holds. */
export const CallLaneHolderEntity = defineEntity({
  name: 'CallLaneHolder',
  tableName: 'call_lane_holders',
  properties: {
    key: p.text().primary(),
    holder: p.uuid().primary(),
    permits: p.integer(),
    inUse: p.integer(),
    wanted: p.integer(),
    expiresAt: p.datetime(),
  },
});
