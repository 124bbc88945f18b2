import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import type { ItemScore } from '#libs/evaluation';
import { compileMetric } from './index.ts';
import { similarity } from './text/levenshtein-similarity.ts';

/** The mulberry32 generator: small, and the same on every machine. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const random = seeded(20_260_101);
const pick = <T>(values: readonly [T, ...T[]]): T => values[random(values.length)] ?? values[0];

const alphabets: [string[], ...string[][]] = [
  Array.from('ab'),
  Array.from('0123456789.,-+e$%€ '),
  Array.from('{}[]":,atrue1 \\'),
  ['a', '😀', '\ud83d', '\ude00', '\u0000', 'ß', 'İ', 'e\u0301', '\u202e', '\ufeff', '\n'],
];

function text(): string {
  const alphabet = pick(alphabets);
  if (random(10) === 0) {
    return Array.from({ length: random(20) }, () => String.fromCharCode(random(0x10000))).join('');
  }
  return Array.from({ length: random(15) }, () => alphabet[random(alphabet.length)]).join('');
}

function json(depth = 0): Json {
  const kind = random(depth > 3 ? 5 : 8);
  if (kind === 0) return null;
  if (kind === 1) return random(2) === 0;
  if (kind === 2) return pick([0, -0, 1, 1e308, 5e-324, -1e21, 0.1, 2 ** 53]);
  if (kind <= 4) return text();
  const values = Array.from({ length: random(4) }, () => json(depth + 1));
  if (kind <= 6) return values;
  const names = ['a', 'b', '__proto__', 'constructor', '', '0'];
  return Object.fromEntries(values.map((value) => [names[random(names.length)] ?? 'a', value]));
}

const specs: MetricSpec[] = [
  { metric: 'exact_match' },
  { metric: 'exact_match', config: { ignoreCase: true, trim: true, anyOf: true } },
  { metric: 'contains', config: { ignoreCase: true } },
  { metric: 'contains', config: { values: ['a', '😀'], mode: 'any' } },
  { metric: 'regex_match', config: { pattern: '(a|b)*c?$', ignoreCase: true, multiline: true } },
  { metric: 'regex_match', config: { pattern: '\\p{L}+|[^a]', fullMatch: true, dotAll: true } },
  { metric: 'numeric_match' },
  { metric: 'numeric_match', config: { absoluteTolerance: 1e-300, relativeTolerance: 0.1 } },
  { metric: 'levenshtein_similarity' },
  { metric: 'levenshtein_similarity', config: { ignoreCase: true } },
].flatMap((spec) => [
  spec,
  { ...spec, extract: '(.)' },
  { ...spec, extract: 'x*' },
  { ...spec, output: 'a.0', expected: 'a' },
  { ...spec, output: '__proto__.constructor', extract: '(a)|b' },
]);
const scorers = specs.map(compileMetric);

/** What is wrong with a score; undefined for a sound one. */
function faultOf(score: ItemScore, index: number): string | undefined {
  const { outcome, value, reason } = score;
  const said = reason ?? '';
  const inRange = value !== null && value >= 0 && value <= 1;
  const sound =
    score.metric === index &&
    said.isWellFormed() &&
    !said.includes('\u0000') &&
    said.length <= 500 &&
    (outcome === 'scored' ? inRange : value === null && reason !== null);
  return sound ? undefined : JSON.stringify([specs[index], score]);
}

const nested = (): Json => {
  let value: Json = 'core';
  for (let depth = 0; depth < 200_000; depth += 1) value = [value];
  return value;
};

describe('any metric on anything', () => {
  test('gives a sound score, the same each time, and never breaks', async () => {
    for (let round = 0; round < 500; round += 1) {
      const output = json();
      const item = { input: null, output, expected: pick([undefined, output, json()]) };
      const scores = await Promise.all(scorers.map(async (score) => score(item)));
      expect(scores.map(faultOf).filter(Boolean)).toEqual([]);
      expect(scores.filter(({ outcome }) => outcome === 'error')).toEqual([]);
      expect(await Promise.all(scorers.map(async (score) => score(item)))).toEqual(scores);
    }
  });

  test('bears a megabyte', async () => {
    const texts = ['x', '9', 'a\n', '😀', '\u0000', '\ud800', '[', '{"a":['].map((part) =>
      part.repeat(Math.ceil(1_000_000 / part.length)),
    );
    // A search for all matches finds a million here: these metrics stand for all.
    const plain = specs.filter(({ extract }) => extract === undefined);
    for (const [place, output] of texts.entries()) {
      const item = { input: null, output, expected: texts[(place + 1) % texts.length] };
      for (const spec of plain) {
        const index = specs.indexOf(spec);
        expect(faultOf(await compileMetric(spec, index)(item), index)).toBeUndefined();
      }
    }
  });

  test('bears JSON that nests deeper than the stack', async () => {
    const item = { input: null, output: nested(), expected: nested() };
    const scores = await Promise.all(scorers.map(async (score) => score(item)));
    expect(scores.map(faultOf).filter(Boolean)).toEqual([]);
    expect(scores[0]).toMatchObject({ outcome: 'scored', value: 1 });
  });
});

const seconds = async (pattern: string, output: string) => {
  const start = performance.now();
  const extract = compileMetric({ metric: 'exact_match', extract: pattern }, 0);
  const score = await extract({ input: null, output, expected: 'x' });
  return { score, seconds: (performance.now() - start) / 1000 };
};

describe('a pattern that takes long', () => {
  test.each([
    ['searches to the end from every match', '(?:x.*y)|x', 'x'.repeat(100_000)],
    ['tries many repetitions at every place', '((?:x{1,100}){1,9}[yz])', 'x'.repeat(1_000_000)],
  ])('is an error where it %s', async (_, pattern, output) => {
    const { score, seconds: taken } = await seconds(pattern, output);
    expect(score).toMatchObject({ outcome: 'error', value: null });
    expect(taken).toBeLessThan(10);
  });

  test.each(['(x+x+)+y', '(x*)*y', '(x|xx)+$', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
    'in other engines, as %s does, takes no time here',
    async (pattern) => {
      const { score, seconds: taken } = await seconds(pattern, 'x'.repeat(50_000));
      expect(score.outcome).toBe('scored');
      expect(taken).toBeLessThan(5);
    },
  );
});

/** The recurrence, as printed. */
const defined = (a: string[], b: string[]) => {
  let row = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (const [i, left] of a.entries()) {
    const next = [i + 1];
    for (const [j, right] of b.entries()) {
      const replace = (row[j] ?? 0) + (left === right ? 0 : 1);
      next.push(Math.min(replace, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  const longest = Math.max(a.length, b.length);
  return longest === 0 ? 1 : 1 - (row[b.length] ?? 0) / longest;
};

test('levenshtein_similarity agrees with the recurrence that defines it', () => {
  for (let round = 0; round < 3000; round += 1) {
    const a = round % 50 === 0 ? text().repeat(20) : text();
    const b = random(4) === 0 ? a.slice(random(5)) + text() : text();
    expect(similarity(a, b)).toBe(defined(Array.from(a), Array.from(b)));
    expect(similarity(b, a)).toBe(similarity(a, b));
  }
});
