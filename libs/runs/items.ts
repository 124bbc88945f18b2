import {
  RequestError,
  RUN_ITEMS_SEARCHED_AT_ONCE,
  type EvaluationItem,
  type ToolCall,
} from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import type { ItemScore, MetricShape } from '#libs/evaluation';
import { shapeOf, toScore } from '#libs/metrics';
import { decodeCursor, encodeCursor, toPage, type Page } from '#libs/paging';
import { z } from 'zod';
import {
  orderOf,
  type ItemOrder,
  type ItemPlace,
  type ItemsFilter,
  type ItemsQuery,
} from './item-order.ts';
import { searchOf } from './item-search.ts';
import { runNotFound, type RunRow } from './rows.ts';

interface ItemRow {
  no: number;
  key: string;
  repeat: number;
  status: 'completed' | 'failed';
  attempt: number;
  input: EvaluationItem['input'];
  expected: EvaluationItem['expected'];
  output: EvaluationItem['output'];
  tags: string[];
  split: string | null;
  metadata: EvaluationItem['metadata'];
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
  /** In the search that found it, from 1. */
  place: number;
  scores: (ItemScore & { costUsd: number | null })[];
}

/** Of one item; more than any limit of retries gives, unless the run was retried many times. */
const TRIES_MAX = 200;

const itemPlace = z.object({
  no: z.int().min(0).max(2_147_483_647),
  value: z.number().optional(),
  looked: z.int().min(0).default(0),
});

/**
 * The closed items of a run, in the order of the dataset or of one metric's scores. What no index finds
 * is looked for in so many items at a time: the page may then not be full, and the next one goes on.
 * @throws {RequestError} `run_not_found`, `unknown_metric`, `metric_missing`, `slice_incomplete`
 */
export async function listItems(
  database: Queryable,
  projectId: string,
  runId: string,
  query: ItemsQuery,
): Promise<Page<EvaluationItem> & { looked?: number }> {
  const run = await findRun(database, projectId, runId);
  const order = orderOf(run.metrics, query);
  // A place in one order is none in another.
  const by = `${query.metric ?? ''}/${query.sort}`;
  const byCursor = itemPlace.extend({ by: z.literal(by) });
  const after = decodeCursor(
    query.sort === 'position' ? byCursor : byCursor.required({ value: true }),
    query.cursor,
  );
  const placeOf = ({ no, sort_value: value }: Pick<ItemRow, 'no' | 'sort_value'>) =>
    value === null ? { no, by } : { no, value, by };
  const metrics = run.metrics.map((spec) => ({ name: spec.name, shape: shapeOf(spec) }));

  const filter = searchOf(query);
  const rows = await readItems(database, run, query, { order, after, filter });
  if (!filter) return toPage(rows, query.limit, (row) => toItem(row, metrics), placeOf);
  const before = after?.looked ?? 0;
  const shown = rows.slice(0, query.limit);
  const items = shown.map((row) => toItem(row, metrics));
  const last = shown.at(-1);
  if (last && rows.length > query.limit) {
    const looked = before + last.place;
    return { items, nextCursor: encodeCursor({ ...placeOf(last), looked }), looked };
  }
  const end = await findEnd(database, run, query, { order, after });
  const looked = before + (end?.place ?? 0);
  const isWhole = !end || end.place < RUN_ITEMS_SEARCHED_AT_ONCE;
  return {
    items,
    nextCursor: isWhole ? null : encodeCursor({ ...placeOf(end), looked }),
    looked,
  };
}

/**
 * One closed item of a run, by its place there.
 * @throws {RequestError} `run_not_found`, `item_not_found`
 */
export async function getItem(
  database: Queryable,
  projectId: string,
  runId: string,
  no: number,
): Promise<EvaluationItem> {
  const cursor = no === 0 ? {} : { cursor: encodeCursor({ no: no - 1, by: '/position' }) };
  const query = { sort: 'position', limit: 1, ...cursor } as const;
  const { items } = await listItems(database, projectId, runId, query);
  const item = items.find((one) => one.no === no);
  if (item) return item;
  throw new RequestError(
    'not_found',
    'item_not_found',
    'There is no such item that is done in this run.',
  );
}

/**
 * The places of all completed items that a filter takes, in their order, some at a time.
 * @throws {RequestError} as `listItems`, before the first
 */
export async function* itemNumbers(
  database: Queryable,
  projectId: string,
  runId: string,
  filter: ItemsFilter,
): AsyncGenerator<number[], void, undefined> {
  const query: ItemsQuery = { ...filter, status: 'completed', sort: 'position', limit: 1 };
  const run = await findRun(database, projectId, runId);
  const order = orderOf(run.metrics, query);
  const search = searchOf(query);
  let after: ItemPlace | undefined;
  for (;;) {
    const where = { order, after };
    const found = await database.query<{ no: number }>(sql`
      select c.no from ${candidates(run, query, where)}
      ${
        search
          ? sql`cross join lateral (
          select * from evaluation_items where run_id = ${run.id} and no = c.no limit 1
        ) i ${datasetItem(run, sql`i.key`)} where ${search}`
          : sql``
      }
      order by c.no`);
    if (found.length > 0) yield found.map(({ no }) => no);
    const end = await findEnd(database, run, query, where);
    if (!end || end.place < RUN_ITEMS_SEARCHED_AT_ONCE) return;
    after = { no: end.no };
  }
}

async function findRun(database: Queryable, projectId: string, runId: string): Promise<ListedRun> {
  const run = await database.queryOne<ListedRun>(
    sql`select id, metrics, dataset_version_id as "versionId" from evaluation_runs
      where id = ${runId} and project_id = ${projectId}`,
  );
  if (!run) throw runNotFound();
  return run;
}

type ListedRun = Pick<RunRow, 'id' | 'metrics'> & { versionId: string };

interface Where {
  order: ItemOrder;
  after: ItemPlace | undefined;
}

/** The items that a page may be of: closed, and within all that an index finds. */
const within = (run: ListedRun, query: ItemsQuery, { order, after }: Where) => sql`
  i.run_id = ${run.id} and i.status <> 'open'
  ${query.status === undefined ? sql`` : sql`and i.status = ${query.status}`}
  ${query.key === undefined ? sql`` : sql`and i.key = ${query.key}`}
  ${query.errorClass === undefined ? sql`` : sql`and i.error_class = ${query.errorClass}`}
  ${order.bounds} ${after === undefined ? sql`` : order.after(after)}`;

/** The items that one search looks at, as `c`, by their place in it, from 1. */
const candidates = (run: ListedRun, query: ItemsQuery, where: Where) => sql`(
  select i.no, ${where.order.sortValue} as sort_value, ${where.order.scoreOf('passed')} as passed,
    ${where.order.scoreOf('category')} as category,
    (row_number() over (order by ${where.order.by}))::int as place
  from ${where.order.from(run.id)} where ${within(run, query, where)}
  order by ${where.order.by} limit ${RUN_ITEMS_SEARCHED_AT_ONCE}
) c`;

/** The last item that one search looks at; undefined: there is none. */
const findEnd = (
  database: Queryable,
  run: ListedRun,
  query: ItemsQuery,
  where: Where,
): Promise<Pick<ItemRow, 'no' | 'sort_value' | 'place'> | undefined> =>
  database.queryOne(sql`
    select c.no, c.sort_value, c.place from ${candidates(run, query, where)}
    order by c.place desc limit 1`);

/** Limited to one, so that it is looked up for each item, and what it is of never read as a whole. */
const datasetItem = ({ versionId }: ListedRun, key: ReturnType<typeof sql>) => sql`
  cross join lateral (
    select input, expected, tags, split, metadata from dataset_items
    where version_id = ${versionId} and key = ${key} limit 1
  ) d`;

function readItems(
  database: Queryable,
  run: ListedRun,
  query: ItemsQuery,
  { filter, ...where }: Where & { filter: ReturnType<typeof sql> | undefined },
): Promise<ItemRow[]> {
  const { order } = where;
  const chosen = filter
    ? sql`
        select i.*, c.sort_value, c.place from ${candidates(run, query, where)}
        cross join lateral (
          select * from evaluation_items where run_id = ${run.id} and no = c.no limit 1
        ) i
        ${datasetItem(run, sql`i.key`)}
        where ${filter} order by ${order.outerBy(sql`c`)}`
    : sql`
        select i.*, ${order.sortValue} as sort_value, 0 as place from ${order.from(run.id)}
        where ${within(run, query, where)} order by ${order.by}`;
  return database.query<ItemRow>(sql`
    select e.no, e.key, e.repeat, e.status, e.attempt, d.input, d.expected, d.tags, d.split,
      d.metadata, e.output, e.error_class,
      e.error_message, e.latency_ms, e.input_tokens, e.output_tokens, e.cost_usd,
      e.finish_reason, e.tool_calls, e.queue_ms, e.cached, e.trace_id, e.context, e.judge_cost_usd,
      e.sort_value, e.place, t.tries, (
        select coalesce(json_agg(json_build_object(
          'metric', c.metric, 'outcome', c.outcome, 'value', c.value, 'category', c.category,
          'passed', c.passed, 'reason', c.reason, 'details', c.details,
          'errorClass', c.error_class, 'costUsd', c.cost_usd) order by c.metric), '[]'::json)
        from scores c where c.run_id = ${run.id} and c.no = e.no
      ) as scores
    from (
      ${chosen} limit ${query.limit + 1}
    ) e
    ${datasetItem(run, sql`e.key`)}
    cross join lateral (
      select coalesce(json_agg(json_strip_nulls(json_build_object(
        'attempt', f.attempt, 'class', f.class, 'message', f.message, 'latencyMs', f.latency_ms,
        'at', to_char(f.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      )) order by f.attempt, f.try), '[]'::json) as tries
      from (
        select * from item_tries
        where run_id = ${run.id} and no = e.no order by attempt, try limit ${TRIES_MAX}
      ) f
    ) t
    order by ${order.outerBy(sql`e`)}`);
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
  tags: row.tags,
  split: row.split,
  metadata: row.metadata,
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
