import type {
  EvaluationItem,
  operations,
  OperationInput,
  Run,
  RunMetric,
  ToolCall,
} from '#libs/contracts';
import { RequestError } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import type { ItemScore, MetricShape } from '#libs/evaluation';
import { shapeOf, toScore } from '#libs/metrics';
import { decodeCursor, toPage, type Page } from '#libs/paging';
import { z } from 'zod';
import { aggregateSoFar } from './aggregate.ts';
import { getRun, runNotFound, type RunRow } from './rows.ts';

type ItemsQuery = OperationInput<typeof operations.listRunItems>['query'];

interface ItemRow {
  no: number;
  key: string;
  repeat: number;
  status: 'completed' | 'failed';
  attempt: number;
  input: EvaluationItem['input'];
  expected: EvaluationItem['expected'];
  output: EvaluationItem['output'];
  error_class: NonNullable<EvaluationItem['error']>['class'] | null;
  error_message: string | null;
  latency_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cost_usd: number | null;
  finish_reason: string | null;
  tool_calls: ToolCall[] | null;
  queue_ms: number | null;
  cached: boolean;
  trace_id: string | null;
  context: EvaluationItem['context'] | null;
  judge_cost_usd: number | null;
  tries: EvaluationItem['tries'];
  sort_value: number | null;
  scores: (ItemScore & { costUsd: number | null })[];
}

/** Of one item; more than any limit of retries gives, unless the run was retried many times. */
const TRIES_MAX = 200;

const itemPlace = z.object({
  no: z.int().min(0).max(2_147_483_647),
  value: z.number().optional(),
});
type ItemPlace = z.output<typeof itemPlace>;

/** The closed items of a run, in the order of the dataset or of one metric's scores. */
export async function listItems(
  database: Queryable,
  projectId: string,
  runId: string,
  query: ItemsQuery,
): Promise<Page<EvaluationItem>> {
  const run = await database.queryOne<Pick<RunRow, 'metrics'> & { version_id: string }>(
    sql`select metrics, dataset_version_id as version_id from evaluation_runs
      where id = ${runId} and project_id = ${projectId}`,
  );
  if (!run) throw runNotFound();
  const order = orderOf(run.metrics, query);
  // A place in one order is none in another.
  const by = `${query.metric ?? ''}/${query.sort}`;
  const after = decodeCursor(itemPlace.extend({ by: z.literal(by) }), query.cursor);

  const rows = await database.query<ItemRow>(sql`
    select e.no, e.key, e.repeat, e.status, e.attempt, d.input, d.expected, e.output, e.error_class,
      e.error_message, e.latency_ms, e.input_tokens, e.output_tokens, e.cost_usd,
      e.finish_reason, e.tool_calls, e.queue_ms, e.cached, e.trace_id, e.context, e.judge_cost_usd,
      e.sort_value, t.tries, (
        select coalesce(json_agg(json_build_object(
          'metric', c.metric, 'outcome', c.outcome, 'value', c.value, 'category', c.category,
          'passed', c.passed, 'reason', c.reason, 'details', c.details,
          'errorClass', c.error_class, 'costUsd', c.cost_usd) order by c.metric), '[]'::json)
        from scores c where c.run_id = ${runId} and c.no = e.no
      ) as scores
    from (
      select i.*, ${order.sortValue} as sort_value
      from ${order.from(runId)}
      where i.run_id = ${runId} and i.status <> 'open'
        ${query.status === undefined ? sql`` : sql`and i.status = ${query.status}`}
        ${query.key === undefined ? sql`` : sql`and i.key = ${query.key}`}
        ${query.errorClass === undefined ? sql`` : sql`and i.error_class = ${query.errorClass}`}
        ${order.bounds(query)} ${after === undefined ? sql`` : order.after(after)}
      order by ${order.by} limit ${query.limit + 1}
    ) e
    join lateral (
      select input, expected from dataset_items
      where version_id = ${run.version_id} and key = e.key limit 1
    ) d on true
    cross join lateral (
      select coalesce(json_agg(json_strip_nulls(json_build_object(
        'attempt', f.attempt, 'class', f.class, 'message', f.message, 'latencyMs', f.latency_ms,
        'at', to_char(f.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      )) order by f.attempt, f.try), '[]'::json) as tries
      from (
        select * from item_tries
        where run_id = ${runId} and no = e.no order by attempt, try limit ${TRIES_MAX}
      ) f
    ) t
    order by ${order.outerBy}`);
  const metrics = run.metrics.map((spec) => ({ name: spec.name, shape: shapeOf(spec) }));
  return toPage(
    rows,
    query.limit,
    (row) => toItem(row, metrics),
    ({ no, sort_value }) => (sort_value === null ? { no, by } : { no, value: sort_value, by }),
  );
}

/** How the items are found, bounded, ordered and continued: by their place, or by a metric's value. */
function orderOf(metrics: Run['metrics'], { metric, sort }: ItemsQuery) {
  if (metric === undefined) {
    if (sort !== 'position') {
      throw new RequestError(
        'invalid',
        'metric_missing',
        `To sort by ${sort}, name a metric too.`,
        [{ field: 'metric', message: "give a metric's name in this run" }],
      );
    }
    return {
      sortValue: sql`null::float8`,
      from: () => sql`evaluation_items i`,
      bounds: ({ min, max }: ItemsQuery) => {
        if (min === undefined && max === undefined) return sql``;
        throw new RequestError(
          'invalid',
          'metric_missing',
          'To use min or max, name a metric too.',
          [{ field: 'metric', message: "give a metric's name in this run" }],
        );
      },
      after: ({ no }: ItemPlace) => sql`and i.no > ${no}`,
      by: sql`i.no`,
      outerBy: sql`e.no`,
    };
  }
  const index = metrics.findIndex(({ name }) => name === metric);
  const spec = metrics[index];
  if (!spec) {
    const names = metrics.map(({ name }) => name).join(', ');
    throw new RequestError(
      'invalid',
      'unknown_metric',
      `This run has no metric "${metric}"; it has ${names}.`,
      [{ field: 'metric', message: `is none of ${names}` }],
    );
  }
  const higherIsBetter = shapeOf(spec).direction !== 'lower';
  const descending = (sort === 'best') === higherIsBetter;
  const byValue = sort !== 'position';
  const direction = sql.raw(descending ? 'desc' : 'asc');
  const compare = sql.raw(descending ? '<' : '>');
  return {
    sortValue: sql`s.value`,
    from: (runId: string) => sql`scores s join evaluation_items i
      on i.run_id = s.run_id and i.no = s.no and s.run_id = ${runId} and s.metric = ${index}::smallint
        and s.value is not null`,
    bounds: ({ min, max }: ItemsQuery) => sql`
      ${min === undefined ? sql`` : sql`and s.value >= ${min}::float8`}
      ${max === undefined ? sql`` : sql`and s.value <= ${max}::float8`}`,
    after: ({ no, value }: ItemPlace) =>
      byValue && value !== undefined
        ? sql`and (s.value, s.no) ${compare} (${value}::float8, ${no}::int)`
        : sql`and i.no > ${no}`,
    by: byValue ? sql`s.value ${direction}, s.no ${direction}` : sql`i.no`,
    outerBy: byValue ? sql`e.sort_value ${direction}, e.no ${direction}` : sql`e.no`,
  };
}

interface NamedShape {
  name: string;
  shape: MetricShape;
}

const toItem = (row: ItemRow, metrics: readonly NamedShape[]): EvaluationItem => ({
  no: row.no,
  key: row.key,
  repeat: row.repeat,
  status: row.status,
  input: row.input,
  expected: row.expected,
  output: row.output,
  scores: row.scores.map((score) => {
    const metric = metrics[score.metric];
    return {
      ...toScore(score, metric?.name ?? `metric ${score.metric}`, metric?.shape.kind ?? 'numeric'),
      ...(score.costUsd !== null && { costUsd: score.costUsd }),
    };
  }),
  ...(row.error_class !== null && {
    error: { class: row.error_class, message: row.error_message ?? '' },
  }),
  tries: row.tries,
  attempt: row.attempt,
  ...(row.latency_ms !== null && { latencyMs: row.latency_ms }),
  ...(row.input_tokens !== null && { inputTokens: row.input_tokens }),
  ...(row.output_tokens !== null && { outputTokens: row.output_tokens }),
  ...(row.cost_usd !== null && { costUsd: row.cost_usd }),
  ...(row.finish_reason !== null && { finishReason: row.finish_reason }),
  ...(row.tool_calls !== null && { toolCalls: row.tool_calls }),
  ...(row.queue_ms !== null && { queueMs: row.queue_ms }),
  ...(row.judge_cost_usd !== null && { judgeCostUsd: row.judge_cost_usd }),
  ...(row.cached && { cached: true }),
  ...(row.trace_id !== null && { traceId: row.trace_id }),
  ...(row.context !== null && { context: row.context }),
});

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
