import { RequestError, type RunState } from '#libs/contracts';
import { sql, uuid, type Queryable } from '#libs/database';
import type { GateContext } from './context.ts';
import { gatesFor } from './gates.ts';
import { checkedIn, checkedWithout, comparisonOf, storeResults, type Checked } from './results.ts';

/**
 * Decides, in the transaction that completes a run, that it is to be compared with the pinned baseline
 * of its dataset and its gates are to be checked. Nothing where none is pinned, or it is the baseline.
 */
export async function decideFollowUp(tx: Queryable, runId: string): Promise<void> {
  await tx.query(sql`
    insert into run_follow_ups (run_id, token)
    select r.id, ${uuid()} from evaluation_runs r
    join dataset_baselines b on b.dataset_id = r.dataset_id and b.run_id <> r.id
    where r.id = ${runId}
    on conflict (run_id) do update set token = excluded.token, comparison_id = null,
      created_at = now(), touched_at = now()`);
}

interface FollowUp {
  token: string;
  comparisonId: string | null;
  projectId: string;
  datasetId: string;
  state: RunState;
  deleted: boolean;
  baselineRunId: string | null;
}

/**
 * Does what was decided for a run, as far as it can be done now: compares it, and checks its gates once
 * the comparison has a result. Does nothing where nothing was decided, or all is done. May be called by
 * any number of processes at any time; what is still to be computed is done when it is called again.
 */
export async function followUpRun(context: GateContext, runId: string): Promise<void> {
  const { database } = context;
  const decided = await database.queryOne<FollowUp>(sql`
    select f.token, f.comparison_id as "comparisonId", r.project_id as "projectId",
      r.dataset_id as "datasetId", r.state, r.deleted_at is not null as deleted,
      b.run_id as "baselineRunId"
    from run_follow_ups f
    join evaluation_runs r on r.id = f.run_id
    left join dataset_baselines b on b.dataset_id = r.dataset_id
    where f.run_id = ${runId}`);
  if (!decided) return;
  const { token, projectId, datasetId, state, deleted, baselineRunId } = decided;
  // Opened again, it is decided anew when it completes.
  const goesOn = state !== 'completed' || deleted;
  const checked =
    goesOn || baselineRunId === null || baselineRunId === runId
      ? 'nothing'
      : await compare(context, { ...decided, runId, baselineRunId });
  if (checked === 'later') return;
  await database.transaction(async (tx) => {
    const ended = await tx.queryOne(sql`
      delete from run_follow_ups where run_id = ${runId} and token = ${token} returning 1`);
    if (!ended || checked === 'nothing') return;
    await storeResults(tx, projectId, await gatesFor(tx, projectId, datasetId), checked);
  });
}

async function compare(
  { database, comparisons }: GateContext,
  follow: FollowUp & { runId: string; baselineRunId: string },
): Promise<Checked | 'later'> {
  const { runId, baselineRunId, projectId, token } = follow;
  const runs = { runId, baselineRunId, comparisonId: follow.comparisonId };
  try {
    if (follow.comparisonId !== null) {
      const earlier = await comparisons.get(projectId, follow.comparisonId);
      const same = earlier.baselineRunId === baselineRunId;
      // Asked for once more it would begin again, and fail again, without end.
      if (same && earlier.state === 'failed') {
        return checkedWithout(runs, earlier.reason ?? 'No reason is known.');
      }
    }
    const asked = await comparisons.compare(projectId, comparisonOf(baselineRunId, runId));
    const atOnce = checkedIn(asked);
    if (atOnce) return atOnce;
    await database.query(sql`
      update run_follow_ups set comparison_id = ${asked.id}, touched_at = now()
      where run_id = ${runId} and token = ${token}`);
    // Whoever has computed it meanwhile did not know yet that this waits for it.
    return checkedIn(await comparisons.get(projectId, asked.id)) ?? 'later';
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return checkedWithout(runs, error.message);
  }
}

/** Goes on with all that has waited for a comparison. Never throws: the reconciler comes by. */
export async function followUpComparison(
  context: GateContext,
  comparisonId: string,
): Promise<void> {
  try {
    const waiting = await context.database.query<{ runId: string }>(sql`
      select run_id as "runId" from run_follow_ups where comparison_id = ${comparisonId}`);
    for (const { runId } of waiting) await followUpRunSoon(context, runId);
  } catch (error) {
    context.logger.warn({ err: error, comparisonId }, 'gates will be checked by the reconciler');
  }
}

/** As `followUpRun`, but never throws: what failed is done by the reconciler. */
export async function followUpRunSoon(context: GateContext, runId: string): Promise<void> {
  try {
    await followUpRun(context, runId);
  } catch (error) {
    context.logger.warn({ err: error, runId }, 'gates will be checked by the reconciler');
  }
}

/** At most so many in one pass. */
const BOUND = 100;

/** Goes on with what was decided and nobody has touched for a while. */
export async function reconcileFollowUps(context: GateContext, graceMs: number): Promise<void> {
  // Touched first: one that fails each time must not keep its place before the others.
  const silent = await context.database.query<{ runId: string }>(sql`
    update run_follow_ups set touched_at = now() where run_id in (
      select run_id from run_follow_ups
      where touched_at < now() - make_interval(secs => ${graceMs / 1000})
      order by touched_at limit ${BOUND})
    returning run_id as "runId"`);
  for (const { runId } of silent) await followUpRunSoon(context, runId);
}
