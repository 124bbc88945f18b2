import type { ApiReplica, AuditAction, Json } from '#libs/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import { createdAt, uuidKey } from './columns.ts';

/** Worker processes, each by its last sign of life. */
export const WorkerEntity = defineEntity({
  name: 'Worker',
  tableName: 'workers',
  properties: {
    id: uuidKey(),
    version: p.text(),
    hostname: p.text(),
    pid: p.integer(),
    /** Jobs that it works on at the same time, by queue. */
    queues: p.json<Record<string, number>>().columnType('json'),
    rssBytes: p.bigint('number'),
    /** Jobs at work; `jobs` names the oldest of them. */
    jobCount: p.integer(),
    jobs: p.json<{ queue: string; id: string; since: string }[]>().columnType('json'),
    startedAt: p.datetime(),
    seenAt: p.datetime(),
  },
});

/** Replicas of the API, each by its last sign of life. */
export const ApiReplicaEntity = defineEntity({
  name: 'ApiReplica',
  tableName: 'api_replicas',
  properties: {
    id: uuidKey(),
    version: p.text(),
    hostname: p.text(),
    pid: p.integer(),
    rssBytes: p.bigint('number'),
    /** What it held then: sockets, rooms, connections. */
    load: p.json<Partial<ApiReplica>>().columnType('json'),
    startedAt: p.datetime(),
    seenAt: p.datetime(),
  },
});

/** What the workers of a queue got done in ten seconds. */
export const QueueThroughputEntity = defineEntity({
  name: 'QueueThroughput',
  tableName: 'queue_throughput',
  properties: {
    queue: p.text().primary(),
    /** When the ten seconds began. */
    at: p.datetime().primary(),
    /** Jobs that ended well, and that failed. */
    done: p.integer(),
    failed: p.integer(),
    /** Evaluation items that were closed. */
    items: p.integer(),
    /** For how long jobs were at work, summed over all of them. */
    busyMs: p.bigint('number'),
  },
});

/** Who did what, from where; never changed and never deleted. */
export const AuditEventEntity = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_events',
  properties: {
    id: uuidKey(),
    at: createdAt(),
    keyId: p.uuid(),
    keyName: p.text(),
    /** Null: the instance's. */
    projectId: p.uuid().nullable(),
    address: p.text(),
    requestId: p.text(),
    action: p.text().$type<AuditAction>(),
    target: p.text().nullable(),
    details: p.json<Record<string, Json>>().columnType('json'),
  },
  indexes: [
    { name: 'audit_events_time_index', properties: ['at', 'id'] },
    { name: 'audit_events_action_index', properties: ['action', 'at', 'id'] },
  ],
});
