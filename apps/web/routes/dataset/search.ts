import { z } from 'zod';
import { itemChange } from '#libs/contracts';

export const datasetViews = ['items', 'versions', 'schema', 'splits', 'runs', 'export'] as const;
export type DatasetView = (typeof datasetViews)[number];

const text = z.coerce.string().optional().catch(undefined);
const version = z.number().int().min(1).optional().catch(undefined);

/**
 * What the address of a dataset's page says: the view and the version (left out: the latest), which items
 * are shown and which one is open, and which versions are compared.
 */
export const datasetSearch = z.object({
  view: z.enum(datasetViews).exclude(['items']).optional().catch(undefined),
  version,
  q: z.coerce.string().max(200).optional().catch(undefined),
  split: text,
  tag: text,
  /** The key of the item that is open; of one that is only in the draft, its id there. */
  item: text,
  added: text,
  raw: z.literal(true).optional().catch(undefined),
  /** Only what the draft changes. */
  draft: z.literal(true).optional().catch(undefined),
  from: version,
  to: version,
  change: itemChange.optional().catch(undefined),
});
export type DatasetSearch = z.infer<typeof datasetSearch>;
