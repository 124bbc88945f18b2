import { z } from 'zod';

/** Whether the prompts that are deleted are listed instead. */
export const promptsSearch = z.object({ deleted: z.literal(true).optional().catch(undefined) });
