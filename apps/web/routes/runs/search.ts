import { z } from 'zod';
import { runState } from '#libs/contracts';

/** What the address of the list says: which state, or the deleted ones. */
export const runsSearch = z.object({
  state: runState.optional().catch(undefined),
  deleted: z.literal(true).optional().catch(undefined),
});
export type RunsSearch = z.infer<typeof runsSearch>;
