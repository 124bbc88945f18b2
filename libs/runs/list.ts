import {
  parseMeanRange,
  RequestError,
  runListLimits,
  type operations,
  type OperationInput,
  type Run,
  type RunFacets,
  type RunsFilter,
  type RunSort,
  type SortOrder,
} from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { decodeCursor, toPage, type Page } from '#libs/paging';
import { z } from 'zod';
import { selectRuns, toRun, type RunRow } from './rows.ts';

type ListQuery = OperationInput<typeof operations.listRuns>['query'];

/** As PostgreSQL writes it: to the microsecond, which a date of JavaScript would lose. */
const exactTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/)
  .refine((time) => !Number.isNaN(Date.parse(time.replace(/([+-]\d\d)$/, '$1:00'))));
const storable = z.string().refine((text) => !text.includes('\u0000'));

/** What a list is ordered by: a column that an index of the project has, with the id behind it. */
interface Sort {
  column: ReturnType<typeof sql>;
  /** Runs that have a place in the order; all of them where it is left out. */
  only?: ReturnType<typeof sql>;
  type: 'timestamptz' | 'text' | 'float8';
  place: z.ZodType<string | number>;
}

const sorts: Record<RunSort, Sort> = {
  created: { column: sql`r.created_at`, type: 'timestamptz', place: exactTime },
  finished: {
    column: sql`r.finished_at`,
    only: sql`and r.finished_at is not null`,
    type: 'timestamptz',
    place: exactTime,
  },
  name: { column: sql`r.sort_name`, type: 'text', place: storable },
  duration: {
    column: sql`r.duration_ms`,
    only: sql`and r.duration_ms is not null`,
    type: 'float8',
    place: z.number(),
  },
  mean: { column: sql`m.mean`, type: 'float8', place: z.number() },
};

/** The runs that meet all of a filter, as a condition on `r`. */
function meets(projectId: string, filter: RunsFilter) {
  const { id, name, state, datasetId, target, model, tag, createdBy, mean = [] } = filter;
  const { createdFrom, createdTo, deleted } = filter;
  const anyOf = (column: string, values: readonly string[] | undefined, type: 'uuid' | 'text') => {
    if (values === undefined) return sql``;
    const [only, another] = values;
    // One value is asked for as such: only then does an index give the rows in their order.
    return another === undefined
      ? sql`and ${sql.raw(column)} = ${only}::${sql.raw(type)}`
      : sql`and ${sql.raw(column)} = any(${[...values]}::${sql.raw(type)}[])`;
  };
  const ranges = mean.flatMap((given) => parseMeanRange(given) ?? []);
  return sql`
    r.project_id = ${projectId}
    and r.deleted_at ${deleted === true ? sql`is not null` : sql`is null`}
    ${anyOf('r.id', id, 'uuid')} ${anyOf('r.state', state, 'text')}
    ${anyOf('r.dataset_id', datasetId, 'uuid')} ${anyOf('r.target_kind', target, 'text')}
    ${anyOf('r.model', model, 'text')} ${anyOf('r.created_by', createdBy, 'uuid')}
    ${name === undefined ? sql`` : sql`and position(lower(${name}) in r.sort_name) > 0`}
    ${tag === undefined ? sql`` : sql`and r.tags && ${tag}::text[]`}
    ${createdFrom === undefined ? sql`` : sql`and r.created_at >= ${createdFrom}::timestamptz`}
    ${createdTo === undefined ? sql`` : sql`and r.created_at < ${createdTo}::timestamptz`}
    ${ranges.length === 0 ? sql`` : sql`and r.state = 'completed'`}
    ${sql.join(
      ranges.map(
        ({ metric, min, max }) => sql`and exists (
          select 1 from run_metrics x
          where x.run_id = r.id and x.project_id = ${projectId} and x.name = ${metric}
            ${min === undefined ? sql`` : sql`and x.mean >= ${min}::float8`}
            ${max === undefined ? sql`` : sql`and x.mean <= ${max}::float8`}
            and x.mean is not null)`,
      ),
      sql` `,
    )}`;
}

interface ListedRow extends RunRow {
  place: string | number;
}

/**
 * Runs of a project that meet a filter, in an order; newest first, unless told otherwise.
 *
 * First the ids of the page are found by the index of the order, or of the filter, then what is shown of
 * them is read: what a run holds may be large.
 * @throws {RequestError} `invalid_cursor`; `metric_missing` where the order needs a metric
 */
export async function listRuns(
  database: Queryable,
  projectId: string,
  { limit, cursor, sort, metric, order, ...filter }: ListQuery,
): Promise<Page<Run>> {
  if (sort === 'mean' && metric === undefined) {
    throw new RequestError('invalid', 'metric_missing', 'To sort by a mean, name a metric too.', [
      { field: 'metric', message: "give a metric's name" },
    ]);
  }
  const { column, only = sql``, type, place } = sorts[sort];
  // A place in one order is none in another.
  const by = `${sort}/${order}/${sort === 'mean' ? metric : ''}`;
  const known = z.object({ place, id: z.uuid(), by: z.literal(by) });
  const after = decodeCursor(known, cursor);
  const { direction, beyond } = directions[order];
  const rows = await database.query<ListedRow>(sql`
    with listed as (
      select r.id, ${column} as place
      from ${from(sort, projectId, metric)}
      where ${meets(projectId, filter)} ${only}
        ${after === undefined ? sql`` : sql`and (${column}, r.id) ${beyond} (${after.place}::${sql.raw(type)}, ${after.id}::uuid)`}
      order by ${column} ${direction}, r.id ${direction} limit ${limit + 1}
    )
    ${selectRuns(sql`, listed.place`)} join listed on listed.id = r.id
    order by listed.place ${direction}, r.id ${direction}`);
  return toPage(rows, limit, toRun, (row) => ({ place: row.place, id: row.id, by }));
}

const directions: Record<SortOrder, Record<'direction' | 'beyond', ReturnType<typeof sql.raw>>> = {
  asc: { direction: sql.raw('asc'), beyond: sql.raw('>') },
  desc: { direction: sql.raw('desc'), beyond: sql.raw('<') },
};

const from = (sort: RunSort, projectId: string, metric: string | undefined) =>
  sort === 'mean'
    ? sql`run_metrics m join evaluation_runs r on r.id = m.run_id and r.state = 'completed'
        and m.project_id = ${projectId} and m.name = ${metric} and m.mean is not null`
    : sql`evaluation_runs r`;

/** How many runs meet a filter, as far as they are counted. */
export async function countRuns(
  database: Queryable,
  projectId: string,
  filter: RunsFilter,
): Promise<{ count: number; more: boolean }> {
  const most = runListLimits.counted;
  const row = await database.queryOne<{ count: number }>(sql`
    select count(*)::int as count from (
      select 1 from evaluation_runs r where ${meets(projectId, filter)} limit ${most + 1}
    ) found`);
  const count = row?.count ?? 0;
  return { count: Math.min(count, most), more: count > most };
}

/** Tags are in no index by project: those of the newest runs are counted. */
const RUNS_FOR_TAGS = 2_000;

/** What the runs of a project can be filtered by; every part reads a bounded part of an index. */
export async function getFacets(database: Queryable, projectId: string): Promise<RunFacets> {
  const most = runListLimits.facets;
  const datasets = await database.query<RunFacets['datasets'][number]>(sql`
    select d.id, d.name from datasets d
    where d.project_id = ${projectId}
      and exists (select 1 from evaluation_runs r where r.dataset_id = d.id)
    order by d.created_at desc, d.id desc limit ${most}`);
  const tags = await database.query<{ tag: string }>(sql`
    select t.tag from (
      select r.tags from evaluation_runs r where r.project_id = ${projectId}
      order by r.created_at desc, r.id desc limit ${RUNS_FOR_TAGS}
    ) newest cross join unnest(newest.tags) t (tag)
    group by t.tag order by count(*) desc, t.tag limit ${most}`);
  const ofRuns = (column: string) =>
    distinct(database, projectId, { table: 'evaluation_runs', column });
  const creators = await database.query<RunFacets['createdBy'][number]>(sql`
    select k.id as "keyId", k.name from api_keys k
    where k.id = any(${await ofRuns('created_by')}::uuid[]) order by k.name, k.id`);
  return {
    datasets,
    models: await ofRuns('model'),
    tags: tags.map(({ tag }) => tag),
    createdBy: creators,
    metrics: await distinct(database, projectId, {
      table: 'run_metrics',
      column: 'name',
      only: 'and mean is not null',
    }),
  };
}

/** The values of a column behind the project in an index: one look into it for each, not for each row. */
async function distinct(
  database: Queryable,
  projectId: string,
  { table, column, only = '' }: { table: string; column: string; only?: string },
): Promise<string[]> {
  const next = (beyond: ReturnType<typeof sql>) => sql`
    select ${sql.raw(column)} as value from ${sql.raw(table)}
    where project_id = ${projectId} and ${sql.raw(column)} ${beyond} ${sql.raw(only)}
    order by ${sql.raw(column)} limit 1`;
  const rows = await database.query<{ value: string }>(sql`
    with recursive found (value) as (
      (${next(sql`is not null`)})
      union all
      select (${next(sql`> found.value`)}) from found where found.value is not null
    )
    select value::text from found where value is not null limit ${runListLimits.facets}`);
  return rows.map(({ value }) => value);
}
