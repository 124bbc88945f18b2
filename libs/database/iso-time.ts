import { sql } from 'kysely';

/** A timestamp column, by its name in the statement, as text: ISO 8601 in UTC, to the millisecond. */
export const isoTime = (column: string) =>
  sql.raw<string>(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

/** As `isoTime`, with all its digits: to the microsecond, so that it can be a place in a list. */
export const exactTime = (column: string) =>
  sql.raw<string>(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);
