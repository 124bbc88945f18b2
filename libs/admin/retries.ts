import type { Note } from '#libs/audit';
import { RequestError, type Json, type RetriedFailures, type RetryFailures } from '#libs/contracts';
import { sql } from '#libs/database';
import { statesThatAllow } from '#libs/evaluation';
import type { FailedJob, QueueName } from '#libs/queues';
import { countReopened, fillSoon, reopen, type Which } from '#libs/runs';
import type { AdminContext } from './admin.ts';
import { askQueue } from './queues.ts';

/** Runs that one call retries at most. */
const BOUND = 500;

/** What is to be opened of which run; jobs of the queue that are settled by that. */
interface Part {
  runId: string;
  which: Which;
  jobs: FailedJob[];
}
interface Plan {
  parts: Part[];
  /** Jobs that the queue itself does once more. */
  sent: FailedJob[];
  more: boolean;
}

/**
 * Tries again what failed. Items are opened by `reopen`, run by run, each in a transaction of its own;
 * a run that cannot be retried is told and left as it is. A dry run looks by the same conditions and
 * touches nothing.
 * @throws {RequestError} `queue_unavailable`, and where one run is asked for, what refuses it
 */
export async function retryFailures(
  context: AdminContext,
  request: RetryFailures,
  note: Note,
): Promise<RetriedFailures> {
  const { dryRun } = request;
  const plan = await planOf(context, request);
  if (!dryRun) await note(context.database, deedOf(request));
  const queue = request.jobs?.queue;
  const answer: RetriedFailures = {
    dryRun,
    items: 0,
    jobs: 0,
    runs: [],
    refused: [],
    more: plan.more,
  };

  for (const { runId, which, jobs } of plan.parts) {
    try {
      const items = dryRun
        ? await countReopened(context.database, runId, which)
        : (await reopen(context, runId, which)).opened;
      answer.items += items;
      answer.jobs += jobs.length;
      if (items > 0) answer.runs.push({ runId, items });
      if (dryRun) continue;
      fillSoon(context, runId);
      if (queue) await settle(context, queue, jobs);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (request.runId !== undefined) throw error;
      answer.refused.push({ runId, code: error.code, message: error.message });
    }
  }
  for (const { id } of plan.sent) {
    if (!queue) break;
    const sent = dryRun || (await askQueue(context, () => context.queues.retryJob(queue, id)));
    if (sent) answer.jobs += 1;
  }
  return answer;
}

/** What is tried again by its items needs to stand among the failed jobs no more. */
async function settle(
  context: AdminContext,
  queue: QueueName,
  jobs: readonly FailedJob[],
): Promise<void> {
  for (const { id } of jobs) {
    // Its items are open already: a job that stays on the list is no harm.
    await context.queues.removeJob(queue, id).catch((error: unknown) => {
      context.logger.warn({ err: error, job: id }, 'a failed job stays on the list');
    });
  }
}

async function planOf(context: AdminContext, request: RetryFailures): Promise<Plan> {
  const { jobs, runId, errorClasses } = request;
  if (runId !== undefined) {
    return { parts: [{ runId, which: { errorClasses }, jobs: [] }], sent: [], more: false };
  }
  if (jobs) return planOfJobs(context, jobs);
  const rows = await context.database.query<{ id: string }>(sql`
    select distinct r.id from run_errors x join evaluation_runs r on r.id = x.run_id
    where x.class = any(${errorClasses ?? []}::text[]) and x.items > 0
      and r.project_id = ${request.projectId ?? null}::uuid and r.deleted_at is null
      and r.state = any(${statesThatAllow('retry')}::text[])
    order by r.id limit ${BOUND + 1}`);
  const parts = rows
    .slice(0, BOUND)
    .map(({ id }) => ({ runId: id, which: { errorClasses }, jobs: [] }));
  return { parts, sent: [], more: rows.length > BOUND };
}

async function planOfJobs(
  context: AdminContext,
  { queue, ids }: NonNullable<RetryFailures['jobs']>,
): Promise<Plan> {
  const found = await askQueue(context, () => context.queues.findFailedJobs(queue, ids));
  const parts = new Map<string, { batches: number[]; jobs: FailedJob[] }>();
  const sent: FailedJob[] = [];
  for (const job of found) {
    const { payload } = job;
    if (!('batch' in payload)) {
      sent.push(job);
      continue;
    }
    const part = parts.get(payload.runId) ?? { batches: [], jobs: [] };
    part.batches.push(payload.batch);
    part.jobs.push(job);
    parts.set(payload.runId, part);
  }
  return {
    parts: [...parts].map(([runId, { batches, jobs }]) => ({ runId, which: { batches }, jobs })),
    sent,
    more: false,
  };
}

function deedOf(request: RetryFailures) {
  const { jobs, runId, projectId, errorClasses } = request;
  const details: Record<string, Json> = {
    ...(jobs && { queue: jobs.queue, jobs: jobs.ids }),
    ...(errorClasses && { errorClasses }),
  };
  return {
    action: 'failures.retry' as const,
    projectId: projectId ?? null,
    target: runId ?? projectId ?? jobs?.queue ?? null,
    details,
  };
}
