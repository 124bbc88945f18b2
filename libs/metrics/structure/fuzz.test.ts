import { afterAll, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { compileMetric } from '#libs/metrics';
import { createSandbox } from '#libs/sandbox';
import { noTools, scoreCase, unaborted } from '#test/scoring';

const sandbox = createSandbox();
afterAll(async () => sandbox.close());
const tools = { ...noTools, sandbox };

/** The mulberry32 generator. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const specs: MetricSpec[] = [
  { metric: 'numeric_match', config: { expressions: true, percent: 'divide' } },
  { metric: 'classification', config: { ignoreCase: true } },
  { metric: 'classification', config: { labels: ['a', '1'], trim: false } },
  { metric: 'list_overlap', config: { separator: ',', ignoreCase: true, trim: true } },
  { metric: 'list_overlap', config: { similarity: 'levenshtein', value: 'jaccard' } },
  { metric: 'json_validity', config: { fence: 'auto', type: 'object' } },
  { metric: 'json_difference', config: { ignoreOrder: true, fence: 'auto' } },
  { metric: 'json_difference', config: { strings: 'exact', numbers: 'exact' } },
  { metric: 'url_format', config: { protocols: ['http', 'a'], requireTld: true } },
  { metric: 'email_format', config: { displayName: true } },
  {
    metric: 'date_format',
    config: {
      formats: ['iso8601', 'rfc3339', 'rfc2822', "d MMMM yyyy 'at' h:mm a XXX", 'T', 'PPpp'],
    },
  },
];
const sandboxed: MetricSpec[] = [
  { metric: 'json_schema', config: { schema: { items: { type: 'string' } }, fence: 'auto' } },
  { metric: 'xml_validity', config: { fence: 'auto' } },
  { metric: 'sql_validity', config: { fence: 'auto', dialect: 'sqlite' } },
  { metric: 'code_validity', config: { fence: 'auto', language: 'javascript' } },
];

/** What is wrong with the score of an item, for each metric of which something is. */
async function faultsOf(specs: readonly MetricSpec[], output: Json, expected: Json) {
  const faults: unknown[] = [];
  for (const spec of specs) {
    const score = await scoreCase(spec, { output, expected }, tools);
    const { outcome, value, reason } = score;
    const isSound =
      outcome === 'scored'
        ? value !== null && value >= 0 && value <= 1
        : reason !== null && !reason.startsWith('the metric broke');
    if (!isSound || !(reason ?? '').isWellFormed()) faults.push([spec, score]);
  }
  return faults;
}

const parts: readonly string[] = [
  ...Array.from('0123456789+-*/^().,e%$€ \n\t"\'{}[]<>&;:@`~#=|\\'),
  '\\frac{',
  '}{',
  '1/2',
  '10^',
  '```',
  '```json\n',
  '{"a":',
  '[1,',
  '2024-01-05',
  'T10:00Z',
  'http://',
  '@example.com',
  'Mon, ',
  'SELECT ',
  'function',
  '½',
  '−',
  'ß',
  '😀',
  '\ud83d',
  '\ude00',
  '\u0000',
  '\u202e',
  '\ufeff',
  'e\u0301',
  'a',
  'b',
  'true',
  'null',
];

test('metrics of structure give a sound score to anything', async () => {
  const random = seeded(41);
  const text = () =>
    Array.from({ length: random(12) }, () => parts[random(parts.length)] ?? '').join('');
  const json = (depth = 0): Json => {
    const kind = random(depth > 2 ? 4 : 6);
    if (kind < 2) return text();
    if (kind === 2) return [null, true, 0, -1e308, 5e-324, 1e21][random(6)] ?? null;
    if (kind === 3) return random(100);
    const values = Array.from({ length: random(4) }, () => json(depth + 1));
    return kind === 4 ? values : Object.fromEntries(values.map((each) => [text(), each]));
  };
  for (let round = 0; round < 1500; round += 1) {
    const output = random(3) === 0 ? json() : text();
    const expected = random(3) === 0 ? output : random(2) === 0 ? json() : text();
    const all = round % 20 === 0 ? [...specs, ...sandboxed] : specs;
    expect(await faultsOf(all, output, expected)).toEqual([]);
  }
}, 120_000);

test('json_difference is symmetric, bounded, blind to the order of fields, and 1 for the same', async () => {
  const random = seeded(43);
  const json = (depth = 0): Json => {
    const kind = random(depth > 2 ? 3 : 5);
    if (kind === 0) return 'abcd'.slice(random(4));
    if (kind === 1) return random(7) - 3;
    if (kind === 2) return random(2) === 0;
    const values = Array.from({ length: random(4) }, () => json(depth + 1));
    if (kind === 3) return values;
    return Object.fromEntries(values.map((each) => ['pqr'.charAt(random(3)), each]));
  };
  /** The same value, its fields the other way round. */
  const turned = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(turned);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([name, each]) => [name, turned(each)]),
    );
  };
  const measured: MetricSpec[] = [
    { metric: 'json_difference' },
    { metric: 'json_difference', config: { ignoreOrder: true } },
  ];
  for (const spec of measured) {
    const scorer = compileMetric(spec, 0, tools);
    const valueOf = async (output: Json, expected: Json) =>
      (await scorer.score({ input: null, output, expected }, unaborted)).value;
    for (let round = 0; round < 1500; round += 1) {
      // Wrapped, since a text or null alone as expected means something else.
      const [a, b] = [{ v: json() }, { v: json() }];
      const value = await valueOf(a, b);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
      expect(await valueOf(b, a)).toBeCloseTo(value ?? NaN, 12);
      expect(await valueOf(turned(a), b)).toBeCloseTo(value ?? NaN, 12);
      expect(await valueOf(turned(a), a)).toBe(1);
      expect(await valueOf(JSON.stringify(a), a)).toBe(1);
    }
  }
}, 120_000);

test.each([
  'x',
  '1',
  '1/',
  '(',
  '-',
  ',',
  '[',
  '{"a":',
  '```\n',
  '```json\n',
  '@',
  'a.',
  '😀',
  '\ud800',
  '\u0000',
  ' ',
  '\n',
  '<a>',
  'http://',
  '2024-',
])(
  'metrics of structure bear a megabyte of %j',
  async (part) => {
    const output = part.repeat(Math.ceil(1_000_000 / part.length));
    expect(await faultsOf(specs, output, `${output}y`)).toEqual([]);
    expect(await faultsOf(specs, [output, output], [`${output}y`])).toEqual([]);
    expect(await faultsOf(specs, output, 'y')).toEqual([]);
  },
  120_000,
);

test('metrics of structure bear JSON that nests deeper than the stack', async () => {
  let list: Json = 'core';
  let object: Json = 'core';
  for (let depth = 0; depth < 200_000; depth += 1) [list, object] = [[list], { a: object }];
  for (const deep of [list, object]) {
    expect(await faultsOf([...specs, ...sandboxed], deep, deep)).toEqual([]);
    expect(await faultsOf(specs, 'x', deep)).toEqual([]);
    expect(await faultsOf(specs, [deep, 1], [1, deep])).toEqual([]);
  }
  const text = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  expect(await faultsOf([...specs, ...sandboxed], text, text)).toEqual([]);
}, 120_000);
