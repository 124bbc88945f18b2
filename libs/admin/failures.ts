import {
  errorClasses,
  type ErrorClass,
  type FailedItem,
  type FailedJob,
  type FailureCount,
} from '#libs/contracts';
import { exactTime, isoTime, sql, type Queryable } from '#libs/database';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import type { FailedJob as KeptJob, QueueName } from '#libs/queues';
import { z } from 'zod';
import type { AdminContext } from './admin.ts';
import { askQueue } from './queues.ts';

interface Period {
  from?: string | undefined;
  to?: string | undefined;
}

/** Jobs that are read from the queue in one go; it keeps about a thousand failed ones. */
const CHUNK = 250;
const jobCursor = z.strictObject({ at: z.number(), id: z.string() });

/** Newest first. What they carried are ids, and their reasons were made for people. */
export async function listFailedJobs(
  context: AdminContext,
  name: QueueName,
  query: PageQuery & Period & { runId?: string | undefined },
): Promise<Page<FailedJob>> {
  const { limit, runId } = query;
  const after = decodeCursor(jobCursor, query.cursor);
  const from = query.from === undefined ? -Infinity : Date.parse(query.from);
  const to = query.to === undefined ? Infinity : Date.parse(query.to);
  const found: KeptJob[] = [];
  for (let place = 0; found.length <= limit; place += CHUNK) {
    const jobs = await askQueue(context, () => context.queues.failedJobs(name, place, CHUNK));
    found.push(
      ...jobs.filter(({ id, payload, failedAt }) => {
        // Those of one millisecond go by their ids.
        const isAfter = !after || failedAt < after.at || (failedAt === after.at && id < after.id);
        const isOfRun = runId === undefined || ('runId' in payload && payload.runId === runId);
        return isAfter && isOfRun && failedAt >= from && failedAt < to;
      }),
    );
    if (jobs.length < CHUNK) break;
  }
  found.sort((a, b) => b.failedAt - a.failedAt || (a.id < b.id ? 1 : -1));
  return toPage(found, limit, present, ({ failedAt, id }) => ({ at: failedAt, id }));
}

const present = ({ payload, failedAt, ...job }: KeptJob): FailedJob => ({
  ...job,
  runId: 'runId' in payload ? payload.runId : null,
  batch: 'batch' in payload ? payload.batch : null,
  comparisonId: 'comparisonId' in payload ? payload.comparisonId : null,
  failedAt: new Date(failedAt).toISOString(),
});

const countCursor = z.strictObject({ runId: z.uuid(), errorClass: z.enum(errorClasses) });

/** Failed items as they are counted with each run, of runs that are not deleted; newest run first. */
export async function listFailures(
  database: Queryable,
  query: PageQuery & {
    projectId?: string | undefined;
    runId?: string | undefined;
    errorClass?: ErrorClass | undefined;
  },
): Promise<Page<FailureCount>> {
  const { projectId, runId, errorClass } = query;
  const after = decodeCursor(countCursor, query.cursor);
  const rows = await database.query<FailureCount>(sql`
    select x.run_id as "runId", r.name as "runName", r.project_id as "projectId",
      x.class as "errorClass", x.items
    from run_errors x join evaluation_runs r on r.id = x.run_id
    where x.items > 0 and r.deleted_at is null
      ${projectId === undefined ? sql`` : sql`and r.project_id = ${projectId}`}
      ${runId === undefined ? sql`` : sql`and x.run_id = ${runId}`}
      ${errorClass === undefined ? sql`` : sql`and x.class = ${errorClass}`}
      ${after ? sql`and (x.run_id, x.class) < (${after.runId}::uuid, ${after.errorClass})` : sql``}
    order by x.run_id desc, x.class desc limit ${query.limit + 1}`);
  return toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => ({ runId: row.runId, errorClass: row.errorClass }),
  );
}

const itemCursor = z.strictObject({
  at: z.iso.datetime().regex(/^[12]/),
  runId: z.uuid(),
  no: z.int32(),
});

/**
 * Failed items of all runs, newest first. Each class has its own part of an index that is in this
 * order, and of each no more is read than one page.
 */
export async function listFailedItems(
  database: Queryable,
  query: PageQuery & Period & { runId?: string | undefined; errorClass?: ErrorClass | undefined },
): Promise<Page<FailedItem>> {
  const { limit, runId, errorClass, from, to } = query;
  const after = decodeCursor(itemCursor, query.cursor);
  const classes = errorClass === undefined ? [...errorClasses] : [errorClass];
  const bounds = sql`
    ${runId === undefined ? sql`` : sql`and e.run_id = ${runId}`}
    ${from === undefined ? sql`` : sql`and e.created_at >= ${from}::timestamptz`}
    ${to === undefined ? sql`` : sql`and e.created_at < ${to}::timestamptz`}
    ${
      after
        ? sql`and (e.created_at, e.run_id, e.no)
            < (${after.at}::timestamptz, ${after.runId}::uuid, ${after.no}::int)`
        : sql``
    }`;
  const rows = await database.query<FailedItem & { exact: string }>(sql`
    select i.run_id as "runId", r.project_id as "projectId", i.no, i.key, i.repeat, i.attempt,
      i.error_class as "errorClass", i.error_message as message,
      ${isoTime('i.created_at')} as "failedAt",
      ${exactTime('i.created_at')} as exact
    from unnest(${classes}::text[]) as c (class)
    cross join lateral (
      select e.run_id, e.no, e.key, e.repeat, e.attempt, e.error_class, e.error_message, e.created_at
      from evaluation_items e
      where e.status = 'failed' and e.error_class = c.class ${bounds}
      order by e.created_at desc, e.run_id desc, e.no desc limit ${limit + 1}
    ) i join evaluation_runs r on r.id = i.run_id
    order by i.created_at desc, i.run_id desc, i.no desc limit ${limit + 1}`);
  return toPage(
    rows,
    limit,
    (row) => {
      const { exact: _, ...item } = row;
      return item;
    },
    (row) => ({ at: row.exact, runId: row.runId, no: row.no }),
  );
}
