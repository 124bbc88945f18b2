import { z } from 'zod';
import { id, several, timestamp } from './common.ts';
import { defineOperation } from './operation.ts';

export const importStates = ['running', 'completed', 'failed'] as const;

/** How far an upload has come. */
export const importProgress = z
  .object({
    id,
    state: z.enum(importStates),
    lines: z.int().meta({ description: 'Lines, or items of an array, that have been read' }),
    bytes: z.int().meta({ description: 'Of the body, unpacked where it is sent as gzip' }),
    detail: z.string().nullable().meta({ description: 'Why it failed' }),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Import' });
export type ImportProgress = z.infer<typeof importProgress>;

/** What uploads take in their query, so that they can be watched. */
export const importId = id.optional().meta({
  description:
    'A new UUID that the caller chose: `GET /imports/{id}` then says how far the upload has come',
});

export const importOperations = {
  listImports: defineOperation({
    id: 'listImports',
    method: 'GET',
    path: '/imports',
    summary: 'Get how far uploads have come, those of them that have begun',
    description: 'For who asks while an upload is still on its way to the server.',
    tag: 'Imports',
    role: 'viewer',
    query: z.object({ id: several(id, 20) }),
    status: 200,
    response: z.object({ items: z.array(importProgress) }),
  }),
  getImport: defineOperation({
    id: 'getImport',
    method: 'GET',
    path: '/imports/{id}',
    summary: 'Get how far an upload has come',
    description:
      'For uploads that were given an `importId`. Written about twice a second; one that was not heard of for two minutes has failed. Kept for 7 days.',
    tag: 'Imports',
    role: 'viewer',
    params: z.object({ id }),
    status: 200,
    response: importProgress,
  }),
};
