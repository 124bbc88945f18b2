import type { Json } from '#libs/contracts';
import { defineMetric, parseJson } from '#libs/evaluation';
import { z } from 'zod';
import { jsonEqual } from '../values/json-equal.ts';
import { excerpt, foldCase } from '../values/text.ts';

/** Whether the output is the reference, as text or as a JSON value. */
export const exactMatch = defineMetric({
  name: 'exact_match',
  title: 'Exact match',
  family: 'text',
  description:
    'Whether the output is the same as the expected value. For answers with one right form.',
  definition:
    'True when output and expected are equal. Two texts are equal when they have the same characters: nothing is trimmed, folded or normalised unless an option says so. Anything else is compared as a JSON value: fields in any order, lists in the same order, numbers by value (1 equals 1.0); where only one of the two is a text, it is read as JSON first, and a text that is not JSON equals nothing but itself. ignoreCase and trim apply to every text compared, also within JSON. With anyOf, expected is a list of references, of which one must be equal.',
  source:
    'The exact_match of Hugging Face evaluate and lm-evaluation-harness (strict by default), extended to JSON values.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['expected'],
  config: z.strictObject({
    ignoreCase: z
      .boolean()
      .default(false)
      .meta({ description: 'Upper and lower case are the same' }),
    trim: z
      .boolean()
      .default(false)
      .meta({ description: 'Ignore white space at both ends of a text' }),
    anyOf: z
      .boolean()
      .default(false)
      .meta({ description: 'Expected is a list of references; one must match' }),
  }),
  examples: [
    { output: 'Paris', expected: 'Paris', value: true },
    { output: 'paris\n', expected: 'Paris', value: false },
    { config: { ignoreCase: true, trim: true }, output: 'paris\n', expected: 'Paris', value: true },
    { output: '{"b": [2], "a": 1.0}', expected: { a: 1, b: [2] }, value: true },
    { config: { anyOf: true }, output: 'b', expected: ['a', 'b'], value: true },
  ],
  prepare({ ignoreCase, trim, anyOf }) {
    const normalize = (text: string) => {
      const trimmed = trim ? text.trim() : text;
      return ignoreCase ? foldCase(trimmed) : trimmed;
    };
    const same = (a: string, b: string) => a === b || normalize(a) === normalize(b);
    const equal = (output: Json, expected: Json) => {
      if (typeof output === 'string' && typeof expected === 'string') return same(output, expected);
      const a = typeof output === 'string' ? parseJson(output) : output;
      const b = typeof expected === 'string' ? parseJson(expected) : expected;
      return a !== undefined && b !== undefined && jsonEqual(a, b, same);
    };
    return ({ output, expected = null }) => {
      if (anyOf && !Array.isArray(expected)) {
        return { outcome: 'not_applicable', reason: 'expected is not a list, as anyOf needs it' };
      }
      const references = anyOf && Array.isArray(expected) ? expected : [expected];
      if (references.some((reference) => equal(output, reference))) {
        return { outcome: 'scored', value: true };
      }
      return { outcome: 'scored', value: false, reason: difference(output, expected) };
    };
  },
});

function difference(output: Json, expected: Json): string {
  const spaced =
    typeof output === 'string' && typeof expected === 'string' && output.trim() === expected.trim();
  const hint = spaced ? '; only white space at the ends differs (see trim)' : '';
  return `got ${excerpt(output)}, expected ${excerpt(expected)}${hint}`;
}
