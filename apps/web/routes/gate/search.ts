import { z } from 'zod';

/** Whether the gate's form is open, or the one that checks a run, and the run it begins with. */
export const gateSearch = z.object({
  open: z.enum(['edit', 'check']).optional().catch(undefined),
});
