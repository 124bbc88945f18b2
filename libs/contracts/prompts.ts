import { z } from 'zod';
import { flag, id, page, pageQuery, text, timestamp } from './common.ts';
import { defineOperation } from './operation.ts';
import { promptContent } from './targets.ts';

const note = text(1000).optional().meta({ description: 'What changed, for people' });

export const promptVersion = z
  .object({
    version: z.int(),
    content: promptContent,
    variables: z.array(z.string()).meta({
      description: 'What the templates name, such as `input.question`',
    }),
    note: z.string().nullable(),
    createdAt: timestamp,
  })
  .meta({ id: 'PromptVersion' });
export type PromptVersion = z.infer<typeof promptVersion>;

export const prompt = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullable(),
    latest: promptVersion,
    createdAt: timestamp,
    deletedAt: timestamp.nullable(),
  })
  .meta({ id: 'Prompt' });
export type Prompt = z.infer<typeof prompt>;

const params = z.object({ id });

export const promptOperations = {
  createPrompt: defineOperation({
    id: 'createPrompt',
    method: 'POST',
    path: '/prompts',
    summary: 'Create a prompt with its first version',
    tag: 'Prompts',
    role: 'editor',
    body: z.strictObject({
      name: text(200),
      description: text(2000).optional(),
      content: promptContent,
      note,
    }),
    status: 201,
    response: prompt,
  }),
  listPrompts: defineOperation({
    id: 'listPrompts',
    method: 'GET',
    path: '/prompts',
    summary: 'List the prompts, newest first',
    tag: 'Prompts',
    role: 'viewer',
    query: pageQuery.extend({ deleted: flag.optional() }),
    status: 200,
    response: page(prompt),
  }),
  getPrompt: defineOperation({
    id: 'getPrompt',
    method: 'GET',
    path: '/prompts/{id}',
    summary: 'Get a prompt with its latest version',
    tag: 'Prompts',
    role: 'viewer',
    params,
    status: 200,
    response: prompt,
  }),
  deletePrompt: defineOperation({
    id: 'deletePrompt',
    method: 'DELETE',
    path: '/prompts/{id}',
    summary: 'Delete a prompt; runs that used it keep its text',
    tag: 'Prompts',
    role: 'editor',
    params,
    status: 204,
  }),
  restorePrompt: defineOperation({
    id: 'restorePrompt',
    method: 'POST',
    path: '/prompts/{id}/restore',
    summary: 'Take the deletion of a prompt back',
    tag: 'Prompts',
    role: 'editor',
    params,
    status: 200,
    response: prompt,
  }),
  createPromptVersion: defineOperation({
    id: 'createPromptVersion',
    method: 'POST',
    path: '/prompts/{id}/versions',
    summary: 'Add a version to a prompt; versions never change',
    tag: 'Prompts',
    role: 'editor',
    params,
    body: z.strictObject({ content: promptContent, note }),
    status: 201,
    response: promptVersion,
  }),
  listPromptVersions: defineOperation({
    id: 'listPromptVersions',
    method: 'GET',
    path: '/prompts/{id}/versions',
    summary: 'List the versions of a prompt, newest first',
    tag: 'Prompts',
    role: 'viewer',
    params,
    query: pageQuery,
    status: 200,
    response: page(promptVersion),
  }),
};
