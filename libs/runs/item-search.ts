import { RequestError } from '#libs/contracts';
import { contains, jsonContains, sql } from '#libs/database';
import type { ItemsQuery } from './item-order.ts';

type Sql = ReturnType<typeof sql>;

/**
 * What each item has to be looked at for, since no index finds it: a condition on evaluation items as
 * `i`, dataset items as `d` and candidates as `c`; undefined: nothing.
 * @throws {RequestError} `slice_incomplete`
 */
export function searchOf({
  search,
  sliceBy,
  sliceValue,
  passed,
  category,
}: ItemsQuery): Sql | undefined {
  if ((sliceBy === undefined) !== (sliceValue === undefined)) {
    const missing = sliceBy === undefined ? 'sliceBy' : 'sliceValue';
    throw new RequestError(
      'invalid',
      'slice_incomplete',
      'sliceBy and sliceValue go together; give both, or none of them.',
      [{ field: missing, message: 'is missing' }],
    );
  }
  const conditions = [
    ...(passed === undefined ? [] : [sql`c.passed = ${passed}`]),
    ...(category === undefined ? [] : [sql`c.category = ${category}`]),
    ...(sliceBy === undefined || sliceValue === undefined ? [] : [inSlice(sliceBy, sliceValue)]),
    ...(search === undefined ? [] : [holds(search)]),
  ];
  return conditions.length === 0 ? undefined : sql.join(conditions, sql` and `);
}

const holds = (search: string): Sql =>
  sql`(${contains(sql`i.key`, search)} or ${jsonContains(sql`i.output`, search)}
    or ${jsonContains(sql`d.input`, search)} or ${jsonContains(sql`d.expected`, search)})`;

function inSlice(by: string, value: string): Sql {
  if (by === 'tags') return sql`${value} = any(d.tags)`;
  if (by === 'split') return sql`d.split = ${value}`;
  return sql`d.metadata #>> ${by.split('.').slice(1)}::text[] = ${value}`;
}
