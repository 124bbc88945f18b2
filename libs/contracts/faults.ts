import type { z } from 'zod';

/** What is wrong with a part of a value, in words for whoever sent it. */
export interface Fault {
  path: string[];
  message: string;
}

/**
 * What is wrong with each part of a value. Of alternatives, such as a template's content or its YAML,
 * that one is spoken of which was meant, where that can be told.
 */
export const faultsOf = (error: z.ZodError): Fault[] => error.issues.flatMap(faultsIn);

function faultsIn(issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: 'is not a field that is known here',
    }));
  }
  const [meant, another] = issue.code === 'invalid_union' ? issue.errors.filter(isMeant) : [];
  if (meant !== undefined && another === undefined) {
    return meant.flatMap(faultsIn).map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
  }
  return [{ path, message: issue.message.replace(/^.* received undefined$/, 'is missing') }];
}

/** Whether a value is of an alternative's kind and has no field that this one does not know. */
const isMeant = (issues: readonly z.core.$ZodIssue[]): boolean =>
  issues.every(
    ({ path, code }) =>
      path.length > 0 || !['invalid_type', 'invalid_value', 'unrecognized_keys'].includes(code),
  );
