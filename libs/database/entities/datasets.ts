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
    createdAt: createdAt(),
  },
  indexes: [{ name: 'datasets_project_index', properties: ['projectId', 'createdAt', 'id'] }],
});

export const DatasetVersionEntity = defineEntity({
  name: 'DatasetVersion',
  tableName: 'dataset_versions',
  properties: {
    id: uuidKey(),
    datasetId: p.uuid(),
    version: p.integer(),
    itemCount: p.integer(),
    createdAt: createdAt(),
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
  },
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
  },
});
