import { z } from 'zod';

/** The part that is shown, whether deleted or archived ones are listed, and the form that is open. */
export const reviewsSearch = z.object({
  view: z.enum(['metrics']).optional().catch(undefined),
  deleted: z.boolean().optional().catch(undefined),
  archived: z.boolean().optional().catch(undefined),
  /** `new`, or the id of the human metric that is changed. */
  edit: z.coerce.string().optional().catch(undefined),
});
