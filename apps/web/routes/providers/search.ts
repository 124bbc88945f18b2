import { z } from 'zod';

/** The provider whose form is open, by its name, or `new`. */
export const providersSearch = z.object({
  edit: z.coerce.string().optional().catch(undefined),
});
