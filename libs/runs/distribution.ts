import {
  RequestError,
  runResultLimits,
  usageMetrics,
  type RunDistribution,
  type UsageMetric,
} from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { shapeOf } from '#libs/metrics';
import { binEdges, niceStep, withoutFarEnds } from '#libs/statistics';
import { runNotFound, type RunRow } from './rows.ts';

type Sql = ReturnType<typeof sql>;

/**
 * How the values of one metric of a run, or of what its target used, lie. Counted in the database; of
 * a run with very many items only of every second, third and so on.
 * @throws {RequestError} `run_not_found`, `unknown_metric`
 */
export async function distributionOf(
  database: Queryable,
  projectId: string,
  runId: string,
  metric: string,
): Promise<RunDistribution> {
  const run = await database.queryOne<Pick<RunRow, 'metrics' | 'total'>>(sql`
    select metrics, total from evaluation_runs where id = ${runId} and project_id = ${projectId}`);
  if (!run) throw runNotFound();
  const every = Math.max(1, Math.ceil(run.total / runResultLimits.values));
  const taken = { runId, total: run.total, every };
  const index = run.metrics.findIndex(({ name }) => name === metric);
  const spec = run.metrics[index];
  if (spec) {
    const { kind } = shapeOf(spec);
    const about = { metric, source: 'metric', kind, every } as const;
    return kind === 'categorical'
      ? { ...about, ...noNumbers, ...(await countCategories(database, scoresOf(taken, index))) }
      : { ...about, ...noCategories, ...(await countNumbers(database, scoresOf(taken, index))) };
  }
  const usage = usageMetrics.find((one) => one === metric);
  if (usage) {
    const counted = await countNumbers(database, usageOf(taken, usage));
    return { metric, source: 'usage', kind: 'numeric', every, ...noCategories, ...counted };
  }
  const names = [...run.metrics.map(({ name }) => name), ...usageMetrics].join(', ');
  throw new RequestError(
    'invalid',
    'unknown_metric',
    `This run has no metric "${metric}"; it has ${names}.`,
    [{ field: 'metric', message: `is none of ${names}` }],
  );
}

interface Taken {
  runId: string;
  total: number;
  every: number;
}

/** The rows of a run, or every so many-th of them by their numbers, without reading the others. */
function rowsOf({ runId, total, every }: Taken, table: 'scores' | 'evaluation_items', more: Sql) {
  const rows = sql.raw(table);
  if (every === 1) return sql`${rows} r where r.run_id = ${runId} ${more}`;
  return sql`generate_series(0, ${total}::int - 1, ${every}::int) as taken (no)
    join ${rows} r on r.run_id = ${runId} and r.no = taken.no ${more}`;
}

const scoresOf = (taken: Taken, index: number): Sql =>
  sql`select r.value, r.category from ${rowsOf(taken, 'scores', sql`and r.metric = ${index}::smallint`)}`;

/** An answer from the cache was not waited for. */
const usageOf = (taken: Taken, usage: UsageMetric): Sql => sql`
  select ${sql.ref(`r.${usage}`)}::float8 as value from ${rowsOf(
    taken,
    'evaluation_items',
    usage === 'latency_ms'
      ? sql`and r.status = 'completed' and not r.cached`
      : sql`and r.status = 'completed'`,
  )}`;

const noCategories = { categories: [], otherCategories: 0 };
const noNumbers = {
  mean: null,
  min: null,
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  max: null,
  bins: [],
};

async function countCategories(
  database: Queryable,
  values: Sql,
): Promise<Pick<RunDistribution, 'n' | 'categories' | 'otherCategories'>> {
  const rows = await database.query<{ category: string; count: number; n: number }>(sql`
    select category, count(*)::int as count, (sum(count(*)) over ())::int as n
    from (${values}) v where category is not null
    group by category order by count(*) desc, category limit ${runResultLimits.categories}`);
  const categories = rows.map(({ category, count }) => ({ category, count }));
  const n = rows[0]?.n ?? 0;
  const shown = categories.reduce((sum, { count }) => sum + count, 0);
  return { n, categories, otherCategories: n - shown };
}

type Numbers = Pick<
  RunDistribution,
  'n' | 'mean' | 'min' | 'p50' | 'p90' | 'p95' | 'p99' | 'max' | 'bins'
>;

async function countNumbers(database: Queryable, values: Sql): Promise<Numbers> {
  const row = await database.queryOne<{
    n: number;
    different: number;
    mean: number;
    min: number;
    max: number;
    quantiles: [number, number, number, number, number];
  }>(sql`
    select count(*)::int as n, count(distinct value)::int as different,
      -- As decimals, so that the order of the rows changes no digit.
      avg(value::text::numeric)::float8 as mean, min(value) as min, max(value) as max,
      percentile_cont(array[0.01, 0.5, 0.9, 0.95, 0.99]) within group (order by value) as quantiles
    from (${values}) v where value is not null`);
  if (!row || row.n === 0) return { ...noNumbers, n: 0 };
  const { n, different, mean, min, max, quantiles } = row;
  const [low, p50, p90, p95, p99] = quantiles;
  const numbers = { n, mean, min, p50, p90, p95, p99, max };
  const bins =
    different <= runResultLimits.singleValues
      ? await countEach(database, values)
      : await countBins(database, values, { least: min, low, high: p99, greatest: max });
  return { ...numbers, bins };
}

function countEach(database: Queryable, values: Sql): Promise<RunDistribution['bins']> {
  return database.query(sql`
    select value as low, value as high, count(*)::int as count, value as min, value as max
    from (${values}) v where value is not null group by value order by value`);
}

async function countBins(
  database: Queryable,
  values: Sql,
  extent: Parameters<typeof withoutFarEnds>[0],
): Promise<RunDistribution['bins']> {
  const frame = withoutFarEnds(extent);
  const edges = binEdges(frame, niceStep((frame.to - frame.from) / runResultLimits.bins));
  const inner = edges.length - 1;
  // 0 and `inner + 1` are what lies outside; a value that is merely an edge, or off by a rounding, does not.
  const [first, last] = [extent.least < frame.from ? 0 : 1, extent.greatest > frame.to ? 1 : 0];
  const rows = await database.query<{ bin: number; count: number; min: number; max: number }>(sql`
    select least(greatest(width_bucket(value, ${edges}::float8[]), ${first}::int),
        ${inner + last}::int) as bin,
      count(*)::int as count, min(value) as min, max(value) as max
    from (${values}) v where value is not null group by 1`);
  const found = new Map(rows.map((row) => [row.bin, row]));
  return Array.from({ length: inner + 2 }, (_, bin) => ({
    low: bin === 0 ? null : (edges[bin - 1] ?? null),
    high: bin > inner ? null : (edges[bin] ?? null),
    count: found.get(bin)?.count ?? 0,
    min: found.get(bin)?.min ?? null,
    max: found.get(bin)?.max ?? null,
  })).filter(({ low, high, count }) => count > 0 || (low !== null && high !== null));
}
