import type { ComparisonFilter, ComparisonItem, operations, OperationInput } from '#libs/contracts';
import { sql, type Queryable } from '#libs/database';
import { decodeCursor, toPage, type Page } from '#libs/paging';
import { z } from 'zod';
import { filterCondition } from './alignment.ts';
import type { ComparedRun } from './compared-runs.ts';
import { usageMetrics } from './scores.ts';

type Query = OperationInput<typeof operations.listComparisonItems>['query'];

const itemPlace = z.object({
  size: z.number(),
  key: z.string(),
  repeat: z.int(),
});

interface Side {
  run: ComparedRun;
  /** Of the metric in that run's list; of no use for what the target used. */
  index: number;
}

type SideRow = ComparisonItem['baseline'];

interface Row {
  key: string;
  repeat: number;
  input: ComparisonItem['input'];
  expected: ComparisonItem['expected'];
  baseline: SideRow;
  candidate: SideRow;
  difference: number | null;
  size: number;
}

/** The items of one side with the value of one metric, and whether their repeats disagree. */
function sideRows({ run, index }: Side, metric: string) {
  // Of repeats that disagree not all have the same value.
  const rows = itemRows(run, index, metric);
  return sql`
    select *, min(value) over same is distinct from max(value) over same
      or min(category) over same is distinct from max(category) over same as mixed
    from (${rows}) rows window same as (partition by key)`;
}

function itemRows(run: ComparedRun, index: number, metric: string) {
  const usage = usageMetrics.find((name) => name === metric);
  if (usage !== undefined) {
    const value =
      usage === 'latency_ms'
        ? sql`case when e.cached then null else e.latency_ms end`
        : sql`e.${sql.ref(usage)}::float8`;
    return sql`
      select e.key, e.repeat, e.no, ${value} as value, null::text as category,
        case when e.status = 'completed' and (${value}) is not null then 'scored'
          when e.status = 'completed' then 'not_applicable' else e.status end as status
      from evaluation_items e where e.run_id = ${run.id}`;
  }
  return sql`
    select e.key, e.repeat, e.no, s.value, s.category,
      case when e.status = 'completed' then coalesce(s.outcome, 'open') else e.status end as status
    from evaluation_items e
    left join scores s on s.run_id = e.run_id and s.no = e.no and s.metric = ${index}
    where e.run_id = ${run.id}`;
}

/** Whether a run has the item of a pair, done or not; `side` is where its own row would be. */
function isItemOf(run: ComparedRun, side: 'b' | 'c') {
  const selected =
    run.filter === null
      ? sql``
      : sql`and d.position in (select position from run_selections where run_id = ${run.id})`;
  return sql`(${sql.ref(`${side}.no`)} is not null or (
    coalesce(b.repeat, c.repeat) < ${run.repeats}::int and exists (
      select 1 from dataset_items d
      where d.version_id = ${run.versionId} and d.key = coalesce(b.key, c.key) ${selected})))`;
}

/**
 * Items of two runs by what one metric says of them, each with both outputs. What neither run has done
 * yet has nothing to show, and is not listed.
 * @param sides.sign 1 where more is better, −1 where less is
 */
export async function listPairs(
  database: Queryable,
  sides: { baseline: Side; candidate: Side; sign: 1 | -1; filter: ComparisonFilter | undefined },
  { metric, kind, limit, cursor }: Pick<Query, 'metric' | 'kind' | 'limit' | 'cursor'>,
): Promise<Page<ComparisonItem>> {
  const after = decodeCursor(itemPlace, cursor);
  const { baseline, candidate, sign, filter } = sides;
  // What rounding makes of equal decimals is no difference, here as in the comparison.
  const differs = sql`abs(c.value - b.value) > 5e-15 * greatest(abs(b.value), abs(c.value))`;
  const gain = sql`case when ${differs} then ${sign}::float8 * (c.value - b.value) else 0 end`;
  const paired = sql`b.status = 'scored' and c.status = 'scored'`;
  const changed = sql`(coalesce(${differs}, false) or b.category is distinct from c.category)`;
  const condition = {
    regressions: sql`${paired} and ${gain} < 0`,
    improvements: sql`${paired} and ${gain} > 0`,
    changed: sql`${paired} and ${changed}`,
    ties: sql`${paired} and not ${changed}`,
    flaky: sql`${paired} and (b.mixed or c.mixed)`,
    unpaired: sql`(${paired}) is not true
      and ${isItemOf(baseline.run, 'b')} and ${isItemOf(candidate.run, 'c')}`,
    baseline_only: sql`c.no is null and not ${isItemOf(candidate.run, 'c')}`,
    candidate_only: sql`b.no is null and not ${isItemOf(baseline.run, 'b')}`,
  }[kind];
  const bySize = kind === 'regressions' || kind === 'improvements';
  const size = bySize ? sql`abs(c.value - b.value)` : sql`0::float8`;
  // The newer run's version says what the items are, as it does in the comparison itself.
  const newer = baseline.run.id > candidate.run.id ? baseline.run : candidate.run;
  const older = newer === baseline.run ? candidate.run : baseline.run;
  const rows = await database.query<Row>(sql`
    with b as materialized (${sideRows(baseline, metric)}),
    c as materialized (${sideRows(candidate, metric)}),
    pairs as (
      select coalesce(b.key, c.key) as key, coalesce(b.repeat, c.repeat) as repeat,
        b.no as b_no, coalesce(b.status, 'absent') as b_status, b.value as b_value,
        b.category as b_category,
        c.no as c_no, coalesce(c.status, 'absent') as c_status, c.value as c_value,
        c.category as c_category, c.value - b.value as difference, ${size} as size
      from b full join c on c.key = b.key and c.repeat = b.repeat
      where ${condition}
    ), page as (
      select p.* from pairs p
      where true
        ${after === undefined ? sql`` : sql`and (-p.size, p.key, p.repeat) > (${-after.size}::float8, ${after.key}::text, ${after.repeat}::int)`}
        ${
          filter === undefined
            ? sql``
            : sql`and exists (
                select 1 from dataset_items
                where version_id = ${newer.versionId} and key = p.key and ${filterCondition(filter)})`
        }
      order by -p.size, p.key, p.repeat limit ${limit + 1}
    )
    select p.key, p.repeat, p.difference, p.size, i.input, i.expected,
      json_build_object('no', p.b_no, 'status', p.b_status, 'reason', bs.reason,
        'value', coalesce(to_json(p.b_value), to_json(p.b_category)), 'output', be.output) as baseline,
      json_build_object('no', p.c_no, 'status', p.c_status, 'reason', cs.reason,
        'value', coalesce(to_json(p.c_value), to_json(p.c_category)), 'output', ce.output) as candidate
    from page p
    left join lateral (
      select input, expected from dataset_items d
      where d.key = p.key and d.version_id in (${newer.versionId}, ${older.versionId})
      order by (d.version_id = ${newer.versionId}) desc limit 1
    ) i on true
    left join evaluation_items be on be.run_id = ${baseline.run.id} and be.no = p.b_no
    left join evaluation_items ce on ce.run_id = ${candidate.run.id} and ce.no = p.c_no
    left join scores bs
      on bs.run_id = ${baseline.run.id} and bs.no = p.b_no and bs.metric = ${baseline.index}
    left join scores cs
      on cs.run_id = ${candidate.run.id} and cs.no = p.c_no and cs.metric = ${candidate.index}
    order by -p.size, p.key, p.repeat`);
  return toPage(
    rows,
    limit,
    ({ size: _size, ...item }) => item,
    ({ size: itemSize, key, repeat }) => ({ size: itemSize, key, repeat }),
  );
}
