import { expect } from '@jest/globals';
import { sql } from '#libs/database';
import type { World } from './world.ts';

interface Sums {
  metric: number;
  n: number;
  sum: string;
  squares: string;
  judged: number;
  passed: number;
  errors: number;
  not_applicable: number;
}

/** The running sums that a run keeps. */
export const keptSums = (world: World, runId: string): Promise<Sums[]> =>
  world.database.query<Sums>(sql`
    select metric, n, trim_scale(sum) as sum, trim_scale(sum_of_squares) as squares, judged, passed,
      errors, not_applicable
    from run_metric_sums
    where run_id = ${runId} and (n, judged, errors, not_applicable) <> (0, 0, 0, 0)
    order by metric`);

/**
 * Whatever a run counts while it goes must be what a count from scratch says: its counters, the
 * running sums of every metric to the last digit, errors by class, and no item without its scores or
 * twice.
 */
export async function expectExact(world: World, runId: string): Promise<void> {
  const [counted] = await world.database.query(sql`
    select done, failed from evaluation_runs where id = ${runId}`);
  const [recounted] = await world.database.query(sql`
    select count(*) filter (where status <> 'open')::int as done,
      count(*) filter (where status = 'failed')::int as failed
    from evaluation_items where run_id = ${runId}`);
  expect(counted).toEqual(recounted);

  const [twice] = await world.database.query(sql`
    select count(*)::int as count from (
      select key, repeat from evaluation_items where run_id = ${runId}
      group by key, repeat having count(*) > 1) t`);
  expect(twice).toEqual({ count: 0 });

  const [unfit] = await world.database.query(sql`
    select count(*)::int as count from evaluation_items e
    where e.run_id = ${runId}
      and (e.status = 'completed') <> exists (
        select 1 from scores s where s.run_id = e.run_id and s.no = e.no)`);
  expect(unfit).toEqual({ count: 0 });

  const recount = await world.database.query<Sums>(sql`
    select metric, count(value)::int as n,
      trim_scale(coalesce(sum(value::text::numeric), 0)) as sum,
      trim_scale(coalesce(sum(value::text::numeric * value::text::numeric), 0)) as squares,
      count(passed)::int as judged, (count(*) filter (where passed))::int as passed,
      (count(*) filter (where outcome = 'error'))::int as errors,
      (count(*) filter (where outcome = 'not_applicable'))::int as not_applicable
    from scores where run_id = ${runId} group by metric order by metric`);
  expect(await keptSums(world, runId)).toEqual(recount);

  const errors = await world.database.query(sql`
    select class, items, tries, scores from run_errors
    where run_id = ${runId} and (items, tries, scores) <> (0, 0, 0) order by class`);
  const recountedErrors = await world.database.query(sql`
    select class, sum(items)::int as items, sum(tries)::int as tries, sum(scores)::int as scores
    from (
      select error_class as class, 1 as items, 0 as tries, 0 as scores from evaluation_items
      where run_id = ${runId} and status = 'failed'
      union all select class, 0, 1, 0 from item_tries where run_id = ${runId}
      union all select error_class, 0, 0, 1 from scores
      where run_id = ${runId} and error_class is not null
    ) e group by class order by class`);
  expect(errors).toEqual(recountedErrors);
}
