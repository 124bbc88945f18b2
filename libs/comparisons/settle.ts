import { RequestError, type ComparisonOptions, type RunMetricSpec } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import type { MetricShape } from '#libs/evaluation';
import { shapeOf } from '#libs/metrics';
import type { ComparedMetric } from './analysis/compare-metric.ts';
import type { ComparedRun } from './compared-runs.ts';
import { usageMetrics } from './scores.ts';

/** A metric, and its place in the list of each run. */
export interface SettledMetric extends ComparedMetric {
  source: 'metric';
  indexes: readonly number[];
}

/** What is compared: settled, so that two requests for the same thing are the same. */
export interface Settled {
  /** The baseline first. */
  runs: readonly ComparedRun[];
  metrics: readonly SettledMetric[];
  notes: readonly string[];
}

/**
 * Which metrics can be compared, and whether anything can be.
 * @throws {RequestError} for a run that is given twice, a metric that not all runs have, runs without a
 *   common metric or without a common item, and margins or differences of metrics that are not compared
 */
export async function settle(
  database: Queryable,
  runs: readonly ComparedRun[],
  options: ComparisonOptions,
): Promise<Settled> {
  requireDistinct(runs);
  const { metrics, notes } = settleMetrics(runs, options);
  const names = new Set([
    ...metrics.map(({ name }) => name),
    ...(options.usage ? usageMetrics : []),
  ]);
  for (const field of ['margins', 'differences'] as const) {
    for (const name of Object.keys(options[field])) {
      if (!names.has(name)) throw unknownMetric(`${field}.${name}`, name, names);
    }
  }
  for (const metric of metrics) requireMarginWithin(metric, options.margins[metric.name]);
  await requireCommonItems(database, runs);
  return { runs, metrics, notes };
}

/** A margin as large as any difference can be would call everything equivalent. */
function requireMarginWithin({ name, shape }: SettledMetric, margin: number | undefined): void {
  const { min, max } = shape.range;
  const reach = shape.kind === 'boolean' ? 1 : min === null || max === null ? null : max - min;
  if (margin === undefined || reach === null || margin < reach) return;
  throw new RequestError(
    'invalid',
    'margin_too_large',
    `The values of "${name}" can differ by ${reach} at most, so a margin of ${margin} says nothing; give a smaller one, such as ${reach / 100}.`,
    [{ field: `margins.${name}`, message: `must be below ${reach}` }],
  );
}

function requireDistinct(runs: readonly ComparedRun[]): void {
  const [baseline, ...candidates] = runs;
  const same = candidates.find(({ id }) => id === baseline?.id);
  if (!same) return;
  throw new RequestError(
    'invalid',
    'same_run',
    `The run "${same.name}" (${same.id}) cannot be compared with itself; name another one.`,
    [{ field: 'candidateRunIds', message: 'must not contain the baseline' }],
  );
}

function settleMetrics(
  runs: readonly ComparedRun[],
  options: ComparisonOptions,
): { metrics: SettledMetric[]; notes: string[] } {
  const [baseline, ...candidates] = runs;
  const notes: string[] = [];
  const common: SettledMetric[] = [];
  const incomparable: string[] = [];
  for (const [index, spec] of (baseline?.metrics ?? []).entries()) {
    const others = candidates.map((run) => run.metrics.findIndex(({ name }) => name === spec.name));
    if (others.includes(-1)) continue;
    const specs = candidates.map((run, place) => run.metrics[others[place] ?? -1]);
    const shape = shapeOf(spec);
    const isAlike = (other: RunMetricSpec | undefined): boolean =>
      other?.metric === spec.metric && isSameShape(shape, shapeOf(other));
    if (!specs.every(isAlike)) {
      incomparable.push(spec.name);
      continue;
    }
    if (specs.some((other) => !isSameSpec(spec, other))) {
      notes.push(
        `${spec.name} is not configured alike in all runs: a difference may come from that.`,
      );
    }
    common.push({
      name: spec.name,
      source: 'metric',
      shape,
      indexes: [index, ...others],
    });
  }
  if (incomparable.length > 0) {
    notes.push(
      `Not compared, since the runs have another metric under the same name: ${incomparable.join(', ')}.`,
    );
  }
  const names = new Set(common.map(({ name }) => name));
  const wanted = options.metrics;
  for (const [place, name] of (wanted ?? []).entries()) {
    if (!names.has(name)) throw unknownMetric(`metrics.${place}`, name, names);
  }
  if (common.length === 0) throw noCommonMetric(runs);
  const metrics = wanted ? common.filter(({ name }) => wanted.includes(name)) : common;
  return { metrics, notes };
}

/** Values of another kind, range or direction are no values of the same thing. */
const isSameShape = (a: MetricShape, b: MetricShape): boolean =>
  a.kind === b.kind &&
  a.direction === b.direction &&
  a.range.min === b.range.min &&
  a.range.max === b.range.max;

/** The threshold and the reducer are for one run; what is scored is the same without. */
function isSameSpec(spec: RunMetricSpec, other: RunMetricSpec | undefined): boolean {
  const scored = ({ config, output, expected, extract }: RunMetricSpec): string =>
    JSON.stringify([config ?? null, output ?? null, expected ?? null, extract ?? null]);
  return other !== undefined && scored(spec) === scored(other);
}

function unknownMetric(field: string, name: string, names: ReadonlySet<string>): RequestError {
  const known = [...names].join(', ');
  return new RequestError(
    'invalid',
    'unknown_metric',
    `"${name}" is no metric that all of these runs have; ${known === '' ? 'they have none in common' : `those are ${known}`}.`,
    [{ field, message: known === '' ? 'is no common metric' : `is none of ${known}` }],
  );
}

function noCommonMetric(runs: readonly ComparedRun[]): RequestError {
  const lists = runs.map(
    ({ name, metrics }) => `"${name}" has ${metrics.map((metric) => metric.name).join(', ')}`,
  );
  return new RequestError(
    'unprocessable',
    'no_common_metric',
    `These runs have no metric in common: ${lists.join('; ')}. Score the outputs of one with the metrics of the other: a new run with the target {"kind": "recorded", "runId": "…"}.`,
  );
}

async function requireCommonItems(
  database: Queryable,
  [baseline, ...candidates]: readonly ComparedRun[],
): Promise<void> {
  if (!baseline) return;
  for (const candidate of candidates) {
    // Of one version, whole on one side: all items of the smaller are common.
    const whole = baseline.filter === null || candidate.filter === null;
    if (candidate.versionId === baseline.versionId && whole) continue;
    const row = await database.queryOne<{ common: boolean }>(sql`
      select exists (
        select 1 from (${keysOf(candidate)}) c join (${keysOf(baseline)}) b on b.key = c.key
      ) as common`);
    if (row?.common === true) continue;
    throw new RequestError(
      'unprocessable',
      'no_common_items',
      `The runs "${baseline.name}" and "${candidate.name}" have no item in common: items are matched by their keys. Run both on the same dataset, or on versions that share keys.`,
    );
  }
}

const keysOf = (run: ComparedRun) =>
  run.filter === null
    ? sql`select key from dataset_items where version_id = ${run.versionId}`
    : sql`select i.key from run_selections s
        join dataset_items i on i.version_id = ${run.versionId} and i.position = s.position
        where s.run_id = ${run.id}`;
