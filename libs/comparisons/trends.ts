import {
  RequestError,
  trendLimits,
  type RunFilter,
  type RunMetricSpec,
  type Series,
  type Trend,
  type TrendPoint,
} from '#libs/contracts';
import { isoTime, sql, type Queryable } from '#libs/database';
import { getDataset } from '#libs/datasets';
import { shapeOf } from '#libs/metrics';
import { decodeCursor, toPage, type Page, type PageQuery } from '#libs/paging';
import { findChanges, meanInterval } from '#libs/statistics';
import { z } from 'zod';
import { usageMetrics, type UsageMetric } from './scores.ts';

/** Completed runs that are there: those that a series consists of. */
const inSeries = (datasetId: string) => sql`
  r.dataset_id = ${datasetId} and r.state = 'completed' and r.deleted_at is null`;

/** By name. @throws {RequestError} `dataset_not_found`, `invalid_cursor` */
export async function listSeries(
  database: Queryable,
  projectId: string,
  datasetId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<Series>> {
  const after = decodeCursor(z.strictObject({ name: z.string() }), cursor);
  await getDataset(database, projectId, datasetId);
  const rows = await database.query<Series>(sql`
    select s.name, s.runs, n.id as "newestRunId", ${isoTime('n.created_at')} as "newestCreatedAt"
    from (
      select r.name, count(*)::int as runs from evaluation_runs r
      where ${inSeries(datasetId)} ${after ? sql`and r.name > ${after.name}` : sql``}
      group by r.name order by r.name limit ${limit + 1}
    ) s cross join lateral (
      select r.id, r.created_at from evaluation_runs r
      where ${inSeries(datasetId)} and r.name = s.name
      order by r.created_at desc, r.id desc limit 1
    ) n
    order by s.name`);
  return toPage(
    rows,
    limit,
    (row) => row,
    ({ name }) => ({ name }),
  );
}

/**
 * A metric over the runs of a series, the newest so many: means with their intervals, the paired
 * difference of each run to the one before it, and where the level changes.
 *
 * The mean of the differences and its standard error are those of `clusteredMean`, the repeats of an item
 * being a cluster: with sums s of m differences of each item, totals S and M over all items, S / M and
 * Σ (s M − S m)² / (M³ (M − m)), computed in decimals, so that they are the same in every call.
 *
 * Changes are found by `findChanges`. What matters there is how much a mean varies between runs over the
 * same items: half of the median of squared standard error × n of the paired differences, over the n of
 * each run. Without any such difference it is the squared standard error of each mean, which also holds
 * the choice of the items, so that fewer changes are found.
 * @throws {RequestError} `dataset_not_found`, `series_not_found`, `no_completed_run`; naming the field,
 *   `name_needed`, `unknown_metric`, `no_mean`
 */
export async function getTrend(
  database: Queryable,
  projectId: string,
  datasetId: string,
  query: { metric: string; name?: string | undefined; limit: number },
): Promise<Trend> {
  await getDataset(database, projectId, datasetId);
  const name = query.name ?? (await onlySeries(database, projectId, datasetId));
  const read = await readRuns(database, { ...query, datasetId, name });
  const { direction } = read;
  const { runs, notes } = withinBudget(read.runs);
  const points = await readPoints(database, runs);
  return {
    datasetId,
    name,
    metric: query.metric,
    direction,
    points: points.map(({ point }) => point),
    changes: changesOf(points),
    notes: [...notes, ...notesOf(query.metric, runs)],
  };
}

async function onlySeries(
  database: Queryable,
  projectId: string,
  datasetId: string,
): Promise<string> {
  const { items } = await listSeries(database, projectId, datasetId, { limit: 2 });
  const [only, another] = items;
  if (!only) {
    throw new RequestError(
      'unprocessable',
      'no_completed_run',
      'No run of this dataset has completed yet; submit one with POST /api/v1/runs.',
    );
  }
  if (!another) return only.name;
  throw new RequestError(
    'invalid',
    'name_needed',
    `The runs of this dataset have several names; give one of those that GET /api/v1/datasets/${datasetId}/series lists, such as name=${encodeURIComponent(only.name)}.`,
    [{ field: 'name', message: 'is needed where runs have several names' }],
  );
}

/** Where the values are: scores of a metric at its place in the run's list, or what the target used. */
type Source = { kind: 'metric'; index: number } | { kind: 'usage'; metric: UsageMetric };

interface TrendRun {
  id: string;
  createdAt: string;
  versionId: string;
  datasetVersion: number;
  filter: RunFilter | null;
  repeats: number;
  total: number;
  source: Source;
  /** Of a metric: how it is configured. */
  spec: RunMetricSpec | null;
  /** Null: to be computed. */
  mean: Mean | null;
}

/** A mean, of so many values in so many items. */
interface Mean {
  n: number;
  mean: number | null;
  standardError: number | null;
  low: number | null;
  high: number | null;
}

type RunRow = Omit<TrendRun, 'source' | 'spec' | 'mean'> &
  Mean & { metrics: RunMetricSpec[]; index: number | null };

/** The newest runs, the oldest of them first. */
async function readRuns(
  database: Queryable,
  given: { datasetId: string; name: string; metric: string; limit: number },
): Promise<{ runs: TrendRun[]; direction: Trend['direction'] }> {
  const { datasetId, name, metric, limit } = given;
  const usage = usageMetrics.find((one) => one === metric);
  const select = (withMetric: boolean) =>
    database.query<RunRow>(sql`
      select r.id, ${isoTime('r.created_at')} as "createdAt", r.dataset_version_id as "versionId",
        v.version as "datasetVersion", r.filter, r.repeats, r.total, r.metrics, m.metric as index,
        coalesce(m.n, 0) as n, m.mean, m.standard_error as "standardError",
        m.confidence_low as low, m.confidence_high as high
      from evaluation_runs r
      join dataset_versions v on v.id = r.dataset_version_id
      left join run_metrics m on m.run_id = r.id and m.name = ${metric}
      where ${inSeries(datasetId)} and r.name = ${name}
        ${withMetric ? sql`and m.run_id is not null` : sql``}
      order by r.created_at desc, r.id desc limit ${limit}`);
  const scored = await select(true);
  const rows = scored.length === 0 && usage !== undefined ? await select(false) : scored;
  const [newest] = rows;
  if (!newest) throw await nothingToShow(database, given);
  const newestSpec = specOf(newest);
  const shape = newestSpec && shapeOf(newestSpec);
  if (shape?.kind === 'categorical') {
    throw new RequestError(
      'unprocessable',
      'no_mean',
      `${metric} gives categories, which have no mean to follow; ask for a metric with numbers.`,
      [{ field: 'metric', message: 'gives categories' }],
    );
  }
  const runs = rows.map((row): TrendRun => {
    const { n, mean, standardError, low, high, metrics: _, index, ...run } = row;
    if (index === null) {
      if (usage === undefined) throw new Error('Runs without the metric were asked for.');
      return { ...run, source: { kind: 'usage', metric: usage }, spec: null, mean: null };
    }
    return {
      ...run,
      source: { kind: 'metric', index },
      spec: specOf(row),
      mean: { n, mean, standardError, low, high },
    };
  });
  return { runs: runs.toReversed(), direction: shape?.direction ?? 'lower' };
}

const specOf = ({ metrics, index }: RunRow): RunMetricSpec | null =>
  index === null ? null : (metrics[index] ?? null);

async function nothingToShow(
  database: Queryable,
  { datasetId, name, metric }: { datasetId: string; name: string; metric: string },
): Promise<RequestError> {
  const newest = await database.queryOne<{ metrics: RunMetricSpec[] }>(sql`
    select r.metrics from evaluation_runs r where ${inSeries(datasetId)} and r.name = ${name}
    order by r.created_at desc, r.id desc limit 1`);
  if (!newest) {
    return new RequestError(
      'not_found',
      'series_not_found',
      `No run "${name}" of this dataset has completed; GET /api/v1/datasets/${datasetId}/series lists the names of those that have.`,
      [{ field: 'name', message: 'names no completed run of this dataset' }],
    );
  }
  const names = [...newest.metrics.map(({ name }) => name), ...usageMetrics].join(', ');
  return new RequestError(
    'invalid',
    'unknown_metric',
    `No completed run "${name}" has a metric "${metric}"; the newest has ${names}.`,
    [{ field: 'metric', message: `is none of ${names}` }],
  );
}

/** As many of the newest runs as may be read for their means: those of metrics are stored. */
function withinBudget(runs: readonly TrendRun[]): { runs: readonly TrendRun[]; notes: string[] } {
  let left: number = trendLimits.scores;
  let from = runs.length;
  while (from > 0) {
    const run = runs[from - 1];
    // The newest is shown whatever it takes.
    if (!run || (run.mean === null && run.total > left && from < runs.length)) break;
    if (run.mean === null) left -= run.total;
    from -= 1;
  }
  const notes =
    from === 0
      ? []
      : [
          `The oldest ${from === 1 ? 'run is' : `${from} runs are`} left out: at most ${trendLimits.scores.toLocaleString('en-US')} items are read for means that are not stored.`,
        ];
  return { runs: runs.slice(from), notes };
}

interface ReadPoint {
  point: TrendPoint;
  standardError: number | null;
}

async function readPoints(database: Queryable, runs: readonly TrendRun[]): Promise<ReadPoint[]> {
  const means = await readMeans(database, runs);
  const differences = await readDifferences(database, runs);
  return runs.map((run, place) => {
    const mean = run.mean ?? means.get(run.id) ?? NO_MEAN;
    const difference = differences[place] ?? NO_RUN_BEFORE;
    return {
      standardError: mean.standardError,
      point: {
        runId: run.id,
        createdAt: run.createdAt,
        datasetVersion: run.datasetVersion,
        n: mean.n,
        mean: mean.mean,
        low: mean.low,
        high: mean.high,
        ...(typeof difference === 'string'
          ? { difference: null, notCompared: difference }
          : { difference, notCompared: null }),
      },
    };
  });
}

const NO_MEAN: Mean = { n: 0, mean: null, standardError: null, low: null, high: null };
const NO_RUN_BEFORE = 'It is the first run shown.';

/** Values of one run, by the number of the item: columns `no` and `value`, which is a decimal. */
function valuesOf(run: ReturnType<typeof sql>, source: Source, index: ReturnType<typeof sql>) {
  // A double by its shortest text is exact.
  if (source.kind === 'metric') {
    return sql`(
      select no, value::text::numeric as value from scores
      where run_id = ${run} and metric = ${index} and value is not null)`;
  }
  const column = sql.raw(source.metric);
  // Nobody waited for an answer from the cache.
  const counts = source.metric === 'latency_ms' ? sql`and not cached` : sql``;
  return sql`(
    select no, ${column}::text::numeric as value from evaluation_items
    where run_id = ${run} and status = 'completed' and ${column} is not null ${counts})`;
}

/**
 * Number, mean and standard error of values that are grouped by item.
 * @param grouped rows with `s`, the sum of an item's values, and `m`, how many it has
 */
const summaryOf = (grouped: ReturnType<typeof sql>) => sql`
  select max("all")::int as n, count(*)::int as items, (max(total) / max("all"))::float8 as mean,
    case when count(*) > 1
      then sqrt(sum((s * "all" - total * m) ^ 2 / ("all" ^ 3 * ("all" - m))))::float8
    end as "standardError"
  from (select s, m, sum(s) over () as total, sum(m) over () as "all" from (${grouped}) g) t
  having count(*) > 0`;

interface Summary {
  place: number;
  n: number;
  items: number;
  mean: number;
  standardError: number | null;
}

/** Means that are not stored: of what targets used. */
async function readMeans(
  database: Queryable,
  runs: readonly TrendRun[],
): Promise<Map<string, Mean>> {
  const wanted = runs.filter(({ mean }) => mean === null);
  const source = wanted[0]?.source;
  if (!source) return new Map();
  const rows = await database.query<Summary>(sql`
    select g.place::int as place, x.* from unnest(
      ${wanted.map(({ id }) => id)}::uuid[], ${wanted.map(({ repeats }) => repeats)}::int[]
    ) with ordinality as g (run_id, repeats, place)
    cross join lateral (${summaryOf(sql`
      select sum(value) as s, count(*) as m
      from ${valuesOf(sql`g.run_id`, source, sql`0`)} v group by no / g.repeats`)}) x`);
  return new Map(
    rows.flatMap(({ place, n, items, mean, standardError }): [string, Mean][] => {
      const run = wanted[place - 1];
      if (!run) return [];
      const interval =
        standardError === null
          ? null
          : meanInterval(
              { n: items, mean, standardDeviation: standardError * Math.sqrt(items) },
              CONFIDENCE,
            );
      const { low, high } = interval ?? { low: null, high: null };
      return [[run.id, { n, mean, standardError, low, high }]];
    }),
  );
}

const CONFIDENCE = 0.95;

interface Pair {
  place: number;
  before: TrendRun;
  run: TrendRun;
}

/** By the place of the run: its difference to the one before, or why there is none. */
async function readDifferences(
  database: Queryable,
  runs: readonly TrendRun[],
): Promise<(TrendPoint['difference'] | string)[]> {
  const differences: (TrendPoint['difference'] | string)[] = runs.map(() => NO_RUN_BEFORE);
  const byNumber: Pair[] = [];
  const byKey: Pair[] = [];
  let left: number = trendLimits.scores;
  for (let place = runs.length - 1; place > 0; place -= 1) {
    const [before, run] = [runs[place - 1], runs[place]];
    if (!before || !run) continue;
    left -= before.total + run.total;
    if (before.spec?.metric !== run.spec?.metric) {
      differences[place] = 'The run before has another metric under this name.';
    } else if (left < 0) {
      differences[place] =
        `At most ${trendLimits.scores.toLocaleString('en-US')} scores are read, of the newest runs; ask for fewer runs, or compare the two.`;
    } else {
      differences[place] = 'No item has a score in both runs.';
      (isSameSelection(before, run) ? byNumber : byKey).push({ place, before, run });
    }
  }
  for (const { pairs, join } of [
    { pairs: byNumber, join: joinedByNumber },
    { pairs: byKey, join: joinedByKey },
  ]) {
    for (const { place, n, mean, standardError } of await comparePairs(database, pairs, join)) {
      const pair = pairs[place - 1];
      if (pair) differences[pair.place] = { runId: pair.before.id, n, mean, standardError };
    }
  }
  return differences;
}

/** Whether the same numbers are the same items and repeats. */
const isSameSelection = (a: TrendRun, b: TrendRun): boolean =>
  a.versionId === b.versionId &&
  a.repeats === b.repeats &&
  JSON.stringify(a.filter) === JSON.stringify(b.filter);

type Joined = (source: Source) => ReturnType<typeof sql>;

const before = (source: Source) => valuesOf(sql`g.before_id`, source, sql`g.before_index`);
const after = (source: Source) => valuesOf(sql`g.run_id`, source, sql`g.run_index`);

const joinedByNumber: Joined = (source) => sql`
  ${before(source)} a join ${after(source)} b on b.no = a.no`;

const joinedByKey: Joined = (source) => sql`
  ${before(source)} a
  join evaluation_items i on i.run_id = g.before_id and i.no = a.no
  join evaluation_items j on j.run_id = g.run_id and j.key = i.key and j.repeat = i.repeat
  join ${after(source)} b on b.no = j.no`;

async function comparePairs(
  database: Queryable,
  pairs: readonly Pair[],
  join: Joined,
): Promise<Summary[]> {
  const source = pairs[0]?.run.source;
  if (!source) return [];
  const indexes = (of: (pair: Pair) => TrendRun): number[] =>
    pairs.map((pair) => {
      const { source } = of(pair);
      return source.kind === 'metric' ? source.index : 0;
    });
  return database.query<Summary>(sql`
    select g.place::int as place, x.* from unnest(
      ${pairs.map(({ before }) => before.id)}::uuid[], ${pairs.map(({ run }) => run.id)}::uuid[],
      ${indexes(({ before }) => before)}::smallint[], ${indexes(({ run }) => run)}::smallint[],
      ${pairs.map(({ before }) => before.repeats)}::int[]
    ) with ordinality as g (before_id, run_id, before_index, run_index, repeats, place)
    cross join lateral (${summaryOf(sql`
      select sum(b.value - a.value) as s, count(*) as m
      from ${join(source)} group by a.no / g.repeats`)}) x`);
}

function changesOf(read: readonly ReadPoint[]): Trend['changes'] {
  const shown = read.flatMap(({ point, standardError }) =>
    point.mean === null ? [] : [{ point, mean: point.mean, standardError }],
  );
  const paired = shown.flatMap(({ point: { difference } }) => {
    const standardError = difference?.standardError ?? null;
    return difference && standardError !== null ? [standardError ** 2 * difference.n] : [];
  });
  const perItem = paired.length === 0 ? null : medianOf(paired) / 2;
  const { changes } = findChanges(
    shown.map(({ point, mean, standardError }) => ({
      value: mean,
      variance: perItem === null ? (standardError ?? 0) ** 2 : perItem / point.n,
    })),
  );
  return changes.flatMap(({ index, ...change }) => {
    const runId = shown[index]?.point.runId;
    return runId === undefined ? [] : [{ runId, ...change }];
  });
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

function notesOf(metric: string, runs: readonly TrendRun[]): string[] {
  const differs = (of: (run: TrendRun) => unknown): boolean =>
    new Set(runs.map((run) => JSON.stringify(of(run)))).size > 1;
  const notes: string[] = [];
  if (differs(({ versionId, filter }) => [versionId, filter])) {
    notes.push(
      'The runs are not all of the same items: a mean may change with them; the difference to the run before is of the items that both have.',
    );
  }
  if (
    differs(
      ({ spec }) => spec && [spec.metric, spec.config, spec.output, spec.expected, spec.extract],
    )
  ) {
    notes.push(`${metric} is not configured alike in all runs: a change may come from that.`);
  }
  return notes;
}
