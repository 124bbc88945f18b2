import { sql } from '#libs/database';
import { z } from 'zod';

/** A place in a list that is ordered by time, then id. */
export const timeCursor = z.strictObject({
  // PostgreSQL knows no year 0, ISO 8601 does.
  at: z.iso.datetime().regex(/^[12]/),
  id: z.uuid(),
});

/** What is shown of such a timestamp: milliseconds, as everywhere. */
export const toMilliseconds = (exact: string): string => `${exact.slice(0, 23)}Z`;

/** A timestamp column as ISO 8601 in UTC, with all its digits, so that it can be a cursor too. */
export const utc = (column: string) =>
  sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);
