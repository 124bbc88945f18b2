import { noNote, type Note } from '#libs/audit';
import { RequestError, type Run, type UpdateRun } from '#libs/contracts';
import { sql } from '#libs/database';
import { isFinal } from '#libs/evaluation';
import type { RunContext } from './context.ts';
import { lockRun } from './control.ts';
import { getRun } from './rows.ts';
import { hintInTransaction } from './hint.ts';

/** Changes what people say of a run; what it is and what it gave never changes. */
export async function update(
  context: RunContext,
  projectId: string,
  runId: string,
  { name, tags, metadata }: UpdateRun,
): Promise<Run> {
  const { database } = context;
  await database.transaction(async (tx) => {
    await lockRun(tx, projectId, runId);
    await tx.query(sql`
      update evaluation_runs set
        name = coalesce(${name ?? null}, name),
        tags = coalesce(${tags ?? null}::text[], tags),
        metadata = coalesce(${metadata === undefined ? null : JSON.stringify(metadata)}::jsonb, metadata),
        version = version + 1, updated_at = now()
      where id = ${runId}`);
    await hintInTransaction(context, tx, runId);
  });
  return getRun(database, projectId, runId);
}

/**
 * Deletes a run for people: lists leave it out, and it takes no more orders until it is restored.
 * Deleting a deleted run changes nothing.
 * @throws {RequestError} `run_state` where it still goes
 */
export async function remove(
  context: RunContext,
  projectId: string,
  runId: string,
  note: Note = noNote,
): Promise<void> {
  const run = await getRun(context.database, projectId, runId);
  if (run.deletedAt !== null) return;
  await context.database.transaction(async (tx) => {
    const state = await lockRun(tx, projectId, runId);
    if (!isFinal(state)) {
      throw new RequestError(
        'conflict',
        'run_state',
        `A run that is ${state} cannot be deleted; cancel it first, or wait until it has finished.`,
      );
    }
    await tx.query(sql`
      update evaluation_runs set deleted_at = now(), version = version + 1 where id = ${runId}`);
    const details = { name: run.name };
    await note(tx, { action: 'run.delete', projectId, target: runId, details });
    await hintInTransaction(context, tx, runId);
  });
}

/** Takes a deletion back; a run that is not deleted stays as it is. */
export async function restore(
  context: RunContext,
  projectId: string,
  runId: string,
  note: Note = noNote,
): Promise<Run> {
  const { database } = context;
  await database.transaction(async (tx) => {
    const restored = await tx.queryOne<{ name: string }>(sql`
      update evaluation_runs set deleted_at = null, version = version + 1
      where id = ${runId} and project_id = ${projectId} and deleted_at is not null returning name`);
    // It is not deleted, or there is none.
    if (!restored) return;
    const details = { name: restored.name };
    await note(tx, { action: 'run.restore', projectId, target: runId, details });
    await hintInTransaction(context, tx, runId);
  });
  return getRun(database, projectId, runId);
}
