import { errorClass } from '#libs/contracts';
import { z } from 'zod';

const bound = z.number().optional().catch(undefined);

/** What the address of a run's page says: the view, the filters, the item or metric that is open. */
export const runSearch = z.object({
  view: z.enum(['settings']).optional().catch(undefined),
  metrics: z.enum(['chart', 'table']).optional().catch(undefined),
  detail: z.coerce.string().optional().catch(undefined),
  status: z.enum(['completed', 'failed']).optional().catch(undefined),
  errorClass: errorClass.optional().catch(undefined),
  metric: z.coerce.string().optional().catch(undefined),
  sort: z.enum(['worst', 'best']).optional().catch(undefined),
  min: bound,
  max: bound,
  item: z.number().int().min(0).optional().catch(undefined),
});
export type RunSearch = z.infer<typeof runSearch>;
