import type { Json } from '#libs/contracts';
import type { Judgement } from '#libs/evaluation';
import { sortOf } from '../values/text.ts';

/** In the definitions of metrics that compare with references. */
export const referencesDefinition =
  'Expected is one reference, a text, or a list of them; anything else, also an empty list, makes the metric not applicable. An output that is not a text is compared as compact JSON.';

/** The references in what is expected, possibly none, or why it holds anything else. */
export function referencesIn(expected: Json | undefined): readonly string[] | string {
  if (typeof expected === 'string') return [expected];
  if (!Array.isArray(expected)) {
    return `expected is ${sortOf(expected ?? null)}, not a text or a list of texts`;
  }
  const texts = expected.filter((reference) => typeof reference === 'string');
  if (texts.length === expected.length) return texts;
  const other = expected.find((reference) => typeof reference !== 'string') ?? null;
  return `expected is a list with ${sortOf(other)} in it, not a list of texts`;
}

/** Judges by at least one reference; without one the case is not applicable. */
export function byReferences(
  expected: Json | undefined,
  judge: (references: readonly string[]) => Judgement,
): Judgement {
  const references = referencesIn(expected);
  if (typeof references === 'string') return { outcome: 'not_applicable', reason: references };
  if (references.length === 0) {
    return { outcome: 'not_applicable', reason: 'expected is an empty list' };
  }
  return judge(references);
}
