import { z } from 'zod';

const version = z.coerce.number().int().min(1).optional().catch(undefined);

/** Which version is open, which one it is compared with, and the dataset that it is shown on. */
export const promptSearch = z.object({
  version,
  against: version,
  dataset: z.uuid().optional().catch(undefined),
});
export type PromptSearch = z.infer<typeof promptSearch>;
