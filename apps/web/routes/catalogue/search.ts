import { z } from 'zod';

/** What the address of the catalogue says: what is looked for, and in which family. */
export const catalogueSearch = z.object({
  q: z.coerce.string().optional().catch(undefined),
  family: z.string().optional().catch(undefined),
});
export type CatalogueSearch = z.infer<typeof catalogueSearch>;
