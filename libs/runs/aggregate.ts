import type { Json, ReducedMetric, Run, RunMetric } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import type { MetricShape } from '#libs/evaluation';
import { extremesOf, shapeOf, startRunLevel } from '#libs/metrics';
import {
  clusteredStandardError,
  countMixed,
  meanInterval,
  passAll,
  passAt,
  reducePassed,
  summarizeScores,
  toDecimal,
  toNumber,
  type AtK,
  type RepeatGroup,
} from '#libs/statistics';

/** The part of a run that its aggregates are made from. */
export type AggregatedRun = Pick<Run, 'id' | 'metrics' | 'repeats' | 'failed'>;

/** Rows that are read at a time where every score has to be looked at. */
const PAGE = 5_000;
/** The k of pass@k and pass^k that are shown, as far as there are repeats; the last is all of them. */
const SHOWN_K = [1, 2, 3, 4, 5, 8, 10, 16, 20, 25, 32, 50, 64];
const CATEGORIES_MAX = 100;
const CONFIDENCE = 0.95;

/**
 * Aggregates of what a run has done so far, one for each of its metrics: whatever the running sums and
 * the ends of an index tell, without reading the scores.
 */
export const aggregateSoFar = (database: Queryable, run: AggregatedRun): Promise<RunMetric[]> =>
  aggregate(database, run, { final: false });

/**
 * The final aggregates: those of `aggregateSoFar`, and all that takes a look at every score: quantiles,
 * what repeats say together, categories, and the values of the run as a whole. Memory does not follow
 * the size of the run.
 */
export const aggregateAll = (database: Queryable, run: AggregatedRun): Promise<RunMetric[]> =>
  aggregate(database, run, { final: true });

interface SumsRow {
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

async function aggregate(
  database: Queryable,
  run: AggregatedRun,
  { final }: { final: boolean },
): Promise<RunMetric[]> {
  const rows = new Map((await readSums(database, run.id, final)).map((row) => [row.metric, row]));
  const shapes = run.metrics.map(shapeOf);
  const repeated = run.repeats > 1;
  const repeats = final && repeated ? await readRepeats(database, run) : undefined;
  const categories = final ? await readCategories(database, run.id, shapes) : undefined;
  const runLevels = final ? await readRunLevels(database, run) : undefined;

  return run.metrics.map((spec, index): RunMetric => {
    const row = rows.get(index);
    const shape = shapes[index] ?? shapeOf(spec);
    const n = row?.n ?? 0;
    const summary = summarizeScores(shape.kind, {
      n,
      sum: row?.sum ?? 0,
      sumOfSquares: row?.sum_of_squares ?? 0,
    });
    const errors = row?.errors ?? 0;
    const notApplicable = row?.not_applicable ?? 0;
    const missing = errors + notApplicable + run.failed;
    const sum = toNumber(toDecimal(row?.sum ?? 0));
    const repeatsOfMetric = repeats?.get(index);
    return {
      name: spec.name,
      metric: spec.metric,
      ...summary,
      // Repeats of one item are no independent draws; how far they agree is known at the end.
      ...(repeated && clusteredInterval(summary.mean, repeatsOfMetric)),
      min: row?.min ?? null,
      max: row?.max ?? null,
      p50: row?.quantiles?.[0] ?? null,
      p95: row?.quantiles?.[1] ?? null,
      passed: row && row.judged > 0 ? row.passed : null,
      errors,
      notApplicable,
      failed: run.failed,
      ...boundsOf(shape, { n, sum, missing }),
      reduced: repeatsOfMetric
        ? reduce(spec.reducer ?? 'mean', repeatsOfMetric, run.repeats)
        : null,
      categories: categories?.get(index) ?? null,
      runLevel: runLevels?.get(index) ?? null,
    };
  });
}

/**
 * Means and deviations come from the exact running sums, least and greatest from the ends of the index;
 * only quantiles, where they are asked for, read every value.
 */
function readSums(database: Queryable, runId: string, quantiles: boolean): Promise<SumsRow[]> {
  const values = (order: 'asc' | 'desc') => sql`(
    select value from scores s where s.run_id = m.run_id and s.metric = m.metric
      and value is not null
    order by value ${sql.raw(order)} limit 1)`;
  return database.query<SumsRow>(sql`
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
}

/** The mean if every case without a score had the worst value, and if each had the best. */
function boundsOf(
  shape: MetricShape,
  { n, sum, missing }: { n: number; sum: number; missing: number },
): { worstCase: number | null; bestCase: number | null } {
  const { worst, best } = extremesOf(shape);
  const meanWith = (value: number | null) => {
    if (n + missing === 0 || (missing > 0 && value === null)) return null;
    return (sum + missing * (value ?? 0)) / (n + missing);
  };
  if (shape.kind === 'categorical') return { worstCase: null, bestCase: null };
  return { worstCase: meanWith(worst), bestCase: meanWith(best) };
}

/** What the repeats of all items say of one metric. */
interface Repeats extends RepeatSums {
  groups: RepeatGroup[];
}

interface RepeatSums {
  /** Items with at least one value; their means, added up and squared. */
  items: number;
  sum_of_means: string;
  sum_of_squared_means: string;
  /** Values, and sums over the items of what theirs add up to. */
  n: number;
  sum: string;
  squared_sums: string;
  squared_counts: string;
  products: string;
}

/**
 * Reads every score once, in the database: first the repeats of each item together, then the items
 * that were judged and passed alike, of which there are few, and all items.
 */
async function readRepeats(
  database: Queryable,
  { id, repeats }: AggregatedRun,
): Promise<Map<number, Repeats>> {
  const rows = await database.query<
    RepeatSums & {
      metric: number;
      whole: boolean;
      alike: number;
      judged: number;
      passed: number;
    }
  >(sql`
    with item as (
      select metric, no / ${repeats}::int as place, count(value)::int as n,
        coalesce(sum(value::text::numeric), 0) as s, count(passed)::int as judged,
        (count(*) filter (where passed))::int as passed
      from scores where run_id = ${id} and outcome = 'scored' group by metric, place
    )
    select metric, grouping(judged) = 1 as whole, judged, passed, count(*)::int as alike,
      (count(*) filter (where n > 0))::int as items,
      coalesce(sum(s / nullif(n, 0)), 0) as sum_of_means,
      coalesce(sum((s / nullif(n, 0)) ^ 2), 0) as sum_of_squared_means,
      sum(n)::int as n, sum(s) as sum, sum(s * s) as squared_sums,
      sum(n::bigint * n) as squared_counts, sum(n * s) as products
    from item group by grouping sets ((metric, judged, passed), (metric))`);
  return new Map(
    rows
      .filter(({ whole }) => whole)
      .map((sums) => [
        sums.metric,
        {
          ...sums,
          groups: rows
            .filter(({ whole, metric }) => !whole && metric === sums.metric)
            .map(({ alike: items, judged, passed }) => ({ items, judged, passed })),
        },
      ]),
  );
}

/** The interval of a mean over all repeats; unknown until the repeats can be looked at together. */
function clusteredInterval(
  mean: number | null,
  repeats: Repeats | undefined,
): Pick<RunMetric, 'standardError' | 'confidenceLow' | 'confidenceHigh'> {
  const standardError =
    repeats === undefined
      ? null
      : clusteredStandardError({
          clusters: repeats.items,
          n: repeats.n,
          sum: repeats.sum,
          squaredSums: repeats.squared_sums,
          squaredCounts: repeats.squared_counts,
          products: repeats.products,
        });
  if (mean === null || standardError === null || repeats === undefined) {
    return { standardError: null, confidenceLow: null, confidenceHigh: null };
  }
  const standardDeviation = standardError * Math.sqrt(repeats.items);
  const interval = meanInterval({ n: repeats.items, mean, standardDeviation }, CONFIDENCE);
  return {
    standardError,
    confidenceLow: interval?.low ?? null,
    confidenceHigh: interval?.high ?? null,
  };
}

function reduce(
  reducer: ReducedMetric['reducer'],
  sums: Repeats,
  repeats: number,
): ReducedMetric | null {
  const { groups } = sums;
  const judged = groups.some((group) => group.judged > 0);
  if (sums.items === 0 && !judged) return null;
  const shown = [...SHOWN_K.filter((k) => k < repeats), repeats];
  const at = (valueOf: typeof passAt): AtK[] => shown.flatMap((k) => valueOf(groups, k) ?? []);
  return {
    reducer,
    ...(reducer === 'mean' ? overMeans(sums) : overVerdicts(reducePassed(groups, reducer))),
    mixed: judged ? countMixed(groups) : null,
    passAt: at(passAt),
    passAll: at(passAll),
  };
}

const overMeans = ({ items, sum_of_means, sum_of_squared_means }: RepeatSums) =>
  summarizeScores('numeric', {
    n: items,
    sum: sum_of_means,
    sumOfSquares: sum_of_squared_means,
  });

const overVerdicts = ({ n, passed }: { n: number; passed: number }) =>
  summarizeScores('boolean', { n, sum: passed, sumOfSquares: passed });

async function readCategories(
  database: Queryable,
  runId: string,
  shapes: readonly MetricShape[],
): Promise<Map<number, NonNullable<RunMetric['categories']>>> {
  const categorical = shapes.flatMap(({ kind }, index) => (kind === 'categorical' ? [index] : []));
  if (categorical.length === 0) return new Map();
  const rows = await database.query<{ metric: number; category: string; count: number }>(sql`
    select metric, category, count from (
      select metric, category, count(*)::int as count,
        row_number() over (partition by metric order by count(*) desc, category) as place
      from scores
      where run_id = ${runId} and metric = any(${categorical}::smallint[]) and category is not null
      group by metric, category
    ) counted
    where place <= ${CATEGORIES_MAX} order by metric, place`);
  return new Map(
    categorical.map((index) => [
      index,
      rows
        .filter(({ metric }) => metric === index)
        .map(({ category, count }) => ({ category, count })),
    ]),
  );
}

/** Goes once through the details of the scores, page by page, for all metrics that add them up. */
async function readRunLevels(
  database: Queryable,
  { id, metrics }: AggregatedRun,
): Promise<Map<number, NonNullable<RunMetric['runLevel']>>> {
  const sums = new Map(
    metrics.flatMap((spec, index) => {
      const sum = startRunLevel(spec);
      return sum ? [[index, sum] as const] : [];
    }),
  );
  if (sums.size === 0) return new Map();
  let after = { no: -1, metric: -1 };
  for (;;) {
    const rows = await database.query<{ no: number; metric: number; details: Json }>(sql`
      select no, metric, details from scores
      where run_id = ${id} and (no, metric) > (${after.no}::int, ${after.metric}::smallint)
        and metric = any(${[...sums.keys()]}::smallint[]) and outcome = 'scored'
        and details is not null
      order by no, metric limit ${PAGE}`);
    for (const { metric, details } of rows) sums.get(metric)?.add(details);
    const last = rows.at(-1);
    if (rows.length < PAGE || !last) break;
    after = last;
  }
  return new Map([...sums].map(([index, sum]) => [index, sum.result()]));
}
