import type { Note } from '#libs/audit';
import type { Run, UpdateRun } from '#libs/contracts';
import { sql } from '#libs/database';
import { changeTogether, deletion, restoration } from './change-many.ts';
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
  note?: Note,
): Promise<void> {
  const refused = await changeTogether(context, projectId, [runId], deletion, note);
  for (const error of refused.values()) throw error;
}

/** Takes a deletion back; a run that is not deleted stays as it is. */
export async function restore(
  context: RunContext,
  projectId: string,
  runId: string,
  note?: Note,
): Promise<Run> {
  const refused = await changeTogether(context, projectId, [runId], restoration, note);
  for (const error of refused.values()) throw error;
  return getRun(context.database, projectId, runId);
}
