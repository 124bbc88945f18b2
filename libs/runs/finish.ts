import type { RunMetric, RunMetricSpec } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { nextState } from '#libs/evaluation';
import { metricCatalogue } from '#libs/metrics';
import { summarizeScores } from '#libs/statistics';
import type { RunContext } from './context.ts';
import { hintInTransaction } from './store.ts';

/**
 * Finishes a run that has nothing open: writes its final aggregates and completes it. Does nothing
 * where the run was opened again since (another generation), or is not running.
 * @returns true when this call completed the run
 */
export async function finish(
  context: RunContext,
  { runId, generation }: { runId: string; generation: number },
): Promise<boolean> {
  return context.database.transaction(async (tx) => {
    const run = await tx.queryOne<{ metrics: RunMetricSpec[] }>(sql`
      select metrics from evaluation_runs
      where id = ${runId} and state = 'running' and generation = ${generation} and done = total
      for update`);
    if (!run) return false;
    const metrics = await aggregate(tx, runId, run.metrics, { quantiles: true });
    const column = <Value>(pick: (metric: RunMetric) => Value): Value[] => metrics.map(pick);
    await tx.query(sql`delete from run_metrics where run_id = ${runId}`);
    await tx.query(sql`
      insert into run_metrics (run_id, metric, name, n, mean, standard_deviation, standard_error,
        confidence_low, confidence_high, min, max, p50, p95, passed, errors, not_applicable)
      select ${runId}, g.place - 1, g.name, g.n, g.mean, g.sd, g.se, g.low, g.high, g.min, g.max,
        g.p50, g.p95, g.passed, g.errors, g.not_applicable
      from unnest(
        ${column((m) => m.name)}::text[], ${column((m) => m.n)}::int[],
        ${column((m) => m.mean)}::float8[], ${column((m) => m.standardDeviation)}::float8[],
        ${column((m) => m.standardError)}::float8[], ${column((m) => m.confidenceLow)}::float8[],
        ${column((m) => m.confidenceHigh)}::float8[], ${column((m) => m.min)}::float8[],
        ${column((m) => m.max)}::float8[], ${column((m) => m.p50)}::float8[],
        ${column((m) => m.p95)}::float8[], ${column((m) => m.passed)}::int[],
        ${column((m) => m.errors)}::int[], ${column((m) => m.notApplicable)}::int[]
      ) with ordinality as g (name, n, mean, sd, se, low, high, min, max, p50, p95, passed, errors,
        not_applicable, place)`);
    await tx.query(sql`
      update evaluation_runs
      set state = ${nextState('running', 'complete')}, finished_at = now(), updated_at = now(),
        version = version + 1
      where id = ${runId}`);
    await hintInTransaction(context, tx, runId);
    return true;
  });
}

interface AggregateRow {
  metric: number;
  n: number;
  sum: string;
  sum_of_squares: string;
  judged: number;
  passed: number;
  errors: number;
  not_applicable: number;
  min: number | null;
  max: number | null;
  quantiles: [number, number] | null;
}

/**
 * Aggregates of a run's scores, one per metric in the order of the run's list. Means and deviations
 * come from the exact running sums, least and greatest from the ends of the index; only quantiles,
 * where they are asked for, read every value.
 */
export async function aggregate(
  database: Queryable,
  runId: string,
  specs: readonly RunMetricSpec[],
  { quantiles }: { quantiles: boolean },
): Promise<RunMetric[]> {
  const values = (order: 'asc' | 'desc') => sql`(
    select value from scores s where s.run_id = m.run_id and s.metric = m.metric
      and value is not null
    order by value ${sql.raw(order)} limit 1)`;
  const rows = await database.query<AggregateRow>(sql`
    select m.metric, m.n, m.sum, m.sum_of_squares, m.judged, m.passed, m.errors, m.not_applicable,
      ${values('asc')} as min, ${values('desc')} as max,
      ${
        quantiles
          ? sql`(
              select percentile_cont(array[0.5, 0.95]) within group (order by value)
              from scores s
              where s.run_id = m.run_id and s.metric = m.metric and value is not null)`
          : sql`null`
      } as quantiles
    from run_metric_sums m where m.run_id = ${runId}`);
  const byMetric = new Map(rows.map((row) => [row.metric, row]));

  return specs.map((spec, index) => {
    const row = byMetric.get(index);
    const kind = metricCatalogue.get(spec.metric)?.kind ?? 'numeric';
    const summary = summarizeScores(kind, {
      n: row?.n ?? 0,
      sum: row?.sum ?? 0,
      sumOfSquares: row?.sum_of_squares ?? 0,
    });
    return {
      name: spec.name,
      metric: spec.metric,
      ...summary,
      min: row?.min ?? null,
      max: row?.max ?? null,
      p50: row?.quantiles?.[0] ?? null,
      p95: row?.quantiles?.[1] ?? null,
      passed: row && row.judged > 0 ? row.passed : null,
      errors: row?.errors ?? 0,
      notApplicable: row?.not_applicable ?? 0,
    };
  });
}
