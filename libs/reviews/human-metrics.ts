import {
  annotationLimits,
  RequestError,
  type CreateHumanMetric,
  type HumanMetric,
  type UpdateHumanMetric,
} from '#libs/contracts';
import { isoTime, sql, uuid, type Database, type Queryable } from '#libs/database';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import { z } from 'zod';

const columns = sql`m.id, m.name, m.scale, m.guidelines, ${isoTime('m.created_at')} as "createdAt",
  ${isoTime('m.archived_at')} as "archivedAt"`;

/** By name: those in use, or the archived ones. @throws {RequestError} `invalid_cursor` */
export async function listHumanMetrics(
  database: Queryable,
  projectId: string,
  { limit, cursor, archived = false }: PageQuery & { archived?: boolean | undefined },
): Promise<Page<HumanMetric>> {
  const after = decodeCursor(z.strictObject({ name: z.string() }), cursor);
  const rows = await database.query<HumanMetric>(sql`
    select ${columns} from human_metrics m
    where m.project_id = ${projectId} and (m.archived_at is not null) = ${archived}
      ${after ? sql`and m.name > ${after.name}` : sql``}
    order by m.name limit ${limit + 1}`);
  return toPage(
    rows,
    limit,
    (row) => row,
    ({ name }) => ({ name }),
  );
}

/** @throws {RequestError} `human_metric_name_taken`, `too_many_human_metrics` */
export const createHumanMetric = (
  database: Database,
  projectId: string,
  { name, scale, guidelines }: CreateHumanMetric,
): Promise<HumanMetric> =>
  database.transaction(async (tx) => {
    // Whoever creates one at the same moment waits, so that the bound holds.
    await tx.query(sql`select 1 from projects where id = ${projectId} for update`);
    const count = await tx.queryOne<{ count: number }>(
      sql`select count(*)::int as count from human_metrics where project_id = ${projectId}`,
    );
    if ((count?.count ?? 0) >= annotationLimits.humanMetrics) {
      throw new RequestError(
        'conflict',
        'too_many_human_metrics',
        `A project has at most ${annotationLimits.humanMetrics} human metrics, the archived ones too; use one that is there.`,
      );
    }
    const made = await tx.queryOne<HumanMetric>(sql`
      insert into human_metrics as m (id, project_id, name, scale, guidelines)
      values (${uuid()}, ${projectId}, ${name}, ${JSON.stringify(scale)}::json, ${guidelines})
      on conflict do nothing returning ${columns}`);
    if (!made) throw nameTaken(name);
    return made;
  });

/** @throws {RequestError} `human_metric_not_found`, `human_metric_name_taken` */
export const updateHumanMetric = (
  database: Database,
  projectId: string,
  metricId: string,
  { name, guidelines, archived }: UpdateHumanMetric,
): Promise<HumanMetric> =>
  database.transaction(async (tx) => {
    await tx.query(sql`select 1 from projects where id = ${projectId} for update`);
    if (name !== undefined) {
      const taken = await tx.queryOne(sql`
        select 1 from human_metrics
        where project_id = ${projectId} and name = ${name} and id <> ${metricId}`);
      if (taken) throw nameTaken(name);
    }
    const changed = await tx.queryOne<HumanMetric>(sql`
      update human_metrics m set name = coalesce(${name ?? null}, name)
        ${guidelines === undefined ? sql`` : sql`, guidelines = ${guidelines}`}
        ${
          archived === undefined
            ? sql``
            : sql`, archived_at = ${archived ? sql`coalesce(archived_at, now())` : sql`null`}`
        }
      where id = ${metricId} and project_id = ${projectId} returning ${columns}`);
    if (!changed) throw humanMetricNotFound();
    return changed;
  });

/**
 * Those of these ids that the project has, in the order of the ids.
 * @throws {RequestError} `human_metric_not_found` where it lacks one
 */
export async function getHumanMetrics(
  database: Queryable,
  projectId: string,
  ids: readonly string[],
  field = 'humanMetricId',
): Promise<HumanMetric[]> {
  const rows = await database.query<HumanMetric>(sql`
    select ${columns} from unnest(${[...ids]}::uuid[]) with ordinality as asked (id, place)
    join human_metrics m on m.id = asked.id and m.project_id = ${projectId}
    order by asked.place`);
  if (rows.length < ids.length) throw humanMetricNotFound(field);
  return rows;
}

const humanMetricNotFound = (field?: string): RequestError =>
  new RequestError(
    'not_found',
    'human_metric_not_found',
    'There is no such human metric in this project; GET /api/v1/human-metrics lists those that are.',
    field === undefined ? [] : [{ field, message: 'names a human metric that does not exist' }],
  );

const nameTaken = (name: string): RequestError =>
  new RequestError(
    'conflict',
    'human_metric_name_taken',
    `There is a human metric "${name}" already, in use or archived; choose another name, or use that one.`,
    [{ field: 'name', message: 'is that of another human metric' }],
  );
