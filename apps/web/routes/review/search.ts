import { z } from 'zod';

// The address may write a text that is a number without quotes.
const word = z.coerce.string().optional().catch(undefined);

/** The part of the queue that is shown, and what is chosen in it. */
export const reviewSearch = z.object({
  view: z.enum(['agreement', 'settings']).optional().catch(undefined),
  /** Which items are listed. */
  show: z.enum(['complete', 'open', 'done', 'skipped']).optional().catch(undefined),
  /** The human metric that agreement is shown of, and the judge beside it. */
  metric: word,
  run: word,
  judge: word,
  threshold: z.number().optional().catch(undefined),
  add: z.boolean().optional().catch(undefined),
});
export type ReviewSearch = z.infer<typeof reviewSearch>;
