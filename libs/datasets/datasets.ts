import { noNote, type Note } from '#libs/audit';
import {
  ITEMS_SEARCHED_AT_ONCE,
  MOST_RUNS_COUNTED,
  RequestError,
  type CreateDataset,
  type Dataset,
  type DatasetItem,
  type DatasetVersion,
  type ItemSchema,
  type UpdateDataset,
} from '#libs/contracts';
import {
  contains,
  type Database,
  DatasetEntity,
  exactTime,
  jsonContains,
  type Queryable,
  sql,
  uuid,
} from '#libs/database';
import type { Sandbox } from '#libs/evaluation';
import {
  decodeCursor,
  encodeCursor,
  timeCursor,
  toPage,
  type Page,
  type PageQuery,
} from '#libs/paging';
import { z } from 'zod';
import { checkItemSchemas } from './item-schemas.ts';
import { toMilliseconds } from './listing.ts';

interface DatasetRow {
  id: string;
  name: string;
  description: string | null;
  tags: string[];
  input_schema: ItemSchema | null;
  expected_schema: ItemSchema | null;
  latest_version: number | null;
  item_count: number | null;
  run_count: number;
  created_at: string;
  changed_at: string;
  deleted_at: string | null;
}

const toDataset = (row: DatasetRow): Dataset => ({
  id: row.id,
  name: row.name,
  description: row.description,
  tags: row.tags,
  inputSchema: row.input_schema,
  expectedSchema: row.expected_schema,
  latestVersion: row.latest_version,
  itemCount: row.item_count ?? 0,
  runCount: row.run_count,
  createdAt: toMilliseconds(row.created_at),
  changedAt: toMilliseconds(row.changed_at),
  deletedAt: row.deleted_at === null ? null : toMilliseconds(row.deleted_at),
});

const selectDatasets = sql`
  select d.id, d.name, d.description, d.tags, d.input_schema, d.expected_schema,
    v.version as latest_version, v.item_count, r.count as run_count,
    ${exactTime('d.created_at')} as created_at, ${exactTime('d.deleted_at')} as deleted_at,
    ${exactTime('coalesce(v.created_at, d.created_at)')} as changed_at
  from datasets d
  left join lateral (
    select version, item_count, created_at from dataset_versions
    where dataset_id = d.id order by version desc limit 1
  ) v on true
  cross join lateral (
    select count(*)::int as count from (
      select 1 from evaluation_runs
      where dataset_id = d.id and deleted_at is null limit ${sql.raw(String(MOST_RUNS_COUNTED))}
    ) as counted
  ) r`;

const datasetNotFound = (): RequestError =>
  new RequestError(
    'not_found',
    'dataset_not_found',
    'There is no such dataset in this project; GET /api/v1/datasets lists those that are.',
  );

const datasetDeleted = (datasetId: string): RequestError =>
  new RequestError(
    'conflict',
    'dataset_deleted',
    `The dataset is deleted; POST /api/v1/datasets/${datasetId}/restore brings it back.`,
  );

/** @throws {RequestError} `invalid_schema` naming the field */
export async function createDataset(
  deps: { database: Queryable; sandbox: Sandbox },
  projectId: string,
  given: CreateDataset,
): Promise<Dataset> {
  await checkItemSchemas(deps.sandbox, given);
  const row = {
    id: uuid(),
    projectId,
    name: given.name,
    description: given.description ?? null,
    tags: [...new Set(given.tags)],
    inputSchema: given.inputSchema ?? null,
    expectedSchema: given.expectedSchema ?? null,
    createdAt: new Date(),
  };
  await deps.database.em.insert(DatasetEntity, row);
  const { projectId: _, createdAt, ...shown } = row;
  return {
    ...shown,
    latestVersion: null,
    itemCount: 0,
    runCount: 0,
    createdAt: createdAt.toISOString(),
    changedAt: createdAt.toISOString(),
    deletedAt: null,
  };
}

/**
 * Changes what people say of a dataset, and the schemas that the items of later versions must meet.
 * Null removes; what is left out stays.
 * @throws {RequestError} `dataset_not_found`, `dataset_deleted`, `invalid_schema`
 */
export async function updateDataset(
  deps: { database: Queryable; sandbox: Sandbox },
  projectId: string,
  datasetId: string,
  change: UpdateDataset,
): Promise<Dataset> {
  const { database, sandbox } = deps;
  await checkItemSchemas(sandbox, change);
  const { name, description, tags, inputSchema, expectedSchema } = change;
  const json = (value: ItemSchema | null) => (value === null ? null : JSON.stringify(value));
  const updated = await database.queryOne(sql`
    update datasets set
      name = coalesce(${name ?? null}, name),
      tags = coalesce(${tags === undefined ? null : [...new Set(tags)]}::text[], tags)
      ${description === undefined ? sql`` : sql`, description = ${description}`}
      ${inputSchema === undefined ? sql`` : sql`, input_schema = ${json(inputSchema)}::json`}
      ${expectedSchema === undefined ? sql`` : sql`, expected_schema = ${json(expectedSchema)}::json`}
    where id = ${datasetId} and project_id = ${projectId} and deleted_at is null
    returning 1`);
  const dataset = await getDataset(database, projectId, datasetId);
  if (!updated) throw datasetDeleted(datasetId);
  return dataset;
}

/**
 * Deletes a dataset for people: lists leave it out and nothing new is made of it, until it is restored.
 * What was made of it stays as it is. Deleting a deleted dataset changes nothing.
 * @throws {RequestError} `dataset_not_found`
 */
export async function deleteDataset(
  database: Database,
  projectId: string,
  datasetId: string,
  note: Note = noNote,
): Promise<void> {
  await mark(database, projectId, datasetId, { action: 'dataset.delete', note });
}

/** Takes a deletion back. @throws {RequestError} `dataset_not_found` */
export async function restoreDataset(
  database: Database,
  projectId: string,
  datasetId: string,
  note: Note = noNote,
): Promise<Dataset> {
  await mark(database, projectId, datasetId, { action: 'dataset.restore', note });
  return getDataset(database, projectId, datasetId);
}

async function mark(
  database: Database,
  projectId: string,
  datasetId: string,
  { action, note }: { action: 'dataset.delete' | 'dataset.restore'; note: Note },
): Promise<void> {
  const deletes = action === 'dataset.delete';
  await database.transaction(async (tx) => {
    const changed = await tx.queryOne<{ name: string }>(sql`
      update datasets set deleted_at = ${deletes ? sql`now()` : sql`null`}
      where id = ${datasetId} and project_id = ${projectId}
        and deleted_at is ${deletes ? sql`null` : sql`not null`}
      returning name`);
    if (!changed) {
      // It is so already, or there is none.
      await getDataset(tx, projectId, datasetId);
      return;
    }
    await note(tx, { action, projectId, target: datasetId, details: { name: changed.name } });
  });
}

/** Deleted ones too. @throws {RequestError} `dataset_not_found` */
export async function getDataset(
  database: Queryable,
  projectId: string,
  datasetId: string,
): Promise<Dataset> {
  const row = await database.queryOne<DatasetRow>(
    sql`${selectDatasets} where d.id = ${datasetId} and d.project_id = ${projectId}`,
  );
  if (!row) throw datasetNotFound();
  return toDataset(row);
}

/**
 * A dataset of which new versions may be made.
 * @throws {RequestError} `dataset_not_found`, `dataset_deleted`
 */
export async function getOpenDataset(
  database: Queryable,
  projectId: string,
  datasetId: string,
): Promise<Dataset> {
  const dataset = await getDataset(database, projectId, datasetId);
  if (dataset.deletedAt !== null) throw datasetDeleted(datasetId);
  return dataset;
}

/**
 * Holds a dataset to the end of the transaction, so that its versions are made one after another.
 * @throws {RequestError} `dataset_not_found`, `dataset_deleted`
 */
export async function lockDataset(
  transaction: Queryable,
  projectId: string,
  datasetId: string,
): Promise<Dataset> {
  await transaction.query(sql`
    select 1 from datasets where id = ${datasetId} and project_id = ${projectId} for update`);
  // A statement of its own: what others committed while this one waited is seen by the next only.
  return getOpenDataset(transaction, projectId, datasetId);
}

/**
 * Newest first: those that are deleted, or those that are not; only those that meet all that is asked
 * for. What is searched for is looked for in one dataset of the project after another.
 */
export async function listDatasets(
  database: Queryable,
  projectId: string,
  query: PageQuery & {
    deleted?: boolean | undefined;
    search?: string | undefined;
    tag?: string | undefined;
  },
): Promise<Page<Dataset>> {
  const { search, tag } = query;
  const after = decodeCursor(timeCursor, query.cursor);
  const deleted = query.deleted ? sql`is not null` : sql`is null`;
  const rows = await database.query<DatasetRow>(sql`
    ${selectDatasets} where d.project_id = ${projectId} and d.deleted_at ${deleted}
      ${tag === undefined ? sql`` : sql`and ${tag} = any(d.tags)`}
      ${search === undefined ? sql`` : sql`and ${contains(sql`concat_ws(' ', d.name, d.description, array_to_string(d.tags, ' '))`, search)}`}
      ${after ? sql`and (d.created_at, d.id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
    order by d.created_at desc, d.id desc limit ${query.limit + 1}`);
  return toPage(rows, query.limit, toDataset, (row) => ({ at: row.created_at, id: row.id }));
}

const versionCursor = z.strictObject({ version: z.int32() });

/** Newest first. @throws {RequestError} `dataset_not_found` */
export async function listDatasetVersions(
  database: Queryable,
  projectId: string,
  datasetId: string,
  query: PageQuery,
): Promise<Page<DatasetVersion>> {
  const after = decodeCursor(versionCursor, query.cursor);
  await getDataset(database, projectId, datasetId);
  const rows = await database.query<DatasetVersion>(sql`
    select dataset_id as "datasetId", version, item_count as "itemCount", origin,
      ${exactTime('created_at')} as "createdAt", created_by as "createdBy"
    from dataset_versions where dataset_id = ${datasetId}
      ${after ? sql`and version < ${after.version}` : sql``}
    order by version desc limit ${query.limit + 1}`);
  return toPage(
    rows,
    query.limit,
    (row) => ({ ...row, createdAt: toMilliseconds(row.createdAt) }),
    ({ version }) => ({ version }),
  );
}

/** @throws {RequestError} `dataset_not_found`, `dataset_version_not_found` */
export async function findVersion(
  database: Queryable,
  projectId: string,
  datasetId: string,
  version: number,
): Promise<{ id: string; itemCount: number; dataset: Dataset }> {
  const dataset = await getDataset(database, projectId, datasetId);
  const found = await database.queryOne<{ id: string; itemCount: number }>(sql`
    select id, item_count as "itemCount" from dataset_versions
    where dataset_id = ${datasetId} and version = ${version}`);
  if (found) return { ...found, dataset };
  throw new RequestError(
    'not_found',
    'dataset_version_not_found',
    `The dataset has no version ${version}; GET /api/v1/datasets/${datasetId}/versions lists those it has.`,
  );
}

const positionCursor = z.strictObject({ position: z.int32() });

/**
 * In the order of the version; only those that meet all that is asked for. A key is found by its index
 * and a split by its own; tags are looked at one item after another, until the page is full. A search
 * ends after so many items, since it may find nothing in a million: its page may not be full, and the
 * next one goes on.
 * @throws {RequestError} `dataset_not_found`, `dataset_version_not_found`
 */
export async function listDatasetItems(
  database: Queryable,
  projectId: string,
  datasetId: string,
  version: number,
  query: PageQuery & {
    split?: string | undefined;
    tag?: string | undefined;
    key?: string | undefined;
    search?: string | undefined;
  },
): Promise<Page<DatasetItem> & { searchedTo?: number }> {
  const { split, tag, key, search } = query;
  const after = decodeCursor(positionCursor, query.cursor);
  const { id, itemCount } = await findVersion(database, projectId, datasetId, version);
  // Positions have no gaps.
  const searchedTo = Math.min((after?.position ?? -1) + ITEMS_SEARCHED_AT_ONCE, itemCount - 1);
  const rows = await database.query<DatasetItem & { isNull: boolean | null }>(sql`
    select position, key, input, expected, json_typeof(expected) = 'null' as "isNull", metadata, tags, split from dataset_items
    where version_id = ${id} and position > ${after?.position ?? -1}
      ${key === undefined ? sql`` : sql`and key = ${key}`}
      ${split === undefined ? sql`` : sql`and split = ${split}`}
      ${tag === undefined ? sql`` : sql`and ${tag} = any(tags)`}
      ${search === undefined ? sql`` : sql`and position <= ${searchedTo} and ${itemContains(search)}`}
    order by position limit ${query.limit + 1}`);
  const page = toPage(
    rows,
    query.limit,
    ({ isNull, ...item }) => ({
      ...item,
      ...(isNull === true && { expectedIsNull: true as const }),
    }),
    ({ position }) => ({ position }),
  );
  if (search === undefined) return page;
  if (page.nextCursor !== null) return { ...page, searchedTo: page.items.at(-1)?.position ?? 0 };
  const atEnd = searchedTo >= itemCount - 1;
  return { ...page, nextCursor: atEnd ? null : encodeCursor({ position: searchedTo }), searchedTo };
}

const itemContains = (search: string) =>
  sql`(${contains(sql`key`, search)} or ${jsonContains(sql`input`, search)}
    or ${jsonContains(sql`expected`, search)})`;
