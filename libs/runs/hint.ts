import { sql, type Queryable } from '#libs/database';
import { RUN_CHANGED_CHANNEL } from '#libs/queues';
import type { RunContext } from './context.ts';

/**
 * Sends a hint when the transaction commits, to every API replica that listens. On Redis hints come
 * from jobs instead (see `JobHandle.hint`).
 */
export const hintInTransaction = (
  context: RunContext,
  tx: Queryable,
  runId: string,
): Promise<void> => hintsInTransaction(context, tx, [runId]);

/** The same for many runs. */
export async function hintsInTransaction(
  { queues }: RunContext,
  tx: Queryable,
  runIds: readonly string[],
): Promise<void> {
  if (queues.kind !== 'postgresql') return;
  const hints = runIds.map((runId) => JSON.stringify({ runId }));
  await tx.query(sql`
    select pg_notify(${RUN_CHANGED_CHANNEL}, h.hint) from unnest(${hints}::text[]) as h (hint)`);
}

const HINT_INTERVAL_MS = 100;
const HINTS_REMEMBERED = 1_000;
const lastHint = new Map<string, number>();

/** At most ten hints a second for a run from one process; whoever shows it reads absolute numbers. */
export function hintIsDue(runId: string): boolean {
  const now = Date.now();
  if (now - (lastHint.get(runId) ?? 0) < HINT_INTERVAL_MS) return false;
  if (lastHint.size >= HINTS_REMEMBERED) lastHint.clear();
  lastHint.set(runId, now);
  return true;
}
