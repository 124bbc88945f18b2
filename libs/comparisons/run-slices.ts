import {
  RequestError,
  runResultLimits,
  type RunMetricSpec,
  type RunSlice,
  type RunSlices,
} from '#libs/contracts';
import type { Queryable } from '#libs/database';
import { shapeOf } from '#libs/metrics';
import {
  clusteredMean,
  clusteredWilsonInterval,
  meanInterval,
  wilsonInterval,
  type Interval,
} from '#libs/statistics';
import { slicesOf } from './alignment.ts';
import { momentsOf } from './analysis/difference.ts';
import { scoreStatus, statusOf, type MetricScores } from './analysis/pairs.ts';
import { readComparedRuns, type ComparedRun } from './compared-runs.ts';
import { readFailed, readScores, readUsage, usageMetrics } from './scores.ts';

const CONFIDENCE = 0.95;

/**
 * The mean of one metric of a run, or of what its target used, by tag, split or a value of the metadata.
 * Repeats of an item are taken together.
 * @param by `tags`, `split` or a path such as `metadata.topic`
 * @throws {RequestError} `run_not_found`, `run_deleted`; naming the field, `unknown_metric`, `no_mean`
 */
export async function getRunSlices(
  database: Queryable,
  projectId: string,
  runId: string,
  { metric, by }: { metric: string; by: string },
): Promise<RunSlices> {
  const [run] = await readComparedRuns(database, projectId, [runId]);
  if (!run) throw new Error(`The run ${runId} was read and is not there.`);
  const { scores, binary, source } = await readMetric(database, run, metric);
  const { slices, leftOut } = await slicesOf(database, run, by, runResultLimits.slices);
  const mean = (members?: Uint8Array) => meanOf(scores, { binary, repeats: run.repeats, members });
  return {
    metric,
    source,
    by,
    whole: withoutCounts(mean()),
    slices: slices
      .map(({ value, members }) => ({ value, ...mean(members) }))
      // A run may be of a part of the version.
      .filter(({ items }) => items > 0),
    leftOut,
  };
}

async function readMetric(
  database: Queryable,
  run: ComparedRun,
  metric: string,
): Promise<{ scores: MetricScores; binary: boolean; source: RunSlices['source'] }> {
  const failed = await readFailed(database, run);
  const index = run.metrics.findIndex(({ name }) => name === metric);
  const spec = run.metrics[index];
  if (spec) {
    const { kind } = shapeOf(spec);
    if (kind === 'categorical') throw noMean(metric);
    const [scores] = await readScores(database, run, failed, [{ index, categorical: false }]);
    if (!scores) throw new Error(`No scores of ${run.id} were read.`);
    return { scores, binary: kind === 'boolean', source: 'metric' };
  }
  const usage = usageMetrics.find((one) => one === metric);
  if (!usage) throw unknownMetric(metric, run.metrics);
  const used = await readUsage(database, run, failed);
  return { scores: used[usage], binary: false, source: 'usage' };
}

type Mean = Omit<RunSlice, 'value'>;

const withoutCounts = ({ n, mean, low, high }: Mean): RunSlices['whole'] => ({
  n,
  mean,
  low,
  high,
});

/** @param members 1 for each item that counts; left out: all */
function meanOf(
  scores: MetricScores,
  {
    binary,
    repeats,
    members,
  }: { binary: boolean; repeats: number; members: Uint8Array | undefined },
): Mean {
  const nos: number[] = [];
  let items = 0;
  let failed = 0;
  for (let no = 0; no < scores.status.length; no += 1) {
    if (members && members[no] !== 1) continue;
    items += 1;
    const status = statusOf(scores, no);
    if (status === scoreStatus.scored) nos.push(no);
    else if (status === scoreStatus.failed) failed += 1;
  }
  const values = Float64Array.from(nos, (no) => scores.values[no] ?? Number.NaN);
  const { n, mean, standardDeviation } = momentsOf(values);
  if (n === 0) return { items, failed, n, mean: null, low: null, high: null, few: true };
  const ids = Int32Array.from(nos, (no) => Math.floor(no / repeats));
  const independent = repeats > 1 ? new Set(ids).size : n;
  const interval = intervalOf({ values, ids, n, mean, standardDeviation }, { binary, repeats });
  return {
    items,
    failed,
    n,
    mean,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    few: independent < runResultLimits.fewValues,
  };
}

interface Sample {
  values: Float64Array;
  /** The dataset item of each. */
  ids: Int32Array;
  n: number;
  mean: number;
  standardDeviation: number;
}

function intervalOf(
  { values, ids, n, mean, standardDeviation }: Sample,
  { binary, repeats }: { binary: boolean; repeats: number },
): Interval | null {
  const successes = (): number => values.reduce((sum, value) => sum + value, 0);
  if (repeats === 1) {
    return binary
      ? wilsonInterval(successes(), n, CONFIDENCE)
      : meanInterval({ n, mean, standardDeviation }, CONFIDENCE);
  }
  const robust = clusteredMean(values, ids, CONFIDENCE);
  if (!robust) return null;
  return binary ? clusteredWilsonInterval(successes(), n, robust, CONFIDENCE) : robust.interval;
}

const noMean = (metric: string): RequestError =>
  new RequestError(
    'unprocessable',
    'no_mean',
    `${metric} gives categories, which have no mean; ask for a metric with numbers.`,
    [{ field: 'metric', message: 'gives categories' }],
  );

function unknownMetric(metric: string, metrics: readonly RunMetricSpec[]): RequestError {
  const names = [...metrics.map(({ name }) => name), ...usageMetrics].join(', ');
  return new RequestError(
    'invalid',
    'unknown_metric',
    `This run has no metric "${metric}"; it has ${names}.`,
    [{ field: 'metric', message: `is none of ${names}` }],
  );
}
