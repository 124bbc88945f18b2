import { RequestError, type operations, type OperationInput, type Run } from '#libs/contracts';
import { sql } from '#libs/database';
import { shapeOf } from '#libs/metrics';

export type ItemsQuery = OperationInput<typeof operations.listRunItems>['query'];

/** Which items, whatever their order and the page. */
export type ItemsFilter = Partial<Omit<ItemsQuery, 'limit' | 'cursor' | 'sort'>>;

type Sql = ReturnType<typeof sql>;

/** A place in the order of a list of items. */
export interface ItemPlace {
  no: number;
  value?: number | undefined;
}

/** How items are found, bounded, ordered and continued. */
export interface ItemOrder {
  /** The value of the metric by which they are ordered. */
  sortValue: Sql;
  /** The metric's score, where a metric is named: of its columns `passed` and `category`. */
  scoreOf: (column: 'passed' | 'category') => Sql;
  /** Evaluation items as `i`, and the scores of the metric as `s`. */
  from: (runId: string) => Sql;
  /** Conditions, each with its `and`. */
  bounds: Sql;
  after: (place: ItemPlace) => Sql;
  by: Sql;
  /** The same order once the items, with their `sort_value`, are in a table of this name. */
  outerBy: (from: Sql) => Sql;
}

/**
 * By their place in the run, or by a metric's value.
 * @throws {RequestError} `metric_missing`, `unknown_metric`
 */
export function orderOf(metrics: Run['metrics'], query: ItemsQuery): ItemOrder {
  const { metric, sort, min, max, passed, category } = query;
  if (metric === undefined) {
    if (sort !== 'position') throw metricMissing(`To sort by ${sort}`);
    if ([min, max, passed, category].some((value) => value !== undefined)) {
      throw metricMissing('To use min, max, passed or category');
    }
    return {
      sortValue: sql`null::float8`,
      scoreOf: () => sql`null`,
      from: () => sql`evaluation_items i`,
      bounds: sql``,
      ...byPlace,
    };
  }
  const index = metrics.findIndex(({ name }) => name === metric);
  const spec = metrics[index];
  if (!spec) throw unknownMetric(metrics, metric);
  const higherIsBetter = shapeOf(spec).direction !== 'lower';
  const byValue = sort !== 'position';
  // The index has scores with a value only; a category has none.
  const needsValue = byValue || min !== undefined || max !== undefined;
  return {
    sortValue: byValue ? sql`s.value` : sql`null::float8`,
    scoreOf: (column) => sql`${sql.ref(`s.${column}`)}`,
    from: (runId) => sql`scores s join evaluation_items i
      on i.run_id = s.run_id and i.no = s.no and s.run_id = ${runId}
        and s.metric = ${index}::smallint
        and ${needsValue ? sql`s.value is not null` : sql`s.outcome = 'scored'`}`,
    bounds: sql`
      ${min === undefined ? sql`` : sql`and s.value >= ${min}::float8`}
      ${max === undefined ? sql`` : sql`and s.value <= ${max}::float8`}`,
    ...(byValue ? byScore((sort === 'best') === higherIsBetter) : byPlace),
  };
}

const byPlace: Pick<ItemOrder, 'after' | 'by' | 'outerBy'> = {
  after: ({ no }) => sql`and i.no > ${no}::int`,
  by: sql`i.no`,
  outerBy: (from) => sql`${from}.no`,
};

function byScore(descending: boolean): Pick<ItemOrder, 'after' | 'by' | 'outerBy'> {
  const direction = sql.raw(descending ? 'desc' : 'asc');
  const compare = sql.raw(descending ? '<' : '>');
  return {
    after: ({ no, value }) =>
      sql`and (s.value, s.no) ${compare} (${value ?? null}::float8, ${no}::int)`,
    by: sql`s.value ${direction}, s.no ${direction}`,
    outerBy: (from) => sql`${from}.sort_value ${direction}, ${from}.no ${direction}`,
  };
}

const metricMissing = (toDoWhat: string): RequestError =>
  new RequestError('invalid', 'metric_missing', `${toDoWhat}, name a metric too.`, [
    { field: 'metric', message: "give a metric's name in this run" },
  ]);

/** A request that names a metric which is none of the run's. */
export function unknownMetric(metrics: Run['metrics'], metric: string): RequestError {
  const names = metrics.map(({ name }) => name).join(', ');
  return new RequestError(
    'invalid',
    'unknown_metric',
    `This run has no metric "${metric}"; it has ${names}.`,
    [{ field: 'metric', message: `is none of ${names}` }],
  );
}
