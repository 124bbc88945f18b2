import type { RunMetric } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import type { Page } from '#libs/paging';
import { aggregateSoFar } from './aggregate.ts';
import { getRun } from './rows.ts';

/** The aggregates of a run: the final ones, or, while it goes, those of what is done. */
export async function listMetrics(
  database: Queryable,
  projectId: string,
  runId: string,
): Promise<Page<RunMetric>> {
  const run = await getRun(database, projectId, runId);
  if (run.state !== 'completed') {
    return { items: await aggregateSoFar(database, run), nextCursor: null };
  }
  const rows = await database.query<RunMetric>(sql`
    select f.name, f.n, f.mean, f.standard_deviation as "standardDeviation",
      f.standard_error as "standardError", f.confidence_low as "confidenceLow",
      f.confidence_high as "confidenceHigh", f.min, f.max, f.p50, f.p95, f.passed, f.errors,
      f.not_applicable as "notApplicable", f.failed, f.worst_case as "worstCase",
      f.best_case as "bestCase", f.reduced, f.categories, f.run_level as "runLevel", r.metrics -> f.metric ->> 'metric' as metric
    from run_metrics f join evaluation_runs r on r.id = f.run_id
    where f.run_id = ${runId} order by f.metric`);
  return { items: rows, nextCursor: null };
}
