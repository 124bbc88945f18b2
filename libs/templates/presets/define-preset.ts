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

/**
 * A text by itself, or an object with one under `field`. Each keyword holds for its own type alone, so
 * that an item is told the one thing that is wrong with it and not what each of two schemas wants.
 */
export const textOr = (
  field: string,
  more: Record<string, Record<string, Json>> = {},
): ItemSchema => ({
  type: ['string', 'object'],
  minLength: 1,
  required: [field],
  properties: { [field]: { type: 'string', minLength: 1 }, ...more },
});
