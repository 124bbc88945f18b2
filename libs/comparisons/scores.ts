import { usageMetrics, type UsageMetric } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { scoreStatus, type MetricScores } from './analysis/pairs.ts';
import type { ComparedRun } from './compared-runs.ts';
import { packDoubles, packInts, rangesOf, unpackDoubles, unpackInts } from './packed.ts';

export { usageMetrics, type UsageMetric };

/** Items of the run that failed. */
export async function readFailed(database: Queryable, run: ComparedRun): Promise<Int32Array> {
  if (run.failed === 0) return new Int32Array();
  const rows = await database.query<{ nos: Buffer }>(sql`
    select ${packInts(sql`no`)} as nos from evaluation_items
    where run_id = ${run.id} and status = 'failed'`);
  return unpackInts(rows[0]?.nos ?? Buffer.alloc(0));
}

const emptyScores = (run: ComparedRun, failed: Int32Array): MetricScores => {
  const status = new Uint8Array(run.total);
  for (const no of failed) status[no] = scoreStatus.failed;
  return { status, values: new Float64Array(run.total).fill(Number.NaN) };
};

/**
 * The scores of some metrics of a run.
 * @param metrics their places in the run's list, and whether they give categories
 * @returns in the order of the metrics
 */
export async function readScores(
  database: Queryable,
  run: ComparedRun,
  failed: Int32Array,
  metrics: readonly { index: number; categorical: boolean }[],
): Promise<MetricScores[]> {
  const scores = new Map(metrics.map(({ index }) => [index, emptyScores(run, failed)]));
  const wanted = metrics.map(({ index }) => index);
  if (wanted.length === 0) return [];
  for (const { from, to } of rangesOf(run.total)) {
    const rows = await database.query<{
      metric: number;
      outcome: 'scored' | 'not_applicable' | 'error';
      nos: Buffer;
      values: Buffer;
    }>(sql`
      select metric, outcome, ${packInts(sql`no`)} as nos,
        ${packDoubles(sql`coalesce(value, 'NaN')`)} as values
      from scores
      where run_id = ${run.id} and no >= ${from} and no < ${to}
        and metric = any(${wanted}::smallint[])
      group by metric, outcome`);
    for (const { metric, outcome, nos, values } of rows) {
      const into = scores.get(metric);
      if (!into) continue;
      const numbers = unpackDoubles(values);
      const status = statusOf[outcome];
      unpackInts(nos).forEach((no, place) => {
        into.status[no] = status;
        into.values[no] = numbers[place] ?? Number.NaN;
      });
    }
  }
  for (const { index, categorical } of metrics) {
    const into = scores.get(index);
    if (categorical && into) await readCategories(database, run, index, into);
  }
  return metrics.map(({ index }) => scores.get(index) ?? emptyScores(run, failed));
}

const statusOf = {
  scored: scoreStatus.scored,
  not_applicable: scoreStatus.notApplicable,
  error: scoreStatus.error,
} as const;

async function readCategories(
  database: Queryable,
  run: ComparedRun,
  metric: number,
  into: MetricScores,
): Promise<void> {
  const rows = await database.query<{ category: string; nos: Buffer }>(sql`
    select category, ${packInts(sql`no`)} as nos from scores
    where run_id = ${run.id} and metric = ${metric} and category is not null
    group by category order by category`);
  rows.forEach(({ nos }, code) => {
    for (const no of unpackInts(nos)) into.values[no] = code;
  });
  into.categories = rows.map(({ category }) => category);
}

/**
 * What the target used for each item. What was not recorded is not applicable; neither is the latency of
 * an answer from the cache, which was not waited for.
 */
export async function readUsage(
  database: Queryable,
  run: ComparedRun,
  failed: Int32Array,
): Promise<Record<UsageMetric, MetricScores>> {
  const usage = {
    latency_ms: emptyScores(run, failed),
    input_tokens: emptyScores(run, failed),
    output_tokens: emptyScores(run, failed),
    cost_usd: emptyScores(run, failed),
  };
  for (const { from, to } of rangesOf(run.total)) {
    const [row] = await database.query<Record<UsageMetric | 'nos', Buffer>>(sql`
      select ${packInts(sql`no`)} as nos,
        ${packDoubles(sql`case when cached then 'NaN' else coalesce(latency_ms, 'NaN') end`)}
          as latency_ms,
        ${packDoubles(sql`coalesce(input_tokens::float8, 'NaN')`)} as input_tokens,
        ${packDoubles(sql`coalesce(output_tokens::float8, 'NaN')`)} as output_tokens,
        ${packDoubles(sql`coalesce(cost_usd, 'NaN')`)} as cost_usd
      from evaluation_items
      where run_id = ${run.id} and no >= ${from} and no < ${to} and status = 'completed'`);
    if (!row) continue;
    const nos = unpackInts(row.nos);
    for (const metric of usageMetrics) {
      const numbers = unpackDoubles(row[metric]);
      const { status, values } = usage[metric];
      nos.forEach((no, place) => {
        const value = numbers[place] ?? Number.NaN;
        values[no] = value;
        status[no] = Number.isNaN(value) ? scoreStatus.notApplicable : scoreStatus.scored;
      });
    }
  }
  return usage;
}
