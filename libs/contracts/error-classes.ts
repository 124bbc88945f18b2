import { z } from 'zod';
import { page } from './common.ts';
import { defineOperation } from './operation.ts';

/** The closed set of reasons for which an item, one try of it, or the score of a judge fails. */
export const errorClasses = [
  'template_error',
  'not_configured',
  'authentication',
  'permission_denied',
  'quota_exhausted',
  'model_not_found',
  'invalid_request',
  'context_length',
  'content_filter',
  'rate_limited',
  'server_error',
  'timeout',
  'unreachable',
  'address_refused',
  'invalid_response',
  'response_too_large',
  'output_missing',
  'recorded_error',
  'client_error',
  'target_error',
  'metric_error',
  'internal_error',
  'worker_lost',
] as const;
export const errorClass = z.enum(errorClasses).meta({ id: 'ErrorClass' });
export type ErrorClass = z.infer<typeof errorClass>;

/** A class of errors for people: what it means and what to do. */
export const errorClassDescription = z
  .object({
    class: errorClass,
    title: z.string(),
    remedy: z.string().meta({ description: 'What to do about it, in one or two sentences' }),
    heals: z.boolean().meta({ description: 'Tried again by itself, with growing pauses' }),
    stopsRun: z.boolean().meta({
      description:
        'Stops a run early where every item fails with it, since nothing will change that',
    }),
  })
  .meta({ id: 'ErrorClassDescription' });
export type ErrorClassDescription = z.infer<typeof errorClassDescription>;

export const errorClassOperations = {
  listErrorClasses: defineOperation({
    id: 'listErrorClasses',
    method: 'GET',
    path: '/error-classes',
    summary: 'Every class of error with its remedy',
    tag: 'Runs',
    role: 'viewer',
    status: 200,
    response: page(errorClassDescription),
  }),
};
