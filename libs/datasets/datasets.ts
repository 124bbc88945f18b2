import {
  RequestError,
  type Dataset,
  type DatasetItem,
  type DatasetVersion,
  type Json,
} from '#libs/contracts';
import { DatasetEntity, sql, uuid, type Queryable } from '#libs/database';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import { z } from 'zod';
import { timeCursor, toMilliseconds, utc } from './listing.ts';

interface DatasetRow {
  id: string;
  name: string;
  description: string | null;
  latest_version: number | null;
  item_count: number | null;
  created_at: string;
}

const toDataset = (row: DatasetRow): Dataset => ({
  id: row.id,
  name: row.name,
  description: row.description,
  latestVersion: row.latest_version,
  itemCount: row.item_count ?? 0,
  createdAt: toMilliseconds(row.created_at),
});

const selectDatasets = sql`
  select d.id, d.name, d.description, v.version as latest_version, v.item_count,
    ${utc('d.created_at')} as created_at
  from datasets d
  left join lateral (
    select version, item_count from dataset_versions
    where dataset_id = d.id order by version desc limit 1
  ) v on true`;

const datasetNotFound = (): RequestError =>
  new RequestError(
    'not_found',
    'dataset_not_found',
    'There is no such dataset in this project; GET /api/v1/datasets lists those that are.',
  );

export async function createDataset(
  database: Queryable,
  dataset: { projectId: string; name: string; description?: string | null | undefined },
): Promise<Dataset> {
  const row = {
    id: uuid(),
    projectId: dataset.projectId,
    name: dataset.name,
    description: dataset.description ?? null,
    createdAt: new Date(),
  };
  await database.em.insert(DatasetEntity, row);
  const { id, name, description } = row;
  const createdAt = row.createdAt.toISOString();
  return { id, name, description, latestVersion: null, itemCount: 0, createdAt };
}

/** @throws {RequestError} `dataset_not_found` */
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

/** Newest first. */
export async function listDatasets(
  database: Queryable,
  projectId: string,
  query: PageQuery,
): Promise<Page<Dataset>> {
  const after = decodeCursor(timeCursor, query.cursor);
  const rows = await database.query<DatasetRow>(sql`
    ${selectDatasets} where d.project_id = ${projectId}
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
    select dataset_id as "datasetId", version, item_count as "itemCount",
      ${utc('created_at')} as "createdAt"
    from dataset_versions where dataset_id = ${datasetId}
      ${after ? sql`and version < ${after.version}` : sql``}
    order by version desc limit ${query.limit + 1}`);
  return toPage(
    rows,
    query.limit,
    (row) => row,
    ({ version }) => ({ version }),
  );
}

interface ItemRow {
  position: number;
  key: string;
  input: Json;
  expected: Json | null;
  metadata: Record<string, Json>;
  tags: string[];
}
const positionCursor = z.strictObject({ position: z.int32() });

/** In the order of the upload. @throws {RequestError} `dataset_not_found`, `dataset_version_not_found` */
export async function listDatasetItems(
  database: Queryable,
  projectId: string,
  datasetId: string,
  version: number,
  query: PageQuery,
): Promise<Page<DatasetItem>> {
  const after = decodeCursor(positionCursor, query.cursor);
  await getDataset(database, projectId, datasetId);
  const found = await database.queryOne<{ id: string }>(
    sql`select id from dataset_versions where dataset_id = ${datasetId} and version = ${version}`,
  );
  if (!found) {
    throw new RequestError(
      'not_found',
      'dataset_version_not_found',
      `The dataset has no version ${version}; GET /api/v1/datasets/${datasetId}/versions lists those it has.`,
    );
  }
  const rows = await database.query<ItemRow>(sql`
    select position, key, input, expected, metadata, tags from dataset_items
    where version_id = ${found.id} and position > ${after?.position ?? -1}
    order by position limit ${query.limit + 1}`);
  return toPage(
    rows,
    query.limit,
    (row) => row,
    ({ position }) => ({ position }),
  );
}
