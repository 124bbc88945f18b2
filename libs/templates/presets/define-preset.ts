import { templateContent, type ItemSchema, type Json, type TemplateContent } from '#libs/contracts';
import type { z } from 'zod';

/** A template that everybody has. */
export interface Preset {
  name: string;
  content: TemplateContent;
}

/** Settles what a preset leaves out. */
export const definePreset = (name: string, content: z.input<typeof templateContent>): Preset => ({
  name,
  content: templateContent.parse(content),
});

/** A text by itself, or an object with one under `field`. */
export const textOr = (
  field: string,
  more: Record<string, Record<string, Json>> = {},
): ItemSchema => ({
  anyOf: [
    { type: 'string', minLength: 1 },
    {
      type: 'object',
      required: [field],
      properties: { [field]: { type: 'string', minLength: 1 }, ...more },
    },
  ],
});
