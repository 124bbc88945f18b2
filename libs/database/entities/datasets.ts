import { defineEntity, p } from '@mikro-orm/core';
import { createdAt, uuidKey, verbatimJson } from './columns.ts';

export const DatasetEntity = defineEntity({
  name: 'Dataset',
  tableName: 'datasets',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    name: p.text(),
    description: p.text().nullable(),
    tags: p.array().defaultRaw(`'{}'`),
    /** JSON Schemas that the items of new versions must meet. */
    inputSchema: verbatimJson().nullable(),
    expectedSchema: verbatimJson().nullable(),
    createdAt: createdAt(),
    /** Deleted for people, and restorable; what runs need of it stays. */
    deletedAt: p.datetime().nullable(),
  },
  indexes: [
    { name: 'datasets_project_index', properties: ['projectId', 'createdAt', 'id'] },
    {
      name: 'datasets_deleted_index',
      properties: ['projectId', 'createdAt', 'id'],
      where: 'deleted_at is not null',
    },
  ],
});

export const DatasetVersionEntity = defineEntity({
  name: 'DatasetVersion',
  tableName: 'dataset_versions',
  properties: {
    id: uuidKey(),
    datasetId: p.uuid(),
    version: p.integer(),
    itemCount: p.integer(),
    /** How it came about: an upload, or an edit of an earlier version. */
    origin: verbatimJson().defaultRaw(`'{"kind": "upload"}'`),
    createdAt: createdAt(),
    /** The name that the key had by which it was made. */
    createdBy: p.text().nullable(),
  },
  uniques: [{ name: 'dataset_versions_number_unique', properties: ['datasetId', 'version'] }],
});

export const DatasetItemEntity = defineEntity({
  name: 'DatasetItem',
  tableName: 'dataset_items',
  primaryKeys: ['versionId', 'position'],
  properties: {
    versionId: p.uuid().primary(),
    position: p.integer().primary(),
    key: p.text(),
    input: verbatimJson(),
    expected: verbatimJson().nullable(),
    metadata: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    tags: p.array().defaultRaw(`'{}'`),
    /** Such as train, validation, test. */
    split: p.text().nullable(),
  },
  indexes: [
    {
      // Tags have none: a page reads the version in its order until it is full.
      name: 'dataset_items_split_index',
      properties: ['versionId', 'split', 'position'],
      where: 'split is not null',
    },
  ],
  uniques: [{ name: 'dataset_items_key_unique', properties: ['versionId', 'key'] }],
});

export const RecordingEntity = defineEntity({
  name: 'Recording',
  tableName: 'recordings',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    name: p.text(),
    outputCount: p.integer(),
    createdAt: createdAt(),
  },
  indexes: [{ name: 'recordings_project_index', properties: ['projectId', 'createdAt', 'id'] }],
});

export const RecordedOutputEntity = defineEntity({
  name: 'RecordedOutput',
  tableName: 'recorded_outputs',
  properties: {
    recordingId: p.uuid().primary(),
    key: p.text().primary(),
    repeat: p.integer().primary(),
    output: verbatimJson().nullable(),
    error: p.text().nullable(),
    latencyMs: p.double().nullable(),
    inputTokens: p.integer().nullable(),
    outputTokens: p.integer().nullable(),
    costUsd: p.double().nullable(),
    finishReason: p.text().nullable(),
    toolCalls: verbatimJson().nullable(),
    context: verbatimJson().nullable(),
  },
});

/** How far an upload has come; kept for a week. */
export const ImportEntity = defineEntity({
  name: 'Import',
  tableName: 'imports',
  properties: {
    /** Chosen by whoever uploads, so that it can be asked for while the upload goes on. */
    id: p.uuid().primary(),
    projectId: p.uuid(),
    state: p.text().$type<'running' | 'completed' | 'failed'>(),
    lines: p.integer().default(0),
    bytes: p.bigint('number').default(0),
    /** Why it failed. */
    detail: p.text().nullable(),
    createdAt: createdAt(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [{ name: 'imports_updated_index', properties: ['updatedAt'] }],
});
