import { z } from 'zod';

/** Whether the templates that are deleted are listed instead. */
export const templatesSearch = z.object({ deleted: z.literal(true).optional().catch(undefined) });
