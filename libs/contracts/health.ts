import { z } from 'zod';
import { defineOperation } from './operation.ts';

const check = z.enum(['ok', 'failed']);
export const readiness = z
  .object({
    status: z.enum(['ready', 'unavailable']),
    checks: z.object({ database: check, migrations: check, queue: check }),
  })
  .meta({ id: 'Readiness' });
export type Readiness = z.infer<typeof readiness>;

export const healthOperations = {
  getLiveness: defineOperation({
    id: 'getLiveness',
    method: 'GET',
    path: '/health/live',
    summary: 'The process is up',
    tag: 'Health',
    role: null,
    status: 200,
    response: z.object({ status: z.literal('live') }),
  }),
  getReadiness: defineOperation({
    id: 'getReadiness',
    method: 'GET',
    path: '/health/ready',
    summary: 'Database, queue and migrations are ready; otherwise 503',
    tag: 'Health',
    role: null,
    status: 200,
    response: readiness,
  }),
};
