import { faultsOf } from '#libs/contracts';
import type { z } from 'zod';
import { findUnstorable } from '../storable.ts';
import type { LineProblem } from './rows.ts';

const MOST_PROBLEMS = 10;

/** A value that meets its schema, or what is wrong with each of its fields. */
export type Validated<Data> = { data: Data } | { problems: readonly LineProblem[] };

/**
 * Validates what a line holds. That it can be stored is looked at first, since a schema recurses:
 * columns of type json hold all that JSON can say, but metadata is jsonb.
 */
export function validateRow<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Validated<z.output<Schema>> {
  if (typeof value === 'object' && value !== null) {
    for (const [field, part] of Object.entries(value)) {
      const found = findUnstorable(part, { wellFormed: field === 'metadata' });
      if (!found) continue;
      const path = found.path === '' ? field : `${field}.${found.path}`;
      return { problems: [{ field: path, message: found.message }] };
    }
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? { data: parsed.data } : { problems: fieldProblems(parsed.error) };
}

/** What is wrong with each field, as a caller is told: the first few, by dotted path. */
export function fieldProblems(error: z.ZodError): { field?: string; message: string }[] {
  return faultsOf(error)
    .slice(0, MOST_PROBLEMS)
    .map(({ path, message }) =>
      path.length === 0 ? { message } : { field: path.join('.'), message },
    );
}
