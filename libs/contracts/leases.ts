import { z } from 'zod';
import { id, json, text, timestamp } from './common.ts';
import { defineOperation } from './operation.ts';
import { toolCall } from './recordings.ts';

/** An item that the caller's own code is to produce an output for. */
export const leasedItem = z
  .object({
    no: z.int(),
    key: z.string(),
    repeat: z.int(),
    input: json,
    metadata: z.record(z.string(), json),
  })
  .meta({ id: 'LeasedItem' });
export type LeasedItem = z.infer<typeof leasedItem>;

export const lease = z
  .object({
    id: id.nullable().meta({ description: 'null: nothing is to be done just now' }),
    items: z.array(leasedItem),
    expiresAt: timestamp.nullable().meta({ description: 'Then the items go to others' }),
    runState: z.string().meta({ description: 'Once it is final, there is nothing more to come' }),
    open: z.int().meta({ description: 'Items of the run that are not closed' }),
  })
  .meta({ id: 'Lease' });
export type Lease = z.infer<typeof lease>;

/** What the caller's code made of an item: an output, or an error. */
export const leaseResult = z
  .strictObject({
    no: z.int().min(0),
    output: json.optional(),
    error: text(2000).optional(),
    latencyMs: z.number().min(0).max(1e10).optional(),
    inputTokens: z.int().min(0).max(2_000_000_000).optional(),
    outputTokens: z.int().min(0).max(2_000_000_000).optional(),
    costUsd: z.number().min(0).max(1e6).optional(),
    finishReason: text(200).optional(),
    toolCalls: z.array(toolCall).max(1000).optional(),
    context: json.optional(),
    traceId: text(500).optional(),
  })
  .refine((result) => (result.output === undefined) !== (result.error === undefined), {
    path: ['output'],
    message: 'give either an output or an error',
  })
  .meta({ id: 'LeaseResult' });
export type LeaseResult = z.infer<typeof leaseResult>;

const leaseMs = z.int().min(1000).max(3_600_000);

export const leaseOperations = {
  leaseItems: defineOperation({
    id: 'leaseItems',
    method: 'POST',
    path: '/runs/{id}/leases',
    summary: "Take items of a run whose target is the caller's own code",
    description:
      'At most as many as the run’s concurrency leaves. What is not answered by the end of the lease goes to others.',
    tag: 'Client targets',
    role: 'editor',
    params: z.object({ id }),
    body: z.strictObject({
      limit: z.int().min(1).max(100).default(10),
      leaseMs: leaseMs.default(60_000),
    }),
    status: 200,
    response: lease,
  }),
  extendLease: defineOperation({
    id: 'extendLease',
    method: 'PATCH',
    path: '/runs/{id}/leases/{leaseId}',
    summary: 'Keep a lease for longer, counted from now; with 0 give its items back',
    tag: 'Client targets',
    role: 'editor',
    params: z.object({ id, leaseId: id }),
    body: z.strictObject({ leaseMs: z.union([z.literal(0), leaseMs]) }),
    status: 200,
    response: z.object({ expiresAt: timestamp }),
  }),
  postLeaseResults: defineOperation({
    id: 'postLeaseResults',
    method: 'POST',
    path: '/runs/{id}/leases/{leaseId}/results',
    summary: 'Post what was made of leased items, all or some of them',
    description:
      'Posted twice, the first counts. Results of a lease that has run out are taken where nobody else has answered yet.',
    tag: 'Client targets',
    role: 'editor',
    params: z.object({ id, leaseId: id }),
    body: z.strictObject({ results: z.array(leaseResult).min(1).max(100) }),
    status: 200,
    response: z.object({
      accepted: z.int(),
      ignored: z.int().meta({ description: 'Answered already, or not of this lease' }),
      runState: z.string(),
    }),
  }),
};
