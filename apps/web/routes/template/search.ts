import { z } from 'zod';

/** The dataset that the template is held against. */
export const templateSearch = z.object({ dataset: z.uuid().optional().catch(undefined) });
