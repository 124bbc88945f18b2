import type { PromptContent, TemplateContent } from '#libs/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import { createdAt, uuidKey } from './columns.ts';

export const PromptEntity = defineEntity({
  name: 'Prompt',
  tableName: 'prompts',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    name: p.text(),
    description: p.text().nullable(),
    createdAt: createdAt(),
    deletedAt: p.datetime().nullable(),
  },
  indexes: [{ name: 'prompts_project_index', properties: ['projectId', 'id'] }],
});

/** One version of a prompt; it never changes. */
export const PromptVersionEntity = defineEntity({
  name: 'PromptVersion',
  tableName: 'prompt_versions',
  properties: {
    promptId: p.uuid().primary(),
    version: p.integer().primary(),
    content: p.json<PromptContent>().columnType('json'),
    /** What its templates name, as it was found when the version was made. */
    variables: p.array().defaultRaw(`'{}'`),
    note: p.text().nullable(),
    createdAt: createdAt(),
  },
});

export const TemplateEntity = defineEntity({
  name: 'Template',
  tableName: 'templates',
  properties: {
    id: uuidKey(),
    projectId: p.uuid(),
    name: p.text(),
    createdAt: createdAt(),
    deletedAt: p.datetime().nullable(),
  },
  indexes: [{ name: 'templates_project_index', properties: ['projectId', 'id'] }],
});

/** One version of a template; it never changes. */
export const TemplateVersionEntity = defineEntity({
  name: 'TemplateVersion',
  tableName: 'template_versions',
  properties: {
    templateId: p.uuid().primary(),
    version: p.integer().primary(),
    content: p.json<TemplateContent>().columnType('json'),
    createdAt: createdAt(),
  },
});
