import { noNote, type Note } from '#libs/audit';
import {
  RequestError,
  tagLimits,
  type AuditAction,
  type ChangeRuns,
  type RunChange,
  type RunState,
} from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { isFinal, nextState } from '#libs/evaluation';
import pMap from 'p-map';
import type { RunContext } from './context.ts';
import { changes, refuse } from './control.ts';
import { hintsInTransaction } from './hint.ts';
import { retry } from './reopen.ts';
import { runIsDeleted, runNotFound } from './rows.ts';

interface Locked {
  id: string;
  name: string;
  state: RunState;
  tags: string[];
  deleted: boolean;
}

/** What is done to any number of runs in one statement. */
interface Order {
  /**
   * What is to be done to a run; undefined: it is so already.
   * @throws {RequestError} where the run, as it is, refuses it
   */
  due(run: Locked): { tags?: string[] } | undefined;
  /** Of the run `r`; `c.tags` are those that `due` said, as JSON. */
  set: ReturnType<typeof sql>;
  deed?: AuditAction;
}

export const deletion: Order = {
  due({ deleted, state }) {
    if (deleted) return undefined;
    if (isFinal(state)) return {};
    throw new RequestError(
      'conflict',
      'run_state',
      `A run that is ${state} cannot be deleted; cancel it first, or wait until it has finished.`,
    );
  },
  set: sql`deleted_at = now()`,
  deed: 'run.delete',
};

export const restoration: Order = {
  due: ({ deleted }) => (deleted ? {} : undefined),
  set: sql`deleted_at = null`,
  deed: 'run.restore',
};

const cancellation: Order = {
  due({ deleted, state }) {
    if (deleted) throw runIsDeleted();
    if (state === 'canceled') return undefined;
    if (nextState(state, 'cancel') === undefined) throw refuse('cancel', state);
    return {};
  },
  set: sql`state = 'canceled', updated_at = now(), ${changes.cancel}`,
};

const tagging = ({ add, remove }: { add: string[]; remove: string[] }): Order => ({
  due({ deleted, tags }) {
    if (deleted) throw runIsDeleted();
    const after = [...new Set([...tags.filter((tag) => !remove.includes(tag)), ...add])];
    if (after.length === tags.length && after.every((tag, at) => tag === tags[at]))
      return undefined;
    if (after.length <= tagLimits.tags) return { tags: after };
    throw new RequestError(
      'conflict',
      'too_many_tags',
      `The run would have ${after.length} tags; at most ${tagLimits.tags} are possible. Remove some first.`,
    );
  },
  set: sql`tags = array(select json_array_elements_text(c.tags::json)), updated_at = now()`,
});

const orders = { cancel: cancellation, delete: deletion, restore: restoration };
const orderOf = (change: Exclude<ChangeRuns, { action: 'retry' }>): Order =>
  change.action === 'tag' ? tagging(change) : orders[change.action];

/**
 * Changes runs of a project in one transaction, each as far as it lets that be done.
 * @returns the runs that refused it, each with the reason
 */
export async function changeTogether(
  context: RunContext,
  projectId: string,
  runIds: readonly string[],
  order: Order,
  note: Note = noNote,
): Promise<Map<string, RequestError>> {
  return context.database.transaction(async (tx) => {
    const runs = await lockRuns(tx, projectId, runIds);
    const refused = new Map<string, RequestError>();
    const due: { run: Locked; tags: string | null }[] = [];
    for (const id of runIds) {
      const run = runs.get(id);
      try {
        if (!run) throw runNotFound();
        const change = order.due(run);
        if (change) due.push({ run, tags: change.tags ? JSON.stringify(change.tags) : null });
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        refused.set(id, error);
      }
    }
    if (due.length === 0) return refused;
    const ids = due.map(({ run }) => run.id);
    await tx.query(sql`
      update evaluation_runs r set version = r.version + 1, ${order.set}
      from unnest(${ids}::uuid[], ${due.map(({ tags }) => tags)}::text[]) as c (id, tags)
      where r.id = c.id`);
    for (const { run } of order.deed ? due : []) {
      const { id: target, name } = run;
      if (order.deed) await note(tx, { action: order.deed, projectId, target, details: { name } });
    }
    await hintsInTransaction(context, tx, ids);
    return refused;
  });
}

/** In one order, so that two who lock the same runs do not wait for each other. */
async function lockRuns(
  tx: Queryable,
  projectId: string,
  runIds: readonly string[],
): Promise<Map<string, Locked>> {
  const rows = await tx.query<Locked>(sql`
    select id, name, state, tags, deleted_at is not null as deleted from evaluation_runs
    where id = any(${[...runIds]}::uuid[]) and project_id = ${projectId}
    order by id for update`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Runs that are opened again at once: each is a transaction of its own, which may open many items. */
const RETRIED_AT_ONCE = 3;

/** Does the same to many runs; what one of them refuses holds up no other. */
export async function changeMany(
  context: RunContext,
  projectId: string,
  change: ChangeRuns,
  note?: Note,
): Promise<RunChange[]> {
  const refused =
    change.action === 'retry'
      ? await retryEach(context, projectId, change.runIds)
      : await changeTogether(context, projectId, change.runIds, orderOf(change), note);
  return change.runIds.map((runId) => {
    const error = refused.get(runId);
    const refusal = error ? { code: error.code, detail: error.message } : null;
    return { runId, done: refusal === null, refusal };
  });
}

async function retryEach(
  context: RunContext,
  projectId: string,
  runIds: readonly string[],
): Promise<Map<string, RequestError>> {
  const refused = new Map<string, RequestError>();
  await pMap(
    runIds,
    async (runId) => {
      try {
        await retry(context, projectId, runId, {});
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        refused.set(runId, error);
      }
    },
    { concurrency: RETRIED_AT_ONCE },
  );
  return refused;
}
