import { comparisonOptions, itemKinds } from '#libs/contracts';
import { z } from 'zod';

const options = comparisonOptions.shape;

export const compareViews = [
  'differences',
  'items',
  'slices',
  'ranking',
  'settings',
  'trend',
  'gates',
] as const;
export type CompareView = (typeof compareViews)[number];

/**
 * What the address says: the runs, the baseline first, how they are compared, and what of it is looked
 * at. Options have the names that they have in a call of the API.
 */
export const compareSearch = z.object({
  runs: z.string().optional().catch(undefined),
  metrics: options.metrics.catch(undefined),
  usage: z.literal(false).optional().catch(undefined),
  filter: options.filter.catch(undefined),
  confidence: options.confidence.unwrap().optional().catch(undefined),
  margins: options.margins.unwrap().optional().catch(undefined),
  differences: options.differences.unwrap().optional().catch(undefined),
  sliceBy: options.sliceBy.unwrap().optional().catch(undefined),
  clusterBy: options.clusterBy.catch(undefined),
  resample: z.literal(false).optional().catch(undefined),
  resampleSlices: z.literal(true).optional().catch(undefined),
  seed: options.seed.unwrap().optional().catch(undefined),
  view: z.enum(compareViews).optional().catch(undefined),
  show: z.enum(['tables']).optional().catch(undefined),
  /** The candidate and the metric that the parts of the page are about; left out: the first. */
  candidate: z.string().optional().catch(undefined),
  metric: z.coerce.string().optional().catch(undefined),
  kind: z.enum(itemKinds).optional().catch(undefined),
  item: z.coerce.string().optional().catch(undefined),
  repeat: z.number().int().min(0).optional().catch(undefined),
  board: z.coerce.string().optional().catch(undefined),
});
export type CompareSearch = z.infer<typeof compareSearch>;
