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
import { clusteredMean, findChanges, meanInterval } from '#libs/statistics';
import { z } from 'zod';
import { alignRuns } from './alignment.ts';
import { differenceOf, momentsOf } from './analysis/difference.ts';
import { pairScores, scoreStatus, type MetricScores } from './analysis/pairs.ts';
import { readComparedRuns, type ComparedRun } from './compared-runs.ts';
import { readScores, readUsage, usageMetrics, type UsageMetric } from './scores.ts';

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
 * Differences are those of a comparison of the two runs: by number or key, repeats of an item taken
 * together. Runs are read one after another, so that memory does not follow their number.
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
  const { runs, isRead, notes } = withinBudget(read.runs);
  const points = await readPoints(database, projectId, runs, isRead);
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
  total: number;
  source: Source;
  /** Of a metric: how it is configured. */
  spec: RunMetricSpec | null;
  /** Null: to be computed. */
  mean: Mean | null;
}

/** The mean of so many values. */
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
        v.version as "datasetVersion", r.filter, r.total, r.metrics, m.metric as index,
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

/**
 * As many of the newest runs as may be read, of which the newest is read whatever it takes. The means of
 * metrics are stored: those of runs beyond are shown all the same.
 */
function withinBudget(runs: readonly TrendRun[]): {
  runs: readonly TrendRun[];
  isRead: (run: TrendRun) => boolean;
  notes: string[];
} {
  let left: number = trendLimits.scores;
  const read = new Set<TrendRun>();
  for (const run of runs.toReversed()) {
    left -= run.total;
    if (left < 0 && read.size > 0) break;
    read.add(run);
  }
  const shown = runs.filter((run) => run.mean !== null || read.has(run));
  const out = runs.length - shown.length;
  const notes =
    out === 0
      ? []
      : [
          `The oldest ${out === 1 ? 'run is' : `${out} runs are`} left out: at most ${atMost} items are read for means that are not stored.`,
        ];
  return { runs: shown, isRead: (run) => read.has(run), notes };
}

const atMost = trendLimits.scores.toLocaleString('en-US');

interface ReadPoint {
  point: TrendPoint;
  standardError: number | null;
}

/** A run whose values have been read. */
interface ReadRun {
  run: TrendRun;
  compared: ComparedRun;
  scores: MetricScores;
}

async function readPoints(
  database: Queryable,
  projectId: string,
  runs: readonly TrendRun[],
  isRead: (run: TrendRun) => boolean,
): Promise<ReadPoint[]> {
  const compared = await readComparedRuns(
    database,
    projectId,
    runs.map(({ id }) => id),
  );
  const points: ReadPoint[] = [];
  let before: ReadRun | undefined;
  for (const [place, run] of runs.entries()) {
    const details = compared[place];
    const scores = details && isRead(run) ? await readValues(database, run, details) : undefined;
    const read = details && scores && { run, compared: details, scores };
    const mean = run.mean ?? (read ? meanOf(read) : NO_MEAN);
    points.push({
      standardError: mean.standardError,
      point: {
        runId: run.id,
        createdAt: run.createdAt,
        datasetVersion: run.datasetVersion,
        n: mean.n,
        mean: mean.mean,
        low: mean.low,
        high: mean.high,
        ...(place === 0
          ? { difference: null, notCompared: 'It is the first run shown.' }
          : await compareWith(database, before, read)),
      },
    });
    before = read;
  }
  return points;
}

const NO_MEAN: Mean = { n: 0, mean: null, standardError: null, low: null, high: null };

async function readValues(
  database: Queryable,
  { source }: TrendRun,
  compared: ComparedRun,
): Promise<MetricScores | undefined> {
  // What failed has no value; that is all that matters here.
  const failed = new Int32Array();
  if (source.kind === 'usage') return (await readUsage(database, compared, failed))[source.metric];
  const metrics = [{ index: source.index, categorical: false }];
  return (await readScores(database, compared, failed, metrics))[0];
}

const CONFIDENCE = 0.95;

/** The mean of one run's values; repeats of an item are taken together. */
function meanOf({ scores, compared: { repeats } }: ReadRun): Mean {
  const nos: number[] = [];
  scores.status.forEach((status, no) => {
    if (status === scoreStatus.scored) nos.push(no);
  });
  const values = Float64Array.from(nos, (no) => scores.values[no] ?? Number.NaN);
  const { n, mean, standardDeviation } = momentsOf(values);
  if (n === 0) return NO_MEAN;
  if (repeats > 1) {
    const items = Int32Array.from(nos, (no) => Math.floor(no / repeats));
    const robust = clusteredMean(values, items, CONFIDENCE);
    if (!robust) return { ...NO_MEAN, n, mean };
    return { n, mean, standardError: robust.standardError, ...robust.interval };
  }
  const interval = meanInterval({ n, mean, standardDeviation }, CONFIDENCE);
  if (!interval) return { ...NO_MEAN, n, mean };
  return { n, mean, standardError: standardDeviation / Math.sqrt(n), ...interval };
}

async function compareWith(
  database: Queryable,
  before: ReadRun | undefined,
  read: ReadRun | undefined,
): Promise<Pick<TrendPoint, 'difference' | 'notCompared'>> {
  const without = (notCompared: string) => ({ difference: null, notCompared });
  if (!before || !read) {
    return without(
      `At most ${atMost} scores are read, of the newest runs; ask for fewer runs, or compare the two.`,
    );
  }
  if (before.run.spec?.metric !== read.run.spec?.metric) {
    return without('The run before has another metric under this name.');
  }
  const alignment = await alignRuns(database, read.compared, before.compared, {});
  const { pairs } = pairScores(alignment, read.scores, before.scores, false);
  const found = differenceOf(pairs, { confidence: CONFIDENCE, binary: false });
  if (!found) return without('No item has a score in both runs.');
  const { n, value: mean, standardError } = found;
  return { difference: { runId: before.run.id, n, mean, standardError }, notCompared: null };
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
