import type { z } from 'zod';
import { findUnstorable } from '../storable.ts';
import { LineError, type UploadRow } from './rows.ts';

const MOST_PROBLEMS = 10;

/**
 * Validates one row. That it can be stored is looked at first, since a schema recurses: columns of type
 * json hold all that JSON can say, but metadata is jsonb.
 * @throws {LineError} naming each field that is wrong
 */
export function validateRow<Schema extends z.ZodType>(
  schema: Schema,
  row: UploadRow,
): z.output<Schema> {
  if (typeof row.value === 'object' && row.value !== null) {
    for (const [field, value] of Object.entries(row.value)) {
      checkStorable(row.line, field, value, { wellFormed: field === 'metadata' });
    }
  }
  const parsed = schema.safeParse(row.value);
  if (parsed.success) return parsed.data;
  throw new LineError(row.line, fieldProblems(parsed.error));
}

/** What is wrong with each field, as a caller is told: the first few, by dotted path. */
export function fieldProblems(error: z.ZodError): { field?: string; message: string }[] {
  return error.issues.slice(0, MOST_PROBLEMS).map((issue) => {
    const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const field = [...issue.path, ...(unknown === undefined ? [] : [unknown])].join('.');
    const message = unknown === undefined ? issue.message : 'is not a field that is known here';
    return field === '' ? { message } : { field, message };
  });
}

function checkStorable(
  line: number,
  field: string,
  value: unknown,
  options: { wellFormed: boolean },
): void {
  const found = findUnstorable(value, options);
  if (!found) return;
  const path = found.path === '' ? field : `${field}.${found.path}`;
  throw new LineError(line, [{ field: path, message: found.message }]);
}
