import { z } from 'zod';

/** A place in a list that is ordered by time, then id. */
export const timeCursor = z.strictObject({
  // PostgreSQL knows no year 0, ISO 8601 does.
  at: z.iso.datetime().regex(/^[12]/),
  id: z.uuid(),
});
