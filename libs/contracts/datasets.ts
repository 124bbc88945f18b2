import { z } from 'zod';
import {
  fault,
  flag,
  id,
  json,
  metadata,
  page,
  pageQuery,
  tags,
  text,
  timestamp,
} from './common.ts';
import { itemFilter } from './evaluation-items.ts';
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

/** Runs of a dataset are counted no further. */
export const MOST_RUNS_COUNTED = 1000;

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
    runCount: z.int().meta({
      description: `Runs of all versions, without deleted ones; counted up to ${MOST_RUNS_COUNTED}`,
    }),
    createdAt: timestamp,
    changedAt: timestamp.meta({
      description: 'When the latest version was made; where there is none, the same as createdAt',
    }),
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
    z.object({
      kind: z.literal('upload'),
      baseVersion: z
        .int()
        .optional()
        .meta({ description: 'The version to whose items it was added' }),
    }),
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
    createdBy: z.string().nullable().meta({
      description: 'The name that the key had by which it was made; null: not known',
    }),
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

/** How the items lie in a file. */
const fileLayout = z.object({
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

const itemFormats = [
  'application/x-ndjson',
  'application/json',
  'text/csv',
  'text/tab-separated-values',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.apache.parquet',
] as const;
export type ItemMediaType = (typeof itemFormats)[number];

export const datasetItem = z
  .object({
    position: z.int(),
    key: z.string(),
    input: json,
    expected: json.nullable(),
    expectedIsNull: z.literal(true).optional().meta({
      description:
        'In lists: JSON null is expected. Left out, `expected: null` means that there is none',
    }),
    metadata: z.record(z.string(), json),
    tags: z.array(z.string()),
    split: z.string().nullable(),
  })
  .meta({ id: 'DatasetItem' });
export type DatasetItem = z.infer<typeof datasetItem>;

/** So many splits, and so many tags, a summary names: those with the most items. */
export const MOST_SUMMARIZED = 200;

export const versionSummary = z
  .object({
    itemCount: z.int(),
    expectedCount: z.int().meta({ description: 'Items that have an expected value' }),
    splitCount: z.int().meta({ description: 'Different splits' }),
    splits: z
      .array(z.object({ split: z.string().nullable(), items: z.int() }))
      .meta({ description: `The ${MOST_SUMMARIZED} with the most items; null: items without one` }),
    tagCount: z.int().meta({ description: 'Different tags' }),
    tags: z
      .array(z.object({ tag: z.string(), items: z.int() }))
      .meta({ description: `The ${MOST_SUMMARIZED} with the most items` }),
  })
  .meta({ id: 'VersionSummary' });
export type VersionSummary = z.infer<typeof versionSummary>;

export const previewLimits = {
  /** Rows, and items, that a preview shows. */
  rows: 20,
  columns: 200,
  /** Characters of a value; longer ones are cut. */
  characters: 300,
} as const;

const cutValue = json.meta({
  description: `Texts, and the JSON of what is no text, are cut after ${previewLimits.characters} characters`,
});

/** What an upload would make of a file, of which nothing is kept. */
export const uploadPreview = z
  .object({
    columns: z.array(z.string()).meta({
      description: `Columns of the table, or fields of the first objects, as the file names them; at most ${previewLimits.columns}`,
    }),
    sheets: z.array(z.string()).meta({ description: 'Of an XLSX workbook; empty for others' }),
    rows: z
      .array(z.object({ line: z.int(), cells: z.array(cutValue) }))
      .meta({ description: `The first ${previewLimits.rows}, as they stand in the file` }),
    items: z
      .array(
        z.object({
          line: z.int(),
          key: z.string().nullable().meta({ description: 'null: it is made from the content' }),
          input: cutValue,
          expected: cutValue.optional(),
          metadata: cutValue.optional(),
          tags: z.array(z.string()),
          split: z.string().nullable(),
        }),
      )
      .meta({ description: `The first ${previewLimits.rows} that an upload would make` }),
    lines: z.int().meta({ description: 'Lines that were read' }),
    wrongLines: z.int(),
    errors: z.array(fault).meta({ description: 'What is wrong, by line; the first hundred' }),
    whole: z.boolean().meta({
      description: 'Whether all of it was read; false where `lines`, or an error, ended it',
    }),
  })
  .meta({ id: 'UploadPreview' });
export type UploadPreview = z.infer<typeof uploadPreview>;

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
/** Items of a run that one edit takes over by a filter. */
export const MOST_FILTERED = 20_000;

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
    .max(MOST_EDITED, atMost('items'))
    .optional()
    .meta({ description: 'Either these or `filter`' }),
  filter: itemFilter.optional().meta({
    description: `In place of \`items\`: all that it takes, as in listRunItems, at most ${MOST_FILTERED}. Of an item that it takes with several repeats the first counts. Without \`put\` and \`remove\``,
  }),
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
  .refine(
    ({ fromRun }) => !fromRun || (fromRun.items === undefined) !== (fromRun.filter === undefined),
    {
      path: ['fromRun'],
      message: 'give either items or filter',
    },
  )
  .refine(({ put, remove, fromRun }) => !fromRun?.filter || (!put?.length && !remove?.length), {
    path: ['fromRun', 'filter'],
    message: 'stands alone: put and remove in an edit of their own',
  })
  .meta({ id: 'EditDataset' });
export type EditDataset = z.infer<typeof editDataset>;

/** So many items one call of a search looks through. */
export const ITEMS_SEARCHED_AT_ONCE = 20_000;

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
      search: text(200).optional().meta({
        description: 'Found in the name, the description or a tag, in upper or lower case',
      }),
      tag: text(100).optional(),
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
    query: fileLayout.extend({
      mode: z.enum(['replace', 'add']).default('replace').meta({
        description:
          '`add`: the items of the latest version stay; of one whose key it has, the new one takes the place',
      }),
    }),
    streams: itemFormats,
    status: 201,
    response: datasetVersion,
  }),
  previewDatasetVersion: defineOperation({
    id: 'previewDatasetVersion',
    method: 'POST',
    path: '/datasets/{id}/versions/preview',
    summary: 'See what an upload would make of a file; nothing is kept',
    description:
      'The body is read and checked as an upload would: fields, keys that stand twice, the schemas of the dataset. What is wrong is part of the answer; only what cannot be read at all is refused. Columns and rows are told also where the mapping does not fit them.',
    tag: 'Datasets',
    role: 'editor',
    params: z.object({ id }),
    query: fileLayout.extend({
      lines: z.coerce.number().int().min(1).max(1000).optional().meta({
        description: 'Read only so many lines; left out: all of them',
      }),
    }),
    streams: itemFormats,
    status: 200,
    response: uploadPreview,
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
    description: `A search looks through ${ITEMS_SEARCHED_AT_ONCE} items for a page: it may hold fewer than \`limit\`, or none, and still have a \`nextCursor\`, which goes on where it ended.`,
    tag: 'Datasets',
    role: 'viewer',
    params: versionParams,
    query: pageQuery.extend({
      split: text(100).optional(),
      tag: text(100).optional(),
      key: text(500).optional(),
      search: text(200).optional().meta({
        description:
          'Found in the key, or in the JSON of input or expected value, in upper or lower case',
      }),
    }),
    status: 200,
    response: page(datasetItem).extend({
      searchedTo: z.int().optional().meta({
        description: 'Of a search: the position up to which the version was looked through',
      }),
    }),
  }),
  getVersionSummary: defineOperation({
    id: 'getVersionSummary',
    method: 'GET',
    path: '/datasets/{id}/versions/{version}/summary',
    summary: 'Count the items of a version by split and by tag',
    tag: 'Datasets',
    role: 'viewer',
    params: versionParams,
    status: 200,
    response: versionSummary,
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
