import { z } from 'zod';
import type { TemplateContent } from '#libs/contracts';

const shape = z.looseObject({
  type: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .catch(undefined),
  required: z.array(z.string()).optional().catch(undefined),
  properties: z.record(z.string(), z.unknown()).optional().catch(undefined),
  anyOf: z.array(z.unknown()).optional().catch(undefined),
  enum: z.array(z.unknown()).optional().catch(undefined),
});

const names: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

/** What a value has to look like for a JSON Schema, in a few words. */
export function schemaInWords(schema: unknown): string {
  const {
    type,
    required = [],
    properties = {},
    anyOf,
    enum: options,
  } = shape.safeParse(schema).data ?? {};
  if (options) return options.map((option) => JSON.stringify(option)).join(' or ');
  if (anyOf) return [...new Set(anyOf.map(schemaInWords))].join(', or ');
  const fields = Object.keys(properties);
  if (type === 'object' && fields.length > 0) {
    const all = fields.map((name) => (required.includes(name) ? name : `${name} if there`));
    return `an object with ${all.join(', ')}`;
  }
  const types = type === undefined ? [] : [type].flat();
  return types.length === 0 ? 'anything' : types.map((one) => names[one] ?? one).join(' or ');
}

/** What items a template is for. */
export function shapeInWords({ inputSchema, expectedSchema }: TemplateContent): string {
  const input = `input ${schemaInWords(inputSchema)}`;
  return expectedSchema ? `${input}; expected ${schemaInWords(expectedSchema)}` : input;
}
