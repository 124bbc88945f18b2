import { z } from 'zod';

/** What the address of the list says: what is searched for, a tag, or the deleted ones. */
export const datasetsSearch = z.object({
  q: z.coerce.string().max(200).optional().catch(undefined),
  tag: z.coerce.string().optional().catch(undefined),
  deleted: z.literal(true).optional().catch(undefined),
});
export type DatasetsSearch = z.infer<typeof datasetsSearch>;
