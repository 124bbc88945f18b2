import {
  RequestError,
  runViewLimits,
  type CreateRunView,
  type RunView,
  type UpdateRunView,
} from '#libs/contracts';
import { isoTime, sql, uuid, type Database, type Queryable } from '#libs/database';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import { z } from 'zod';

const columns = sql`id, name, search, ${isoTime('created_at')} as "createdAt"`;

/** Views of the list of runs that were saved in a project, by name. @throws {RequestError} `invalid_cursor` */
export async function listViews(
  database: Queryable,
  projectId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<RunView>> {
  const after = decodeCursor(z.strictObject({ name: z.string() }), cursor);
  const rows = await database.query<RunView>(sql`
    select ${columns} from run_views
    where project_id = ${projectId} ${after ? sql`and name > ${after.name}` : sql``}
    order by name limit ${limit + 1}`);
  return toPage(
    rows,
    limit,
    (row) => row,
    ({ name }) => ({ name }),
  );
}

/** @throws {RequestError} `view_name_taken`, `too_many_views` */
export async function createView(
  database: Database,
  projectId: string,
  { name, search }: CreateRunView,
): Promise<RunView> {
  return database.transaction(async (tx) => {
    // Whoever saves one at the same moment waits, so that the bound holds.
    await tx.query(sql`select 1 from projects where id = ${projectId} for update`);
    const count = await tx.queryOne<{ count: number }>(
      sql`select count(*)::int as count from run_views where project_id = ${projectId}`,
    );
    if ((count?.count ?? 0) >= runViewLimits.views) {
      throw new RequestError(
        'conflict',
        'too_many_views',
        `This project has ${runViewLimits.views} saved views, which is all that it may have; delete one first.`,
      );
    }
    const view = await tx.queryOne<RunView>(sql`
      insert into run_views (id, project_id, name, search)
      values (${uuid()}, ${projectId}, ${name}, ${JSON.stringify(search)}::json)
      on conflict do nothing returning ${columns}`);
    if (!view) throw nameTaken(name);
    return view;
  });
}

/** @throws {RequestError} `view_not_found`, `view_name_taken` */
export async function updateView(
  database: Database,
  projectId: string,
  viewId: string,
  { name, search }: UpdateRunView,
): Promise<RunView> {
  return database.transaction(async (tx) => {
    // As above: nobody takes the name between the look and the change.
    await tx.query(sql`select 1 from projects where id = ${projectId} for update`);
    if (name !== undefined) {
      const taken = await tx.queryOne(sql`
        select 1 from run_views
        where project_id = ${projectId} and name = ${name} and id <> ${viewId}`);
      if (taken) throw nameTaken(name);
    }
    const view = await tx.queryOne<RunView>(sql`
      update run_views set name = coalesce(${name ?? null}, name),
        search = coalesce(${search === undefined ? null : JSON.stringify(search)}::json, search)
      where id = ${viewId} and project_id = ${projectId} returning ${columns}`);
    if (!view) throw viewNotFound();
    return view;
  });
}

/** @throws {RequestError} `view_not_found` */
export async function deleteView(
  database: Queryable,
  projectId: string,
  viewId: string,
): Promise<void> {
  const gone = await database.queryOne(sql`
    delete from run_views where id = ${viewId} and project_id = ${projectId} returning id`);
  if (!gone) throw viewNotFound();
}

const viewNotFound = (): RequestError =>
  new RequestError(
    'not_found',
    'view_not_found',
    'There is no such view in this project; GET /api/v1/run-views lists those that are.',
  );

const nameTaken = (name: string): RequestError =>
  new RequestError(
    'conflict',
    'view_name_taken',
    `There is a view "${name}" already; choose another name, or change that one.`,
    [{ field: 'name', message: 'is that of another view' }],
  );
