import { RequestError, type Run, type RunState } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { nextState, statesThatAllow, type RunAction } from '#libs/evaluation';
import type { RunContext } from './context.ts';
import { fillSoon } from './fill.ts';
import { getRun, runIsDeleted, runNotFound } from './rows.ts';
import { hintInTransaction } from './hint.ts';

/** Refuses an action that a run in that state does not allow, and says which states do. */
export const refuse = (action: RunAction, state: RunState): RequestError =>
  new RequestError(
    'conflict',
    'run_state',
    `A run that is ${state} cannot be ${past[action]}; only one that is ${statesThatAllow(action).join(' or ')} can.`,
  );

const past: Record<RunAction, string> = {
  start: 'started',
  pause: 'paused',
  resume: 'resumed',
  cancel: 'canceled',
  complete: 'completed',
  fail: 'failed',
  retry: 'retried',
};

/**
 * Locks a run of the project and answers with its state.
 * @throws {RequestError} `run_not_found`, `run_deleted`
 */
export async function lockRun(tx: Queryable, projectId: string, runId: string): Promise<RunState> {
  const run = await tx.queryOne<{ state: RunState; deleted: boolean }>(sql`
    select state, deleted_at is not null as deleted from evaluation_runs
    where id = ${runId} and project_id = ${projectId} for update`);
  if (!run) throw runNotFound();
  if (run.deleted) throw runIsDeleted();
  return run.state;
}

/**
 * Pauses, resumes or cancels. Asking for the state that the run has already changes nothing.
 *
 * A pause takes nothing from the run's time. Resuming is a person's word that it is worth going on, so
 * failures before it do not stop the run: neither while it is paused nor right after. A cap that was
 * reached meanwhile does, as soon as `fill` sees it.
 */
export async function control(
  context: RunContext,
  action: 'pause' | 'resume' | 'cancel',
  projectId: string,
  runId: string,
): Promise<Run> {
  const { database } = context;
  await database.transaction(async (tx) => {
    const state = await lockRun(tx, projectId, runId);
    const next = nextState(state, action);
    if (next === undefined) {
      if (state === reached[action]) return;
      throw refuse(action, state);
    }
    await tx.query(sql`
      update evaluation_runs
      set state = ${next}, version = version + 1, updated_at = now(),
        ${changes[action]}
      where id = ${runId}`);
    await hintInTransaction(context, tx, runId);
  });
  if (action === 'resume') fillSoon(context, runId);
  return getRun(database, projectId, runId);
}

/** What each action changes beside the state. */
export const changes = {
  pause: sql`paused_at = now()`,
  resume: sql`deadline_at = deadline_at + (now() - paused_at), paused_at = null, streak = 0,
    streak_class = null`,
  cancel: sql`finished_at = now()`,
};
const reached = { pause: 'paused', resume: 'running', cancel: 'canceled' } as const;
