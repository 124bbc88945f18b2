import { RequestError } from '#libs/contracts';
import type { z } from 'zod';

/** What a list is asked for. */
export interface PageQuery {
  limit: number;
  cursor?: string | undefined;
}
export interface Page<Item> {
  items: Item[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** A place in a list as an opaque text that is safe in a URL. */
export const encodeCursor = (place: Record<string, string | number>): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

/**
 * Reads what `encodeCursor` wrote; undefined stands for the first page.
 * @throws {RequestError} `invalid_cursor` for whatever `schema` does not know
 */
export function decodeCursor<Schema extends z.ZodType>(
  schema: Schema,
  cursor: string | undefined,
): z.output<Schema> | undefined {
  if (cursor === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (parsed.success) return parsed.data;
  throw new RequestError(
    'invalid',
    'invalid_cursor',
    'The cursor is not one that this list answered with; leave it out to start at the first page.',
    [{ field: 'cursor', message: 'is not a cursor of this list' }],
  );
}

/**
 * Cuts a page out of rows that were asked for with a limit of one more than the page holds: that one
 * row tells whether there is a next page.
 */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  placeOf: (row: Row) => Record<string, string | number>,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(toItem),
    nextCursor: last === undefined ? null : encodeCursor(placeOf(last)),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
