import { RequestError, type Recording } from '#libs/contracts';
import { exactTime, sql, type Queryable } from '#libs/database';
import { decodeCursor, timeCursor, toPage, type Page, type PageQuery } from '#libs/paging';

const selectRecordings = sql`
  select id, name, output_count as "outputCount", ${exactTime('created_at')} as "createdAt"
  from recordings`;

/** @throws {RequestError} `recording_not_found` */
export async function getRecording(
  database: Queryable,
  projectId: string,
  recordingId: string,
): Promise<Recording> {
  const row = await database.queryOne<Recording>(
    sql`${selectRecordings} where id = ${recordingId} and project_id = ${projectId}`,
  );
  if (row) return row;
  throw new RequestError(
    'not_found',
    'recording_not_found',
    'There is no such recording in this project; GET /api/v1/recordings lists those that are.',
  );
}

/** Newest first. */
export async function listRecordings(
  database: Queryable,
  projectId: string,
  query: PageQuery,
): Promise<Page<Recording>> {
  const after = decodeCursor(timeCursor, query.cursor);
  const rows = await database.query<Recording>(sql`
    ${selectRecordings} where project_id = ${projectId}
      ${after ? sql`and (created_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql``}
    order by created_at desc, id desc limit ${query.limit + 1}`);
  return toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => ({ at: row.createdAt, id: row.id }),
  );
}
