import type { Json } from '#libs/contracts';
import { defineMetric, parseJson } from '#libs/evaluation';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';
import { similarity } from '../text/levenshtein-similarity.ts';
import { bestPairs } from './assignment.ts';
import { fenceOption, fenceRule, type Fence } from './fence.ts';
import { jsonOf } from './json-text.ts';

/** Levels that both values may have in common. */
const DEPTH_MAX = 500;
/** Steps of comparing that one case may take; the text distance takes 10^9 in a quarter of a second. */
const WORK_MAX = 2e9;
/** Steps that comparing one pair of values stands for, beside its texts. */
const STEPS_OF_PAIR = 1_000;
/** And one step of pairing the elements of two lists. */
const STEPS_OF_ASSIGNMENT = 20;
/** Elements of a list whose order does not count. */
const UNORDERED_MAX = 200;
const DIFFERENCES_MAX = 10;
const PATH_MAX = 300;

/** How much of the expected JSON the output has. */
export const jsonDifference = defineMetric({
  name: 'json_difference',
  title: 'JSON similarity',
  family: 'structure',
  description:
    'How alike two JSON values are, from 0 to 1, field by field: a record with one wrong field of four still gets three quarters. The details say where they differ.',
  definition: `Two objects: the mean over all fields of either, 0 for a field that only one has, 1 where both are empty. Two lists: the sum over the places of both, divided by the longer length, 1 where both are empty; with ignoreOrder over the pairs of elements with the largest sum (an optimal assignment), for lists of at most ${UNORDERED_MAX} elements. Two texts: levenshtein_similarity, or with strings exact 1 for the same text, else 0. Two numbers: 1 − |a − b| / (|a| + |b|), 1 for two zeros, or with numbers exact 1 for the same number, else 0. Booleans and null: 1 for the same, else 0. Values of different sorts: 0. A text in place of expected is read as JSON where it is JSON; the output then is read as json_validity reads it, and gives 0 where it is not JSON. Where expected is a text that is not JSON, output and expected are compared as they are. Symmetric, and independent of the order of fields. Values that nest deeper than ${DEPTH_MAX} levels in common, and those too large to compare, give an error. The details hold the first ${DIFFERENCES_MAX} places in expected that differ, as JSON Pointers, each with its similarity. ${fenceRule}`,
  source:
    'JSONDiff and NumericDiff of autoevals (Braintrust); unlike there, values of different sorts have nothing in common, and texts within JSON stay texts. JSON Pointers by RFC 6901.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['expected'],
  config: z.strictObject({
    strings: z
      .enum(['levenshtein', 'exact'])
      .default('levenshtein')
      .meta({ description: 'How alike two texts are' }),
    numbers: z
      .enum(['relative', 'exact'])
      .default('relative')
      .meta({ description: 'How alike two numbers are' }),
    ignoreOrder: z
      .boolean()
      .default(false)
      .meta({ description: 'The order of lists does not count' }),
    fence: fenceOption,
  }),
  examples: [
    { output: { a: 1 }, expected: { a: 2 }, value: 2 / 3 },
    {
      output: '{"mapping": {"a": "foo", "b": "bar"}}',
      expected: { mapping: { a: 'Foo', b: 'Bar' }, Extra: 5 },
      value: 1 / 3,
    },
    { output: [1, 2, 3], expected: [3, 1, 2], config: { numbers: 'exact' }, value: 0 },
    { output: [1, 2, 3], expected: [3, 1, 2], config: { ignoreOrder: true }, value: 1 },
    { output: 'no JSON', expected: { a: 1 }, value: 0 },
  ],
  prepare({ strings, numbers, ignoreOrder, fence }) {
    const options = { strings, numbers, ignoreOrder };
    return ({ output, expected = null }) => {
      const read = readBoth(output, expected, fence);
      if (read.fault !== undefined) return { outcome: 'scored', value: 0, reason: read.fault };
      const { value, differences } = new Comparison(options).compare(read.output, read.expected, 0);
      const [first] = differences;
      if (!first) return { outcome: 'scored', value };
      return {
        outcome: 'scored',
        value,
        reason: `differs${first.path === '' ? '' : ` at ${first.path.slice(0, PATH_MAX)}`}${differences.length > 1 ? ' and elsewhere' : ''}`,
        details: {
          differences: differences.map(({ path, similarity }) => ({
            path: path.length > PATH_MAX ? `${path.slice(0, PATH_MAX - 1)}…` : path,
            similarity,
          })),
        },
      };
    };
  },
});

/** Both as values to compare, or why the output is none. */
function readBoth(
  output: Json,
  expected: Json,
  fence: Fence,
): { output: Json; expected: Json; fault?: never } | { fault: string } {
  const wanted = typeof expected === 'string' ? parseJson(expected) : expected;
  if (wanted === undefined) return { output, expected };
  const read = jsonOf(output, fence);
  return read.fault === undefined ? { output: read.value, expected: wanted } : read;
}

interface Options {
  strings: 'levenshtein' | 'exact';
  numbers: 'relative' | 'exact';
  ignoreOrder: boolean;
}

interface Compared {
  value: number;
  /** The first of what differs, with its place from here. */
  differences: { path: string; similarity: number }[];
}

const equal: Compared = { value: 1, differences: [] };

/** Compares the parts of one pair of values, with one allowance of work for all of them. */
class Comparison {
  readonly #options: Options;
  #work = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** @throws {MetricError} where it takes too much work, or nests too deep */
  compare(output: Json, expected: Json, depth: number): Compared {
    this.#spend(STEPS_OF_PAIR);
    if (depth > DEPTH_MAX) {
      throw new MetricError(`the values nest deeper than ${DEPTH_MAX} levels`);
    }
    if (Array.isArray(output) && Array.isArray(expected)) {
      return this.#options.ignoreOrder
        ? this.#compareUnordered(output, expected, depth)
        : this.#compareLists(output, expected, depth);
    }
    if (isObject(output) && isObject(expected))
      return this.#compareObjects(output, expected, depth);
    const value = this.#compareScalars(output, expected);
    return value === 1 ? equal : { value, differences: [{ path: '', similarity: value }] };
  }

  #compareObjects(
    output: Readonly<Record<string, Json>>,
    expected: Readonly<Record<string, Json>>,
    depth: number,
  ): Compared {
    // Sorted, so that the order of fields does not even change how the sum is rounded.
    const names = [...new Set([...Object.keys(output), ...Object.keys(expected)])].sort();
    const parts = names.map((name) =>
      this.#compareParts(ownField(output, name), ownField(expected, name), depth, name),
    );
    return mean(parts, names.length);
  }

  #compareLists(output: readonly Json[], expected: readonly Json[], depth: number): Compared {
    const longer = Math.max(output.length, expected.length);
    const parts = Array.from({ length: longer }, (_, place) =>
      this.#compareParts(output[place], expected[place], depth, String(place)),
    );
    return mean(parts, longer);
  }

  #compareUnordered(output: readonly Json[], expected: readonly Json[], depth: number): Compared {
    const longer = Math.max(output.length, expected.length);
    if (longer > UNORDERED_MAX) {
      throw new MetricError(
        `a list of ${longer} elements is too long to compare in any order; up to ${UNORDERED_MAX} can be`,
      );
    }
    const shorter = Math.min(output.length, expected.length);
    this.#spend(output.length * expected.length * shorter * STEPS_OF_ASSIGNMENT);
    const compared = expected.map((wanted) =>
      output.map((given) => this.compare(given, wanted, depth + 1)),
    );
    const partners = bestPairs(compared.map((row) => row.map(({ value }) => value)));
    const parts = partners.map((partner, place) => {
      const part = partner === undefined ? undefined : compared[place]?.[partner];
      return part ? within(part, String(place)) : absent(String(place));
    });
    const used = new Set(partners);
    const needless = output.flatMap((_, place) => (used.has(place) ? [] : [absent(String(place))]));
    return mean([...parts, ...needless], longer);
  }

  #compareParts(
    output: Json | undefined,
    expected: Json | undefined,
    depth: number,
    name: string,
  ): Compared {
    if (output === undefined || expected === undefined) return absent(name);
    return within(this.compare(output, expected, depth + 1), name);
  }

  #compareScalars(output: Json, expected: Json): number {
    const { strings, numbers } = this.#options;
    if (output === expected) return 1;
    if (typeof output === 'string' && typeof expected === 'string') {
      if (strings === 'exact') return 0;
      this.#spend(differingArea(output, expected) + output.length + expected.length);
      return similarity(output, expected);
    }
    if (typeof output === 'number' && typeof expected === 'number') {
      return numbers === 'exact' ? 0 : numberSimilarity(output, expected);
    }
    return 0;
  }

  #spend(steps: number): void {
    this.#work += steps;
    if (this.#work > WORK_MAX) throw new MetricError('the values are too large to compare');
  }
}

function mean(parts: readonly Compared[], count: number): Compared {
  if (count === 0) return equal;
  const differences: Compared['differences'] = [];
  let sum = 0;
  for (const part of parts) {
    sum += part.value;
    differences.push(...part.differences.slice(0, DIFFERENCES_MAX - differences.length));
  }
  return { value: sum / count, differences };
}

const absent = (name: string): Compared => ({
  value: 0,
  differences: [{ path: pointer(name), similarity: 0 }],
});

const within = ({ value, differences }: Compared, name: string): Compared => ({
  value,
  differences: differences.map(({ path, similarity }) => ({
    path: `${pointer(name)}${path}`,
    similarity,
  })),
});

const pointer = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Divided by the larger first, since the sum of two doubles may be none any more. */
function numberSimilarity(a: number, b: number): number {
  const larger = Math.max(Math.abs(a), Math.abs(b));
  if (larger === 0) return 1;
  const [left, right] = [a / larger, b / larger];
  return 1 - Math.abs(left - right) / (Math.abs(left) + Math.abs(right));
}

/** What the distance of two texts takes: the product of the lengths that are not alike at both ends. */
function differingArea(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return (a.length - start - end) * (b.length - start - end);
}

const isObject = (value: Json): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ownField = (object: Readonly<Record<string, Json>>, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;
