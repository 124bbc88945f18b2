import type { RunMetric } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { nextState } from '#libs/evaluation';
import { aggregateAll, type AggregatedRun } from './aggregate.ts';
import type { RunContext } from './context.ts';
import { hintInTransaction } from './hint.ts';

/**
 * Finishes a run that has nothing open: writes its final aggregates and completes it. Does nothing
 * where the run was opened again since (another generation), or is not running.
 *
 * The aggregates are computed before the run is locked, which may take seconds on a large one: results
 * change only by opening items again, and that makes a new generation.
 * @param alsoDecide is called in the transaction that completes the run: what follows from that
 * @returns true when this call completed the run
 */
export async function finish(
  context: RunContext,
  { runId, generation }: { runId: string; generation: number },
  alsoDecide: (tx: Queryable, runId: string) => Promise<void> = async () => {},
): Promise<boolean> {
  const { database } = context;
  const done = sql`
    id = ${runId} and state = 'running' and generation = ${generation} and done = total`;
  const run = await database.queryOne<AggregatedRun>(
    sql`select id, metrics, repeats, failed from evaluation_runs where ${done}`,
  );
  if (!run) return false;
  const metrics = await aggregateAll(database, run);
  return database.transaction(async (tx) => {
    const locked = await tx.query(sql`select 1 from evaluation_runs where ${done} for update`);
    if (locked.length === 0) return false;
    await writeMetrics(tx, runId, metrics);
    await tx.query(sql`
      update evaluation_runs
      set state = ${nextState('running', 'complete')}, finished_at = now(), updated_at = now(),
        version = version + 1
      where id = ${runId}`);
    await alsoDecide(tx, runId);
    await hintInTransaction(context, tx, runId);
    return true;
  });
}

async function writeMetrics(
  tx: Queryable,
  runId: string,
  metrics: readonly RunMetric[],
): Promise<void> {
  const column = <Value>(pick: (metric: RunMetric) => Value): Value[] => metrics.map(pick);
  const json = (pick: (metric: RunMetric) => unknown): (string | null)[] =>
    metrics.map((metric) => {
      const value = pick(metric);
      return value === null ? null : JSON.stringify(value);
    });
  await tx.query(sql`delete from run_metrics where run_id = ${runId}`);
  await tx.query(sql`
    insert into run_metrics (run_id, project_id, metric, name, n, mean, standard_deviation, standard_error,
      confidence_low, confidence_high, min, max, p50, p95, passed, errors, not_applicable, failed,
      worst_case, best_case, reduced, categories, run_level)
    select ${runId}, (select project_id from evaluation_runs where id = ${runId}), g.place - 1, g.name, g.n, g.mean, g.sd, g.se, g.low, g.high, g.min, g.max,
      g.p50, g.p95, g.passed, g.errors, g.not_applicable, g.failed, g.worst_case, g.best_case,
      g.reduced::json, g.categories::json, g.run_level::json
    from unnest(
      ${column((m) => m.name)}::text[], ${column((m) => m.n)}::int[],
      ${column((m) => m.mean)}::float8[], ${column((m) => m.standardDeviation)}::float8[],
      ${column((m) => m.standardError)}::float8[], ${column((m) => m.confidenceLow)}::float8[],
      ${column((m) => m.confidenceHigh)}::float8[], ${column((m) => m.min)}::float8[],
      ${column((m) => m.max)}::float8[], ${column((m) => m.p50)}::float8[],
      ${column((m) => m.p95)}::float8[], ${column((m) => m.passed)}::int[],
      ${column((m) => m.errors)}::int[], ${column((m) => m.notApplicable)}::int[],
      ${column((m) => m.failed)}::int[], ${column((m) => m.worstCase)}::float8[],
      ${column((m) => m.bestCase)}::float8[], ${json((m) => m.reduced)}::text[],
      ${json((m) => m.categories)}::text[], ${json((m) => m.runLevel)}::text[]
    ) with ordinality as g (name, n, mean, sd, se, low, high, min, max, p50, p95, passed, errors,
      not_applicable, failed, worst_case, best_case, reduced, categories, run_level, place)`);
}
