import { z } from 'zod';

/** Without a place, the next item is shown; `skipped`: also what one has skipped. */
export const scoreSearch = z.object({
  place: z.number().int().min(0).optional().catch(undefined),
  skipped: z.boolean().optional().catch(undefined),
});
