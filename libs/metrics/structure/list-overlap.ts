import type { Json } from '#libs/contracts';
import { defineMetric, parseJson } from '#libs/evaluation';
import stableStringify from 'fast-json-stable-stringify';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';
import { similarity } from '../text/levenshtein-similarity.ts';
import { excerpt, foldCase, sortOf } from '../values/text.ts';
import { bestPairs } from './assignment.ts';

/** Elements of each list that are compared one by one; equal ones alone are counted at any length. */
const ELEMENTS_MAX = 500;
/** Characters of all of the one list by those of the other, each element counted as one more. */
const WORK_MAX = 2e8;
const DETAILS_MAX = 20;

const measures = {
  f1: (total, output, expected) => (2 * total) / (output + expected),
  precision: (total, output) => total / output,
  recall: (total, _, expected) => total / expected,
  jaccard: (total, output, expected) => total / (output + expected - total),
} as const satisfies Record<string, (total: number, output: number, expected: number) => number>;
type MeasureName = keyof typeof measures;
const measureNames = ['f1', 'precision', 'recall', 'jaccard'] as const satisfies MeasureName[];

/** How far two lists have the same elements, in any order. */
export const listOverlap = defineMetric({
  name: 'list_overlap',
  title: 'List overlap',
  family: 'structure',
  description:
    'How well a list agrees with the expected one, from 0 to 1, in any order: missing elements and needless ones count against it, and similar ones may count in part.',
  definition: `Each element is paired with at most one of the other list, such that the sum T of the similarities of the pairs is as large as can be (an optimal assignment). With m elements in the output and n expected: precision T / m, recall T / n, f1 2T / (m + n), jaccard T / (m + n − T). 1 where both lists are empty, 0 where one is. Elements are texts; anything else stands for its JSON with sorted keys, so 1 and "1" are the same. Similarity exact: 1 for equal elements, else 0; an element counts as often as it occurs. Similarity levenshtein: levenshtein_similarity, and 0 where that is under minimumSimilarity; lists of more than ${ELEMENTS_MAX} elements, or with too many characters to compare, then give an error. ignoreCase and trim apply to every element. A list is a JSON list or a text that is one; with separator any other text is split there, elements trimmed and empty ones dropped. An output that is no list gives 0; where expected is none the metric is not applicable. The details hold the matched total and, at most ${DETAILS_MAX} each, what is missing and what is needless (without any similarity to its partner).`,
  source:
    'C. J. van Rijsbergen, Information Retrieval (1979), for precision, recall and F1, and P. Jaccard (1912), on multisets with graded membership; the assignment by D. F. Crouse, "On implementing 2D rectangular assignment algorithms", IEEE TAES 52 (2016). Compare ListContains of autoevals, which is T / max(m, n).',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['expected'],
  config: z.strictObject({
    value: z.enum(measureNames).default('f1').meta({ description: 'What is measured' }),
    similarity: z
      .enum(['exact', 'levenshtein'])
      .default('exact')
      .meta({ description: 'How alike two elements are' }),
    minimumSimilarity: z.number().min(0).max(1).default(0).meta({
      description: 'With levenshtein: elements that are less alike have nothing in common',
    }),
    separator: z
      .string()
      .min(1, 'must not be empty')
      .max(20)
      .optional()
      .meta({ description: 'Splits a text that is not a JSON list, such as a comma' }),
    ignoreCase: z
      .boolean()
      .default(false)
      .meta({ description: 'Upper and lower case are the same' }),
    trim: z
      .boolean()
      .default(false)
      .meta({ description: 'Ignore white space at both ends of an element' }),
  }),
  examples: [
    { output: ['a', 'b', 'c'], expected: ['c', 'a'], value: 0.8 },
    { config: { value: 'jaccard' }, output: '["a", "b", "c"]', expected: ['c', 'a'], value: 2 / 3 },
    {
      config: { separator: ',', ignoreCase: true },
      output: 'Red, green, green',
      expected: 'green, red',
      value: 0.8,
    },
    {
      config: { similarity: 'levenshtein', value: 'recall' },
      output: ['sitting', 'x'],
      expected: ['kitten'],
      value: 4 / 7,
    },
  ],
  prepare({ value: name, similarity: kind, minimumSimilarity, separator, ignoreCase, trim }) {
    const measure: (total: number, output: number, expected: number) => number = measures[name];
    const normalize = (element: Json) => {
      const text = typeof element === 'string' ? element : canonical(element);
      const trimmed = trim ? text.trim() : text;
      return ignoreCase ? foldCase(trimmed) : trimmed;
    };
    const pair = kind === 'exact' ? pairEqual : pairSimilar(minimumSimilarity);
    return ({ output, expected = null }) => {
      const wanted = listIn(expected, separator);
      if (!wanted) {
        return {
          outcome: 'not_applicable',
          reason: `expected is ${sortOf(expected)}, not a list`,
        };
      }
      const given = listIn(output, separator);
      if (!given) {
        return { outcome: 'scored', value: 0, reason: `${excerpt(output)} is not a list` };
      }
      const { total, missing, needless } = pair(given.map(normalize), wanted.map(normalize));
      const oneEmpty = given.length === 0 || wanted.length === 0;
      const value = oneEmpty
        ? Number(given.length === wanted.length)
        : Math.min(1, measure(total, given.length, wanted.length));
      return {
        outcome: 'scored',
        value,
        reason: `${missing.length} of ${wanted.length} expected elements are missing, ${needless.length} of ${given.length} are needless`,
        details: {
          matched: total,
          missing: missing.slice(0, DETAILS_MAX).map(shown),
          needless: needless.slice(0, DETAILS_MAX).map(shown),
        },
      };
    };
  },
});

interface Pairing {
  /** Sum of the similarities of the pairs. */
  total: number;
  missing: string[];
  needless: string[];
}

/** Equal elements find each other without comparing all with all. */
function pairEqual(output: readonly string[], expected: readonly string[]): Pairing {
  const open = new Map<string, number>();
  for (const element of expected) open.set(element, (open.get(element) ?? 0) + 1);
  const needless = output.filter((element) => {
    const left = open.get(element) ?? 0;
    if (left > 0) open.set(element, left - 1);
    return left === 0;
  });
  const missing = [...open].flatMap(([element, count]) =>
    Array.from({ length: count }, () => element),
  );
  return { total: output.length - needless.length, missing, needless };
}

const pairSimilar =
  (minimum: number) =>
  (output: readonly string[], expected: readonly string[]): Pairing => {
    requireBounded(output, expected);
    const similarities = output.map((one) =>
      expected.map((other) => {
        const value = similarity(one, other);
        return value < minimum ? 0 : value;
      }),
    );
    const partners = bestPairs(similarities);
    let total = 0;
    const found = new Set<number>();
    const needless = output.filter((_, row) => {
      const partner = partners[row];
      const value = partner === undefined ? 0 : (similarities[row]?.[partner] ?? 0);
      if (partner !== undefined && value > 0) found.add(partner);
      total += value;
      return value === 0;
    });
    return { total, missing: expected.filter((_, column) => !found.has(column)), needless };
  };

function requireBounded(output: readonly string[], expected: readonly string[]): void {
  const longest = Math.max(output.length, expected.length);
  if (longest > ELEMENTS_MAX) {
    throw new MetricError(
      `a list of ${longest} elements is too long to compare one by one; up to ${ELEMENTS_MAX} can be, or any number with similarity exact`,
    );
  }
  const size = (list: readonly string[]) => list.reduce((sum, { length }) => sum + length + 1, 0);
  if (size(output) * size(expected) > WORK_MAX) {
    throw new MetricError('the lists have too many characters to compare one by one');
  }
}

function listIn(value: Json, separator: string | undefined): readonly Json[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string') return undefined;
  const read = parseJson(value);
  if (Array.isArray(read)) return read;
  if (separator === undefined) return undefined;
  return value
    .split(separator)
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

function canonical(value: Json): string {
  try {
    return stableStringify(value);
  } catch (error) {
    throw new MetricError('an element nests too deep to compare', { cause: error });
  }
}

const SHOWN_MAX = 200;
const shown = (element: string): string =>
  element.length <= SHOWN_MAX ? element : `${element.slice(0, SHOWN_MAX - 1)}…`;
