import { defineMetric } from '#libs/evaluation';
import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';
import { foldCase, textOf } from '../values/text.ts';

/** The time grows with the product of the two lengths: 10^9 take about a quarter of a second. */
const WORK_MAX = 1e9;

/** How alike two texts are by the characters that must change. */
export const levenshteinSimilarity = defineMetric({
  name: 'levenshtein_similarity',
  title: 'Levenshtein similarity',
  family: 'text',
  description:
    'How close the output is to the expected text, from 0 (nothing in common) to 1 (the same), by the characters that must change.',
  definition:
    '1 − d / max(|output|, |expected|), with d the least number of characters to insert, delete or replace to turn one text into the other, and lengths in Unicode code points; 1 where both are empty. Values that are not texts are compared as compact JSON. ignoreCase folds both sides first (Unicode, no locale). Texts whose differing parts are too long to compare (product of their lengths over 10^9) give an error.',
  source:
    'V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", Soviet Physics Doklady 10 (1966), 707–710; normalised by the longer length, as Levenshtein of autoevals and normalized_similarity of RapidFuzz do; computed by the bit-parallel algorithm of Myers, JACM 46 (1999), 395–415.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['expected'],
  config: z.strictObject({
    ignoreCase: z
      .boolean()
      .default(false)
      .meta({ description: 'Upper and lower case are the same' }),
  }),
  examples: [
    { output: 'kitten', expected: 'sitting', value: 4 / 7 },
    { config: { ignoreCase: true }, output: 'PARIS', expected: 'Paris', value: 1 },
    { output: 'abc', expected: 'xyz', value: 0 },
  ],
  prepare({ ignoreCase }) {
    const fold = ignoreCase ? foldCase : (text: string) => text;
    return ({ output, expected = null }) => {
      const value = similarity(fold(textOf(output)), fold(textOf(expected)));
      return { outcome: 'scored', value };
    };
  },
});

/** The definition above, on two texts. */
export function similarity(a: string, b: string): number {
  if (a === b) return 1;
  const [left, right] = oneUnitPerCodePoint(a, b);
  return 1 - editDistance(left, right) / Math.max(left.length, right.length);
}

/** What two texts begin and end with alike costs nothing, so only the middle is compared. */
function editDistance(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let end = 0;
  while (
    end < shorter - start &&
    a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)
  ) {
    end += 1;
  }
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  if (left === '' || right === '') return left.length + right.length;
  if (left.length * right.length > WORK_MAX) {
    throw new MetricError(
      `the texts are too long to compare: ${left.length} and ${right.length} characters differ`,
    );
  }
  return distance(left, right);
}

const surrogate = /[\ud800-\udfff]/;

/**
 * The distance is computed on UTF-16 units, of which an emoji has two. Where one of the texts has such
 * characters, both are written anew with one unit for each code point. A code point that only one text
 * has can match nothing, so all of those share a unit, one for each text, and the units suffice.
 */
function oneUnitPerCodePoint(a: string, b: string): [string, string] {
  if (!surrogate.test(a) && !surrogate.test(b)) return [a, b];
  const inB = new Set(b);
  const units = new Map<string, string>();
  for (const point of a) {
    if (inB.has(point) && !units.has(point)) units.set(point, String.fromCharCode(units.size + 2));
  }
  if (units.size > 0xfffd)
    throw new MetricError('the texts have too many different characters to compare');
  const rewrite = (text: string, only: string) =>
    Array.from(text, (point) => units.get(point) ?? only).join('');
  return [rewrite(a, '\u0000'), rewrite(b, '\u0001')];
}
