import type { Queryable } from '#libs/database';
import type { ItemsQuery } from './item-order.ts';
import { listItems } from './items.ts';

/** Items that are read at a time. */
const PAGE = 200;

/**
 * The closed items of a run that a filter takes, in its order, some at a time as they are asked for.
 * @throws {RequestError} as `listItems`
 */
export async function* pickItems(
  database: Queryable,
  projectId: string,
  runId: string,
  filter: Omit<ItemsQuery, 'limit' | 'cursor'>,
): AsyncGenerator<{ key: string; repeat: number }[], void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await listItems(database, projectId, runId, { ...filter, limit: PAGE, cursor });
    yield page.items.map(({ key, repeat }) => ({ key, repeat }));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
