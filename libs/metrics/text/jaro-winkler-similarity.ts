import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { foldCase, textOf } from '../values/text.ts';

/** How many characters at the beginning can raise the similarity. */
const PREFIX_MAX = 4;

/** How alike two short texts are, such as names. */
export const jaroWinklerSimilarity = defineMetric({
  name: 'jaro_winkler_similarity',
  title: 'Jaro-Winkler similarity',
  family: 'text',
  description:
    'How close the output is to the expected text, from 0 to 1, by characters at about the same place; a common beginning counts more. Made for names and other short texts.',
  definition:
    'Jaro: (m / |a| + m / |b| + (m − t) / m) / 3, and 0 where m is 0. m is the number of characters of one text that have an equal partner in the other at most ⌊max(|a|, |b|) / 2⌋ − 1 places away (at least 0), each used once, from left to right; t is half the number of places at which the two sequences of partnered characters differ, rounded down. Winkler: where Jaro is over boostThreshold, Jaro + ℓ · prefixScale · (1 − Jaro), with ℓ the length of the common beginning, at most 4. 1 where both texts are empty, 0 where one is. Characters are Unicode code points. Values that are not texts are compared as compact JSON. ignoreCase folds both sides first (Unicode, no locale). Symmetric.',
  source:
    'M. A. Jaro, "Advances in Record-Linkage Methodology", JASA 84 (1989), 414–420; W. E. Winkler, "String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter Model of Record Linkage", Proceedings of the Section on Survey Research Methods, ASA (1990), 354–359; threshold 0.7 and the rounding of t as in strcmp95.c of the US Census Bureau, without its other adjustments.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['expected'],
  config: z.strictObject({
    ignoreCase: z
      .boolean()
      .default(false)
      .meta({ description: 'Upper and lower case are the same' }),
    prefixScale: z.number().min(0).max(0.25).default(0.1).meta({
      description: 'What each character of the common beginning adds; 0 gives the plain Jaro',
    }),
    boostThreshold: z.number().min(0).max(1).default(0.7).meta({
      description: 'A common beginning counts only where Jaro is over this; 0: always',
    }),
  }),
  examples: [
    { output: 'MARTHA', expected: 'MARHTA', value: 173 / 180 },
    { output: 'DWAYNE', expected: 'DUANE', value: 0.84 },
    { config: { prefixScale: 0 }, output: 'DIXON', expected: 'DICKSONX', value: 23 / 30 },
  ],
  prepare({ ignoreCase, prefixScale, boostThreshold }) {
    const fold = ignoreCase ? foldCase : (text: string) => text;
    return ({ output, expected = null }) => {
      const a = Array.from(fold(textOf(output)));
      const b = Array.from(fold(textOf(expected)));
      const similarity = jaro(a, b);
      if (similarity <= boostThreshold) return { outcome: 'scored', value: similarity };
      let prefix = 0;
      while (prefix < Math.min(PREFIX_MAX, a.length, b.length) && a[prefix] === b[prefix]) {
        prefix += 1;
      }
      const value = similarity + prefix * prefixScale * (1 - similarity);
      return { outcome: 'scored', value: Math.min(1, value) };
    };
  },
});

/**
 * Jaro's similarity of two lists of characters. The window only moves to the right, so the places of each
 * character in `b` are a queue: what lies before the window can never be used again. That makes it linear.
 */
function jaro(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 1 : 0;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const queues = new Map<string, { places: number[]; next: number }>();
  for (const [place, character] of b.entries()) {
    const queue = queues.get(character);
    if (queue) queue.places.push(place);
    else queues.set(character, { places: [place], next: 0 });
  }
  const matchedInA: string[] = [];
  const usedInB = new Set<number>();
  for (const [place, character] of a.entries()) {
    const queue = queues.get(character);
    if (!queue) continue;
    let candidate = queue.places[queue.next];
    while (candidate !== undefined && candidate < place - reach) {
      queue.next += 1;
      candidate = queue.places[queue.next];
    }
    if (candidate === undefined || candidate > place + reach) continue;
    queue.next += 1;
    matchedInA.push(character);
    usedInB.add(candidate);
  }
  const matched = matchedInA.length;
  if (matched === 0) return 0;
  const matchedInB = b.filter((_, place) => usedInB.has(place));
  let different = 0;
  for (const [place, character] of matchedInA.entries()) {
    if (character !== matchedInB[place]) different += 1;
  }
  const transpositions = Math.floor(different / 2);
  return (matched / a.length + matched / b.length + (matched - transpositions) / matched) / 3;
}
