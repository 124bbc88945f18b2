import { errorClass, sliceBy } from '#libs/contracts';
import { z } from 'zod';

const bound = z.number().optional().catch(undefined);
// The address may write a text that is a number without quotes.
const word = z.coerce.string().optional().catch(undefined);

/** Which items are shown, and in which order. */
const itemFilter = {
  status: z.enum(['completed', 'failed']).optional().catch(undefined),
  errorClass: errorClass.optional().catch(undefined),
  metric: word,
  sort: z.enum(['worst', 'best']).optional().catch(undefined),
  min: bound,
  max: bound,
  passed: z.boolean().optional().catch(undefined),
  category: word,
  search: word,
  sliceBy: sliceBy.optional().catch(undefined),
  sliceValue: word,
  item: z.number().int().min(0).optional().catch(undefined),
};

/** What the address of a run's page says: the view, the filters, the item or metric that is open. */
export const runSearch = z.object({
  view: z.enum(['slices', 'settings']).optional().catch(undefined),
  metrics: z.enum(['chart', 'table']).optional().catch(undefined),
  detail: word,
  /** By what, and of which metric, slices are shown, and in which order. */
  by: sliceBy.optional().catch(undefined),
  of: word,
  slices: z.enum(['lowest', 'highest', 'name']).optional().catch(undefined),
  ...itemFilter,
});
export type RunSearch = z.infer<typeof runSearch>;

/** Takes every filter of the items away, and closes the one that is open. */
export const noItemFilter: { [Name in keyof typeof itemFilter]: undefined } = {
  status: undefined,
  errorClass: undefined,
  metric: undefined,
  sort: undefined,
  min: undefined,
  max: undefined,
  passed: undefined,
  category: undefined,
  search: undefined,
  sliceBy: undefined,
  sliceValue: undefined,
  item: undefined,
};
