import { auditAction, errorClass, queueName } from '#libs/contracts';
import { z } from 'zod';

export const views = ['queues', 'processes', 'failures', 'audit'] as const;
export type View = (typeof views)[number];
export const failureLists = ['runs', 'items', 'jobs'] as const;
export const targets = [60, 300, 900, 3600] as const;

const moment = z.iso.datetime({ offset: true }).optional().catch(undefined);

/** What the address of the operations says: the part that is shown, and its filters. */
export const operationsSearch = z.object({
  view: z.enum(views).optional().catch(undefined),
  /** Seconds in which the backlog should be done. */
  target: z.literal(targets).optional().catch(undefined),
  list: z.enum(failureLists).optional().catch(undefined),
  queue: queueName.optional().catch(undefined),
  runId: z.uuid().optional().catch(undefined),
  errorClass: errorClass.optional().catch(undefined),
  action: auditAction.optional().catch(undefined),
  from: moment,
  to: moment,
});
export type OperationsSearch = z.infer<typeof operationsSearch>;
