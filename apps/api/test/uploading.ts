import { sql } from '#libs/database';
import type { Answer, TestApi } from './api.ts';

export const NDJSON = 'application/x-ndjson';

export const ndjson = (rows: readonly unknown[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Uploads a version of a dataset. */
export const upload = (
  api: TestApi,
  dataset: string,
  body: unknown,
  contentType = NDJSON,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  api.call('POST', `/api/v1/datasets/${dataset}/versions`, {
    headers: { 'content-type': contentType, ...headers },
    body,
  });

/** Uploads a recording. */
export const record = (
  api: TestApi,
  name: string,
  body: unknown,
  contentType = NDJSON,
): Promise<Answer> =>
  api.call('POST', `/api/v1/recordings?name=${encodeURIComponent(name)}`, {
    headers: { 'content-type': contentType },
    body,
  });

/** How much has been uploaded in all. */
export const rowCounts = (api: TestApi) =>
  api.database.queryOne<Record<'items' | 'versions' | 'outputs' | 'recordings', string>>(
    sql`select (select count(*) from dataset_items) as items,
      (select count(*) from dataset_versions) as versions,
      (select count(*) from recorded_outputs) as outputs,
      (select count(*) from recordings) as recordings`,
  );
