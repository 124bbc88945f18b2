import type { Json } from '#libs/contracts';
import { z } from 'zod';
import { sortOf, textOf } from '../values/text.ts';

/** Texts that a metric looks for, in its configuration; left out: what is expected. */
export const wantedValues = z
  .array(z.string().min(1, 'must not be empty').max(10_000))
  .min(1, 'give at least one text')
  .max(1000)
  .optional()
  .meta({ description: 'The wanted texts; left out: what is expected' });

/** The wanted texts in what is expected, or why there are none. */
export function textsExpected(expected: Json | undefined): string[] | string {
  if (expected === undefined || expected === null) {
    return 'no values are configured and the item has no expected';
  }
  const list = Array.isArray(expected) ? expected : [expected];
  if (list.length === 0) return 'expected is an empty list';
  const texts: string[] = [];
  for (const reference of list) {
    if (typeof reference === 'object') return `expected is ${sortOf(reference)}, not a text`;
    if (reference === '') return 'expected is empty, and every text contains it';
    texts.push(textOf(reference));
  }
  return texts;
}
