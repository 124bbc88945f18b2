import { z } from 'zod';
import { flag, id, json, page, pageQuery, text, timestamp } from './common.ts';
import { itemSchema } from './datasets.ts';
import { defineOperation } from './operation.ts';
import { metricSpec } from './metric-specs.ts';
import { modelParameters, modelTool, promptContent } from './targets.ts';

/** An item of a template's example: whole, with an output that its metrics can be tried on. */
export const templateExample = z
  .strictObject({
    input: json,
    expected: json.optional(),
    metadata: z.record(z.string(), json).optional(),
    output: json.optional().meta({ description: 'A good answer, for trying the metrics' }),
  })
  .meta({ id: 'TemplateExample' });

/** A named preset: prompt, metrics, dataset shape and sensible settings. */
export const templateContent = z
  .strictObject({
    title: text(200),
    description: text(2000),
    prompt: promptContent,
    parameters: modelParameters.default({}),
    responseSchema: z.record(z.string(), json).optional(),
    tools: z.array(modelTool).max(128).optional(),
    metrics: z.array(metricSpec).min(1).max(50).meta({
      description: 'A judge without a `model` in its config takes the one that the run is given',
    }),
    repeats: z.int().min(1).max(100).default(1),
    concurrency: z.int().min(1).max(1000).default(10),
    inputSchema: itemSchema.meta({ description: 'What an input must look like' }),
    expectedSchema: itemSchema.optional(),
    examples: z.array(templateExample).min(1).max(50),
    bestPractice: z.array(text(500)).min(1).max(10),
  })
  .meta({ id: 'TemplateContent' });
export type TemplateContent = z.infer<typeof templateContent>;

export const template = z
  .object({
    id: z.string().meta({ description: 'A preset has its name, a custom template a UUID' }),
    name: z.string(),
    kind: z.enum(['preset', 'custom']),
    version: z.int(),
    content: templateContent,
    usesJudge: z.boolean().meta({ description: 'One of its metrics asks a model' }),
    createdAt: timestamp.nullable(),
    deletedAt: timestamp.nullable(),
  })
  .meta({ id: 'Template' });
export type Template = z.infer<typeof template>;

const params = z.object({ id: text(100) });
const asYaml = z.strictObject({
  yaml: z
    .string()
    .min(1, 'must not be empty')
    .max(1_000_000, 'must have at most 1000000 characters'),
});
const judgeModel = z.strictObject({ provider: text(100), model: text(300) });

export const templateOperations = {
  listTemplates: defineOperation({
    id: 'listTemplates',
    method: 'GET',
    path: '/templates',
    summary: "The presets, then the project's own templates",
    tag: 'Templates',
    role: 'viewer',
    query: pageQuery.extend({ deleted: flag.optional() }),
    status: 200,
    response: page(template),
  }),
  getTemplate: defineOperation({
    id: 'getTemplate',
    method: 'GET',
    path: '/templates/{id}',
    summary: 'Get a template, at a version or the latest',
    tag: 'Templates',
    role: 'viewer',
    params,
    query: z.object({ version: z.coerce.number().int().min(1).optional() }),
    status: 200,
    response: template,
  }),
  createTemplate: defineOperation({
    id: 'createTemplate',
    method: 'POST',
    path: '/templates',
    summary: 'Create a template, from its content or from YAML',
    tag: 'Templates',
    role: 'editor',
    body: z.union([z.strictObject({ name: text(200), content: templateContent }), asYaml], {
      error: 'must be {"name": …, "content": …} or {"yaml": …}',
    }),
    status: 201,
    response: template,
  }),
  createTemplateVersion: defineOperation({
    id: 'createTemplateVersion',
    method: 'POST',
    path: '/templates/{id}/versions',
    summary: "Add a version to one of the project's templates",
    tag: 'Templates',
    role: 'editor',
    params,
    body: z.union([z.strictObject({ content: templateContent }), asYaml], {
      error: 'must be {"content": …} or {"yaml": …}',
    }),
    status: 201,
    response: template,
  }),
  deleteTemplate: defineOperation({
    id: 'deleteTemplate',
    method: 'DELETE',
    path: '/templates/{id}',
    summary: "Delete one of the project's templates",
    tag: 'Templates',
    role: 'editor',
    params,
    status: 204,
  }),
  restoreTemplate: defineOperation({
    id: 'restoreTemplate',
    method: 'POST',
    path: '/templates/{id}/restore',
    summary: 'Take the deletion of a template back',
    tag: 'Templates',
    role: 'editor',
    params,
    status: 200,
    response: template,
  }),
  exportTemplate: defineOperation({
    id: 'exportTemplate',
    method: 'GET',
    path: '/templates/{id}/yaml',
    summary: 'A template as YAML, to be kept, reviewed and imported again',
    tag: 'Templates',
    role: 'viewer',
    params,
    query: z.object({ version: z.coerce.number().int().min(1).optional() }),
    downloads: ['application/yaml'],
    status: 200,
  }),
  checkTemplateDataset: defineOperation({
    id: 'checkTemplateDataset',
    method: 'POST',
    path: '/templates/{id}/check',
    summary: 'Whether the items of a dataset have the shape that a template asks for',
    tag: 'Templates',
    role: 'viewer',
    params,
    body: z.strictObject({ datasetId: id, datasetVersion: z.int().min(1).optional() }),
    status: 200,
    response: z.object({
      checked: z.int().meta({ description: 'Items looked at: the first 1000 at most' }),
      wrong: z.int(),
      errors: z.array(z.object({ key: z.string(), field: z.string(), message: z.string() })),
    }),
  }),
  applyTemplate: defineOperation({
    id: 'applyTemplate',
    method: 'POST',
    path: '/templates/{id}/apply',
    summary: 'The body of a run that uses a template, ready to be changed and submitted',
    tag: 'Templates',
    role: 'viewer',
    params,
    query: z.object({ version: z.coerce.number().int().min(1).optional() }),
    body: z.strictObject({
      datasetId: id,
      name: text(200).optional(),
      provider: text(100),
      model: text(300),
      judge: judgeModel.optional().meta({ description: 'Left out: the model itself' }),
      embeddings: judgeModel.optional(),
    }),
    status: 200,
    response: z.object({
      run: z.record(z.string(), json).meta({ description: 'As POST /runs takes it' }),
    }),
  }),
  recommendTemplates: defineOperation({
    id: 'recommendTemplates',
    method: 'POST',
    path: '/templates/recommend',
    summary: 'Which templates fit a dataset and a description, with the reasons',
    tag: 'Templates',
    role: 'viewer',
    body: z
      .strictObject({
        datasetId: id.optional(),
        items: z.array(templateExample).min(1).max(50).optional(),
        description: text(2000).optional(),
      })
      .refine(
        ({ datasetId, items, description }) => datasetId ?? items ?? description,
        'give a datasetId, items or a description',
      ),
    status: 200,
    response: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          title: z.string(),
          score: z.number().min(0).max(1).meta({ description: 'How well it fits' }),
          reasons: z.array(z.string()),
          problems: z.array(z.string()).meta({ description: 'What the dataset lacks for it' }),
        }),
      ),
    }),
  }),
};
