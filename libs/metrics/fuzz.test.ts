import { afterAll, describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import type { ItemScore, MetricCase, MetricShape } from '#libs/evaluation';
import { createSandbox } from '#libs/sandbox';
import { noTools, scoreCase, scriptedModels, unaborted } from '#test/scoring';
import { compileMetric, metricCatalogue, type ScorerTools } from './index.ts';
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

const options: MetricSpec[] = [
  { metric: 'exact_match', config: { ignoreCase: true, trim: true, anyOf: true } },
  { metric: 'contains', config: { ignoreCase: true } },
  { metric: 'contains', config: { values: ['a', '😀'], mode: 'any' } },
  { metric: 'regex_match', config: { pattern: '(a|b)*c?$', ignoreCase: true, multiline: true } },
  { metric: 'regex_match', config: { pattern: '\\p{L}+|[^a]', fullMatch: true, dotAll: true } },
  { metric: 'numeric_match', config: { absoluteTolerance: 1e-300, relativeTolerance: 0.1 } },
  { metric: 'levenshtein_similarity', config: { ignoreCase: true } },
];
/** Every metric that is computed here, as its examples configure it. */
const examples: MetricSpec[] = [...metricCatalogue.values()]
  .filter(({ work }) => work !== 'network')
  .flatMap(({ name, examples }) => {
    const configs = new Map(examples.map(({ config = {} }) => [JSON.stringify(config), config]));
    return [...configs.values()].map((config) => ({ metric: name, config }));
  });
/** Those that answer at once; the sandbox takes longer, so its metrics go through fewer rounds. */
const isSandboxed = ({ metric }: MetricSpec) =>
  /^(javascript|json_schema|.*_validity)$/.test(metric) && metric !== 'json_validity';
const plain = [...options, ...examples.filter((spec) => !isSandboxed(spec))];
const sandboxed = examples.filter(isSandboxed);
const selecting = options.slice(0, 2).flatMap((spec) => [
  { ...spec, extract: '(.)' },
  { ...spec, extract: 'x*' },
  { ...spec, output: 'a.0', expected: 'a' },
  { ...spec, output: '__proto__.constructor', extract: '(a)|b' },
]);

const sandbox = createSandbox();
afterAll(() => sandbox.close());
const tools: ScorerTools = { ...noTools, sandbox };

/** Scores one case by every metric, and answers with the scores that are not sound. */
async function faultsOf(specs: readonly MetricSpec[], item: MetricCase): Promise<string[]> {
  const faults: string[] = [];
  for (const [index, spec] of specs.entries()) {
    const scorer = compileMetric(spec, index, tools);
    const score = await scorer.score(item, unaborted);
    const again = await scorer.score(item, unaborted);
    const fault = faultOf(score, index, scorer.shape);
    if (fault !== undefined || JSON.stringify(again) !== JSON.stringify(score)) {
      faults.push(JSON.stringify([fault ?? 'another score the second time', spec, score, again]));
    }
  }
  return faults;
}

/** What is wrong with a score; undefined for a sound one. */
function faultOf(score: ItemScore, index: number, { kind, range }: MetricShape) {
  const { outcome, value, reason, category } = score;
  const said = (reason ?? '') + (category ?? '');
  if (score.metric !== index) return 'of another metric';
  if (!said.isWellFormed() || said.includes('\u0000')) return 'a reason that cannot be stored';
  if (said.length > 1000) return 'a reason without an end';
  if (reason?.startsWith('the metric broke')) return 'it broke';
  if (outcome !== 'scored') return value === null && reason !== null ? undefined : 'no reason';
  if (kind === 'categorical') return category === null ? 'no category' : undefined;
  const { min, max } = range;
  const inRange = value !== null && value >= (min ?? -Infinity) && value <= (max ?? Infinity);
  return inRange ? undefined : 'out of range';
}

const nested = (): Json => {
  let value: Json = 'core';
  for (let depth = 0; depth < 200_000; depth += 1) value = [value];
  return value;
};

/** Another item each time: texts, JSON and calls of tools, sometimes alike. */
function anything(): MetricCase {
  const output = json();
  return {
    input: json(),
    output,
    expected: pick([undefined, output, json(), [text(), text()], text()]),
    metadata: { any: json() },
    usage: { latencyMs: random(1000), inputTokens: random(100), finishReason: text() },
    ...(random(3) === 0 && { toolCalls: [{ name: text(), arguments: json() }] }),
  };
}

describe('any metric on anything', () => {
  test('gives a sound score, the same each time, and never breaks', async () => {
    for (let round = 0; round < 300; round += 1) {
      expect(await faultsOf([...plain, ...selecting], anything())).toEqual([]);
    }
  }, 120_000);

  test('in the sandbox too', async () => {
    for (let round = 0; round < 40; round += 1) {
      expect(await faultsOf(sandboxed, anything())).toEqual([]);
    }
  }, 120_000);

  test('is never given a value by a judge whose model answers with anything', async () => {
    const models = scriptedModels(() => (random(2) === 0 ? text() : JSON.stringify(json())));
    const judges = [...metricCatalogue.values()]
      .filter(({ family }) => family === 'judge')
      .map(({ name, examples: [example] }, index) => {
        const spec = { metric: name, config: example?.config ?? {} };
        return { name, index, scorer: compileMetric(spec, index, { ...tools, models }) };
      });
    for (let round = 0; round < 20; round += 1) {
      const item = round === 0 ? { ...anything(), output: nested() } : anything();
      for (const { name, index, scorer } of judges) {
        const score = await scorer.score(item, unaborted);
        expect([name, faultOf(score, index, scorer.shape)]).toEqual([name, undefined]);
        expect([name, score.outcome]).not.toEqual([name, 'scored']);
      }
    }
  }, 60_000);

  test('bears a megabyte', async () => {
    const texts = ['x', '9', 'a\n', '😀', '\u0000', '\ud800', '[', '{"a":['].map((part) =>
      part.repeat(Math.ceil(1_000_000 / part.length)),
    );
    // Each family has such a test of its own; these stand for what all metrics have in common.
    for (const [place, output] of texts.entries()) {
      const item = { input: null, output, expected: texts[(place + 1) % texts.length] };
      for (const [index, spec] of options.entries()) {
        const scorer = compileMetric(spec, index, tools);
        const score = await scorer.score(item, unaborted);
        expect([spec, faultOf(score, index, scorer.shape)]).toEqual([spec, undefined]);
      }
    }
  }, 60_000);

  test('bears JSON that nests deeper than the stack', async () => {
    const item = { input: null, output: nested(), expected: nested() };
    for (const [index, spec] of plain.entries()) {
      const scorer = compileMetric(spec, index, tools);
      const score = await scorer.score(item, unaborted);
      expect([spec, faultOf(score, index, scorer.shape)]).toEqual([spec, undefined]);
    }
  }, 120_000);
});

/** Jest's own time-out is what ends a pattern that takes for ever. */
const extracted = (extract: string, output: string) =>
  scoreCase({ metric: 'exact_match', extract }, { output, expected: 'x' });

describe('a pattern that takes long', () => {
  test.each([
    ['searches to the end from every match', '(?:x.*y)|x', 'x'.repeat(100_000)],
    ['tries many repetitions at every place', '((?:x{1,100}){1,9}[yz])', 'x'.repeat(1_000_000)],
  ])('is an error where it %s', async (_, pattern, output) => {
    expect(await extracted(pattern, output)).toMatchObject({ outcome: 'error', value: null });
  });

  test.each(['(x+x+)+y', '(x*)*y', '(x|xx)+$', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
    'in other engines, as %s does, takes no time here',
    async (pattern) => {
      expect((await extracted(pattern, 'x'.repeat(50_000))).outcome).toBe('scored');
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
