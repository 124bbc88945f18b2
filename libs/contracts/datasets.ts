import { z } from 'zod';
import { id, json, metadata, page, pageQuery, tags, text, timestamp } from './common.ts';
import { defineOperation } from './operation.ts';

export const dataset = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullable(),
    latestVersion: z.int().nullable().meta({ description: 'null: no version yet' }),
    itemCount: z.int().meta({ description: 'Items in the latest version' }),
    createdAt: timestamp,
  })
  .meta({ id: 'Dataset' });
export type Dataset = z.infer<typeof dataset>;

export const datasetVersion = z
  .object({ datasetId: id, version: z.int(), itemCount: z.int(), createdAt: timestamp })
  .meta({ id: 'DatasetVersion' });
export type DatasetVersion = z.infer<typeof datasetVersion>;

/** One line of an upload. Unknown fields are refused, so that a misspelt one is not lost. */
export const datasetItemInput = z
  .strictObject({
    key: text(500).optional().meta({ description: 'Left out: a hash of the content' }),
    input: json,
    expected: json.optional(),
    metadata: metadata.optional(),
    tags: tags.optional(),
  })
  .meta({ id: 'DatasetItemInput' });
export type DatasetItemInput = z.infer<typeof datasetItemInput>;

export const datasetItem = z
  .object({
    position: z.int(),
    key: z.string(),
    input: json,
    expected: json.nullable(),
    metadata: z.record(z.string(), json),
    tags: z.array(z.string()),
  })
  .meta({ id: 'DatasetItem' });
export type DatasetItem = z.infer<typeof datasetItem>;

export const versionNumber = z.coerce.number().int().min(1).max(1_000_000_000);

export const datasetOperations = {
  createDataset: defineOperation({
    id: 'createDataset',
    method: 'POST',
    path: '/datasets',
    summary: 'Create a dataset',
    tag: 'Datasets',
    role: 'editor',
    body: z.strictObject({ name: text(200), description: text(2000).nullish() }),
    status: 201,
    response: dataset,
  }),
  listDatasets: defineOperation({
    id: 'listDatasets',
    method: 'GET',
    path: '/datasets',
    summary: 'List the datasets, newest first',
    tag: 'Datasets',
    role: 'viewer',
    query: pageQuery,
    status: 200,
    response: page(dataset),
  }),
  getDataset: defineOperation({
    id: 'getDataset',
    method: 'GET',
    path: '/datasets/{id}',
    summary: 'Get a dataset',
    tag: 'Datasets',
    role: 'viewer',
    params: z.object({ id }),
    status: 200,
    response: dataset,
  }),
  createDatasetVersion: defineOperation({
    id: 'createDatasetVersion',
    method: 'POST',
    path: '/datasets/{id}/versions',
    summary: 'Upload a new immutable version',
    description:
      'The body streams: one item a line (NDJSON), a JSON array of items, or CSV with a header. A bad line refuses the whole version and names the line.',
    tag: 'Datasets',
    role: 'editor',
    params: z.object({ id }),
    streams: ['application/x-ndjson', 'application/json', 'text/csv'],
    status: 201,
    response: datasetVersion,
  }),
  listDatasetVersions: defineOperation({
    id: 'listDatasetVersions',
    method: 'GET',
    path: '/datasets/{id}/versions',
    summary: "List a dataset's versions, newest first",
    tag: 'Datasets',
    role: 'viewer',
    params: z.object({ id }),
    query: pageQuery,
    status: 200,
    response: page(datasetVersion),
  }),
  listDatasetItems: defineOperation({
    id: 'listDatasetItems',
    method: 'GET',
    path: '/datasets/{id}/versions/{version}/items',
    summary: 'List the items of a version in their order',
    tag: 'Datasets',
    role: 'viewer',
    params: z.object({ id, version: versionNumber }),
    query: pageQuery,
    status: 200,
    response: page(datasetItem),
  }),
};
