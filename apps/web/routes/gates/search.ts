import { z } from 'zod';

/** The part that is shown, and the gate whose form is open: its id, or `new`. */
export const gatesSearch = z.object({
  view: z.enum(['baselines']).optional().catch(undefined),
  edit: z.coerce.string().optional().catch(undefined),
});
