import { z } from 'zod';
import { flag, id, json, metadata, page, pageQuery, tags, text, timestamp } from './common.ts';
import { importId } from './imports.ts';
import { defineOperation } from './operation.ts';

const LONGEST_SCHEMA = 100_000;
/** A JSON Schema that items have to meet. The server checks that it is one. */
export const itemSchema = z
  .record(z.string(), json, { error: 'must be a JSON Schema: an object' })
  .refine((schema) => JSON.stringify(schema).length <= LONGEST_SCHEMA, {
    message: `must have at most ${LONGEST_SCHEMA} characters as JSON`,
  })
  .meta({
    id: 'ItemSchema',
    description: 'A JSON Schema (draft 2020-12); patterns are RE2 patterns',
    override: { type: 'object' },
  });
export type ItemSchema = z.infer<typeof itemSchema>;

export const dataset = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    inputSchema: itemSchema.nullable().meta({ description: 'null: any input' }),
    expectedSchema: itemSchema.nullable().meta({
      description: 'For items that have an expected value; null: any',
    }),
    latestVersion: z.int().nullable().meta({ description: 'null: no version yet' }),
    itemCount: z.int().meta({ description: 'Items in the latest version' }),
    createdAt: timestamp,
    deletedAt: timestamp.nullable(),
  })
  .meta({ id: 'Dataset' });
export type Dataset = z.infer<typeof dataset>;

const description = text(2000);
const newVersionsOnly = 'Holds for what is uploaded or edited from now on; versions never change';

export const createDataset = z
  .strictObject({
    name: text(200),
    description: description.nullish(),
    tags: tags.optional(),
    inputSchema: itemSchema.nullish(),
    expectedSchema: itemSchema.nullish(),
  })
  .meta({ id: 'CreateDataset' });
export type CreateDataset = z.infer<typeof createDataset>;

export const updateDataset = z
  .strictObject({
    name: text(200).optional(),
    description: description.nullish().meta({ description: 'null removes it' }),
    tags: tags.optional().meta({ description: 'Replaces all of them' }),
    inputSchema: itemSchema.nullish().meta({ description: `null removes it. ${newVersionsOnly}` }),
    expectedSchema: itemSchema
      .nullish()
      .meta({ description: `null removes it. ${newVersionsOnly}` }),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    message: 'give name, description, tags, inputSchema or expectedSchema',
  })
  .meta({ id: 'UpdateDataset' });
export type UpdateDataset = z.infer<typeof updateDataset>;

/** How a version came about. */
export const versionOrigin = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('upload') }),
    z.object({
      kind: z.literal('edit'),
      baseVersion: z.int().nullable().meta({ description: 'null: there was no version before' }),
      put: z.int().meta({ description: 'Items added, or replaced by others' }),
      removed: z.int(),
      fromRunId: id.optional().meta({ description: 'The run that items were taken from' }),
    }),
  ])
  .meta({ id: 'VersionOrigin' });
export type VersionOrigin = z.infer<typeof versionOrigin>;

export const datasetVersion = z
  .object({
    datasetId: id,
    version: z.int(),
    itemCount: z.int(),
    origin: versionOrigin,
    createdAt: timestamp,
  })
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
    split: text(100).optional().meta({ description: 'Such as train, validation, test' }),
  })
  .meta({ id: 'DatasetItemInput' });
export type DatasetItemInput = z.infer<typeof datasetItemInput>;

const columnName = z
  .string()
  .min(1, 'must not be empty')
  .max(500, 'must have at most 500 characters')
  .meta({ description: 'A column; `a.b` reaches into the JSON in column `a`' });
const columnNames = z.array(columnName).min(1, 'must not be empty').max(200, 'at most 200 columns');
const columnsByField = z.record(text(200), columnName);
/** A value as it is in one column, or an object of several columns: by their names, or by others. */
const columnSource = z.union([columnName, columnNames, columnsByField], {
  error: 'must be a column, an array of columns, or an object of columns by field',
});

/** Where in a file the fields of an item are. Only what it names is read. */
export const columnMapping = z
  .strictObject({
    key: columnName.optional(),
    input: columnSource.optional().meta({ description: 'Left out: the column `input`' }),
    expected: columnSource.optional(),
    metadata: columnSource.optional(),
    tags: z
      .union([columnName, columnNames], { error: 'must be a column, or an array of columns' })
      .optional(),
    split: columnName.optional(),
  })
  .meta({ id: 'ColumnMapping' });
export type ColumnMapping = z.infer<typeof columnMapping>;

/** The mapping as it stands in a query: JSON. */
const mappingText = z
  .string()
  .max(20_000, 'must have at most 20000 characters')
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  })
  .pipe(columnMapping);

/** What parts the cells of a CSV file. */
export const csvDelimiters = [',', ';', 'tab', '|'] as const;

const versionUpload = z.object({
  mapping: mappingText.optional().meta({
    description:
      'JSON that says which columns the fields of an item are in, see the schema ColumnMapping; for all formats. Only what it names is read. Left out: columns and fields have the names of the fields of an item.',
    example: '{"key":"id","input":["question","context"],"expected":"answers.text"}',
    override: {
      type: 'string',
      contentMediaType: 'application/json',
      contentSchema: { $ref: '#/components/schemas/ColumnMapping' },
    },
  }),
  delimiter: z
    .enum(csvDelimiters, { error: `must be one of ${csvDelimiters.join(' ')}` })
    .optional()
    .meta({ description: 'What parts the cells of `text/csv`; left out: a comma' }),
  sheet: text(200)
    .optional()
    .meta({ description: 'The sheet of an XLSX workbook, by name; left out: the first' }),
  importId,
});

export const datasetItem = z
  .object({
    position: z.int(),
    key: z.string(),
    input: json,
    expected: json.nullable(),
    metadata: z.record(z.string(), json),
    tags: z.array(z.string()),
    split: z.string().nullable(),
  })
  .meta({ id: 'DatasetItem' });
export type DatasetItem = z.infer<typeof datasetItem>;

export const itemChanges = ['added', 'removed', 'changed'] as const;
export const itemChange = z.enum(itemChanges);
export type ItemChange = z.infer<typeof itemChange>;

/** What has become of one item between two versions. */
export const itemDifference = z
  .object({
    key: z.string(),
    change: itemChange,
    before: datasetItem.nullable().meta({ description: 'null where it was added' }),
    after: datasetItem.nullable().meta({ description: 'null where it was removed' }),
  })
  .meta({ id: 'ItemDifference' });
export type ItemDifference = z.infer<typeof itemDifference>;

export const versionDifference = page(itemDifference)
  .extend({
    from: z.int().nullable().meta({ description: 'null: there is no version before the first' }),
    to: z.int(),
    counts: z.object({
      added: z.int(),
      removed: z.int(),
      changed: z.int(),
      unchanged: z.int(),
    }),
  })
  .meta({ id: 'VersionDifference' });
export type VersionDifference = z.infer<typeof versionDifference>;

const MOST_EDITED = 1000;
const atMost = (what: string) => `at most ${MOST_EDITED} ${what}; upload a version for more`;

/** Items of a run that become items of a dataset: the dataset item behind each of them. */
export const itemsFromRun = z.strictObject({
  runId: id,
  items: z
    .array(
      z.strictObject({
        key: text(500),
        repeat: z.int().min(0).max(999).default(0).meta({ description: 'Counted from 0' }),
      }),
    )
    .min(1, 'give at least one item')
    .max(MOST_EDITED, atMost('items')),
  expected: z.enum(['keep', 'output']).default('keep').meta({
    description: '`output`: what the run gave becomes the expected value',
  }),
  tags: tags.optional().meta({ description: 'Added to those that the items have' }),
});
export type ItemsFromRun = z.infer<typeof itemsFromRun>;

export const editDataset = z
  .strictObject({
    baseVersion: z.int().min(1).max(1_000_000_000).optional().meta({
      description:
        'What the edit was made on; refused with `version_conflict` where it is not the latest any more. Left out: the latest, whichever it is',
    }),
    put: z.array(datasetItemInput).max(MOST_EDITED, atMost('items')).optional().meta({
      description:
        'Each replaces the item of its key where it stands, or is added at the end. Without a key it gets a hash of its content, as in an upload',
    }),
    remove: z
      .array(text(500))
      .max(MOST_EDITED, atMost('keys'))
      .optional()
      .meta({ description: 'Keys of the base version' }),
    fromRun: itemsFromRun.optional().meta({
      description:
        'Each item keeps its key, gets `fromRun: {runId, key, repeat}` in its metadata, and replaces or is added like those of `put`, after them',
    }),
  })
  .refine(({ put, remove, fromRun }) => put?.length || remove?.length || fromRun, {
    message: 'give put, remove or fromRun',
  })
  .meta({ id: 'EditDataset' });
export type EditDataset = z.infer<typeof editDataset>;

export const exportFormats = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const versionNumber = z.coerce.number().int().min(1).max(1_000_000_000);

const datasetParams = z.object({ id });
const versionParams = z.object({ id, version: versionNumber });

export const datasetOperations = {
  createDataset: defineOperation({
    id: 'createDataset',
    method: 'POST',
    path: '/datasets',
    summary: 'Create a dataset',
    tag: 'Datasets',
    role: 'editor',
    body: createDataset,
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
    query: pageQuery.extend({
      deleted: flag.optional().meta({ description: 'true: the deleted ones' }),
    }),
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
    params: datasetParams,
    status: 200,
    response: dataset,
  }),
  updateDataset: defineOperation({
    id: 'updateDataset',
    method: 'PATCH',
    path: '/datasets/{id}',
    summary: 'Rename a dataset, or change its description, tags or schemas',
    description:
      'Schemas hold for what is uploaded or edited from now on: versions that exist are neither checked nor changed.',
    tag: 'Datasets',
    role: 'editor',
    params: datasetParams,
    body: updateDataset,
    status: 200,
    response: dataset,
  }),
  deleteDataset: defineOperation({
    id: 'deleteDataset',
    method: 'DELETE',
    path: '/datasets/{id}',
    summary: 'Delete a dataset; it can be restored',
    description:
      'Its runs and versions can still be read; new runs, uploads and edits are refused with `dataset_deleted`.',
    tag: 'Datasets',
    role: 'editor',
    params: datasetParams,
    status: 204,
  }),
  restoreDataset: defineOperation({
    id: 'restoreDataset',
    method: 'POST',
    path: '/datasets/{id}/restore',
    summary: 'Take the deletion of a dataset back',
    tag: 'Datasets',
    role: 'editor',
    params: datasetParams,
    status: 200,
    response: dataset,
  }),
  editDataset: defineOperation({
    id: 'editDataset',
    method: 'POST',
    path: '/datasets/{id}/edits',
    summary: 'Make a new version by editing the latest',
    description:
      'Puts and removes items, and takes items of a run over ("add this failure to a dataset"). The order of what stays is kept. Items that are put or taken over are checked as in an upload, by the schemas of the dataset too; those that stay are not checked again. What would change nothing is refused with `nothing_changed`.',
    tag: 'Datasets',
    role: 'editor',
    params: datasetParams,
    body: editDataset,
    status: 201,
    response: datasetVersion,
  }),
  createDatasetVersion: defineOperation({
    id: 'createDatasetVersion',
    method: 'POST',
    path: '/datasets/{id}/versions',
    summary: 'Upload a new immutable version',
    description:
      'One item a line (NDJSON), a JSON array of items, or a table with a header: CSV, TSV, XLSX or Parquet. All but the last two stream; those are at most 2 GB. Anything wrong refuses the whole version: `errors` names the first hundred lines, `detail` says how many there are. Input and expected are held against the schemas of the dataset.',
    tag: 'Datasets',
    role: 'editor',
    params: z.object({ id }),
    query: versionUpload,
    streams: [
      'application/x-ndjson',
      'application/json',
      'text/csv',
      'text/tab-separated-values',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'application/vnd.apache.parquet',
    ],
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
    params: versionParams,
    query: pageQuery.extend({
      split: text(100).optional(),
      tag: text(100).optional(),
      key: text(500).optional(),
    }),
    status: 200,
    response: page(datasetItem),
  }),
  exportDatasetVersion: defineOperation({
    id: 'exportDatasetVersion',
    method: 'GET',
    path: '/datasets/{id}/versions/{version}/export',
    summary: 'Download the items of a version',
    description:
      'An upload of the file gives equal items. NDJSON: one item a line, as an upload takes it; what an item lacks is left out. CSV: the columns key, input, expected, metadata, tags, split; texts as they are, objects and arrays as JSON, and whatever would be read otherwise as `json:` and its JSON, such as the number `json:42` or the text `json:"[1]"`. Nothing is altered for spreadsheets: a cell that starts with `=`, `+`, `-` or `@` may be run as a formula where one opens the file. A download that fails breaks off without an end.',
    tag: 'Datasets',
    role: 'viewer',
    params: versionParams,
    query: z.object({ format: z.enum(exportFormats).default('ndjson') }),
    downloads: ['application/x-ndjson', 'text/csv'],
    status: 200,
  }),
  compareDatasetVersions: defineOperation({
    id: 'compareDatasetVersions',
    method: 'GET',
    path: '/datasets/{id}/versions/{version}/difference',
    summary: 'List what has changed between two versions, by key',
    description:
      'An item is changed where input, expected, metadata, tags or split differ. Input and expected are compared as the JSON text that is stored: the order of keys inside them counts, white space does not. The order of keys in metadata does not count, the order of tags does. Another place in the order of items is no change.',
    tag: 'Datasets',
    role: 'viewer',
    params: versionParams,
    query: pageQuery.extend({
      // It holds a key, of up to 500 characters of any kind.
      cursor: z.string().max(5000).optional(),
      from: versionNumber
        .optional()
        .meta({ description: 'Left out: the version before; any other may be given' }),
      change: itemChange.optional().meta({ description: 'Only these; counts are of all' }),
    }),
    status: 200,
    response: versionDifference,
  }),
};
