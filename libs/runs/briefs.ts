import type { RunBrief, RunState } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';

/** What a list shows of a run, and whose it is. */
export type BriefOfProject = RunBrief & { projectId: string };

/** Of a project and a state that goes on; beyond, a list shows what a person scrolls to from the API. */
const GOING_MAX = 300;

/** States in which the numbers of a run may change by themselves, or soon will. */
const goingStates: readonly RunState[] = ['queued', 'running', 'paused'];

const columns = sql`r.id as "runId", r.project_id as "projectId", r.version::float8 as version,
  r.name, r.state, r.total, r.done, r.failed,
  to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt",
  r.deleted_at is not null as deleted`;

/** What lists show of these runs; what does not exist is left out. */
export async function briefsOf(
  database: Queryable,
  runIds: readonly string[],
): Promise<BriefOfProject[]> {
  if (runIds.length === 0) return [];
  return database.query<BriefOfProject>(
    sql`select ${columns} from evaluation_runs r where r.id = any(${[...runIds]}::uuid[])`,
  );
}

/**
 * The runs of these projects that go on, at most 300 of each project and state, and the newest.
 * There is no index by the time of a change, on purpose: a run's row changes with every batch, and an
 * index on what changes would have to be written with every one of them, and with it all others of the
 * table. So the runs that may change are found by their states.
 * @param fresh the newest `count` of each project, or all but the first 500 that are not older
 */
export async function briefsOfProjects(
  database: Queryable,
  projectIds: readonly string[],
  fresh: { count: number } | { withinSeconds: number },
): Promise<BriefOfProject[]> {
  if (projectIds.length === 0) return [];
  const newest =
    'count' in fresh
      ? sql`order by r.created_at desc, r.id desc limit ${fresh.count}`
      : sql`and r.created_at > now() - make_interval(secs => ${fresh.withinSeconds})
          order by r.created_at desc, r.id desc limit 500`;
  return database.query<BriefOfProject>(sql`
    select going.* from unnest(${[...projectIds]}::uuid[]) p (id)
      cross join unnest(${[...goingStates]}::text[]) s (state)
      cross join lateral (
        select ${columns} from evaluation_runs r
        where r.project_id = p.id and r.state = s.state
        order by r.created_at desc, r.id desc limit ${GOING_MAX}
      ) going
    union
    select fresh.* from unnest(${[...projectIds]}::uuid[]) p (id)
      cross join lateral (
        select ${columns} from evaluation_runs r where r.project_id = p.id ${newest}
      ) fresh`);
}
