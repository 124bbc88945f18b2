import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { compileMetric, shapeOf, startRunLevel } from '#libs/metrics';
import { noTools, scoreCase, unaborted, verdictOf } from '#test/scoring';
import { overlapMetrics } from './index.ts';

const specs: MetricSpec[] = [
  ...overlapMetrics.map(({ name }): MetricSpec => ({ metric: name })),
  ...['intl', 'zh', 'char', 'none'].map((tokenize): MetricSpec => ({
    metric: 'bleu',
    config: { tokenize, lowercase: true },
  })),
  { metric: 'bleu', config: { smoothing: 'floor', smoothingValue: 1, maximumOrder: 10 } },
  { metric: 'bleu', config: { smoothing: 'add-k', smoothingValue: 100, effectiveOrder: false } },
  { metric: 'bleu', config: { smoothing: 'none' } },
  { metric: 'chrf', config: { characterOrder: 10, wordOrder: 5, whitespace: true, beta: 100 } },
  { metric: 'chrf', config: { epsilonSmoothing: true, beta: 1e-9, lowercase: true } },
  { metric: 'gleu', config: { tokenize: 'intl', maximumOrder: 10 } },
  ...['rouge_1', 'rouge_2', 'rouge_l', 'rouge_lsum'].map((metric): MetricSpec => ({
    metric,
    config: { stemmer: true, measure: 'recall' },
  })),
];
const scorers = specs.map((spec, index) => compileMetric(spec, index, noTools));

const scoresOf = async (output: Json, expected: Json | undefined, by = scorers) =>
  Promise.all(by.map(async (scorer) => scorer.score({ input: null, output, expected }, unaborted)));

let state = 11;
const random = (below: number) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const pick = (values: readonly string[]): string => values[random(values.length)] ?? '';
const pieces = Array.from(
  'ab AB.,,--5 6\'"&!\n\t_#½²٣ßİσΣς\u0000\ufeff\x1c\x85\u202e\u0301日本語ไทย',
).concat(['😀', '\ud83d', '\ude00', 'the ', 'an ', '<skipped>', '&amp;', '-\n', 'running ']);
const text = (): string =>
  Array.from({ length: random(40) }, () =>
    random(5) === 0 ? String.fromCharCode(random(0x10000)) : pick(pieces),
  ).join('');
/** Words that all metrics know, with repetitions. */
const words = (most: number, from: readonly string[] = ['cat', 'dog', 'bird', 'sat', 'ran']) =>
  Array.from({ length: random(most) + 1 }, () => pick(from)).join(' ');
const shuffled = <T>(values: readonly T[]): T[] => {
  const left = [...values];
  return values.flatMap(() => left.splice(random(left.length), 1));
};

test('any text is scored within bounds, the same each time, with statistics for the run', async () => {
  const sums = specs.map((spec) => startRunLevel(spec));
  for (let round = 0; round < 150; round += 1) {
    const output = text();
    const expected = [text(), output.slice(random(9)), text() + output].slice(0, 1 + random(3));
    const scores = await scoresOf(output, expected);
    for (const [index, { outcome, value, reason, details }] of scores.entries()) {
      expect([specs[index], outcome, reason?.isWellFormed()]).toEqual([
        specs[index],
        'scored',
        reason === null ? undefined : true,
      ]);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(shapeOf(specs[index] ?? { metric: 'bleu' }).range.max ?? 0);
      sums[index]?.add(details);
    }
    expect(await scoresOf(output, expected)).toEqual(scores);
  }
  for (const [index, sum] of sums.entries()) {
    const value = sum?.result().values[0]?.value ?? 0;
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(shapeOf(specs[index] ?? { metric: 'bleu' }).range.max ?? 0);
  }
});

test('a text has the most in common with itself', async () => {
  const short = { metric: 'bleu', config: { effectiveOrder: false } };
  for (let round = 0; round < 50; round += 1) {
    const output = `${words(10)} ${words(10)}\n${words(5)}`;
    for (const { value, metric } of await scoresOf(output, [words(8), output, words(8)])) {
      expect([specs[metric], value]).toEqual([
        specs[metric],
        expect.closeTo(shapeOf(specs[metric] ?? short).range.max ?? 0, 9),
      ]);
    }
  }
});

test('the order of references changes nothing', async () => {
  for (let round = 0; round < 100; round += 1) {
    const output = random(2) === 0 ? words(12) : text();
    const references = Array.from({ length: 4 }, () => (random(2) === 0 ? words(12) : text()));
    const values = (await scoresOf(output, references)).map(({ value }) => value);
    const others = await scoresOf(output, shuffled(references));
    // Only which measure of equally good references is shown may differ.
    const compared = specs.map(({ config }) => config?.measure === undefined);
    expect(others.map(({ value }) => value).filter((_, index) => compared[index])).toEqual(
      values.filter((_, index) => compared[index]),
    );
  }
});

test('one reference is a list of one, and a reference more never makes it worse', async () => {
  // A longer reference can make the penalty for brevity grow.
  const isMonotonous = ({ metric, config }: MetricSpec) =>
    metric !== 'bleu' && config?.measure === undefined;
  for (let round = 0; round < 100; round += 1) {
    const [output, reference] = [words(12), words(12)];
    const one = await scoresOf(output, reference);
    expect(await scoresOf(output, [reference])).toEqual(one);
    const two = await scoresOf(output, [reference, words(12)]);
    for (const [index, { value }] of two.entries()) {
      if (!isMonotonous(specs[index] ?? { metric: 'bleu' })) continue;
      expect(value).toBeGreaterThanOrEqual(one[index]?.value ?? 1);
    }
  }
});

test('GLEU and the F-scores of equal weight are symmetric', async () => {
  const symmetric = [
    { metric: 'squad_f1' },
    { metric: 'gleu' },
    { metric: 'chrf', config: { beta: 1 } },
    { metric: 'rouge_1' },
    { metric: 'rouge_2' },
    { metric: 'rouge_l' },
  ];
  for (let round = 0; round < 100; round += 1) {
    const [a, b] = [words(15), words(15)];
    for (const { metric, config = {} } of symmetric) {
      const value = await verdictOf(metric, config, { output: a, expected: b });
      const turned = await verdictOf(metric, config, { output: b, expected: a });
      expect([metric, turned]).toEqual([metric, expect.closeTo(Number(value), 12)]);
    }
  }
});

test('SQuAD ignores case, articles, punctuation and white space; F1 the order of words too', async () => {
  for (let round = 0; round < 100; round += 1) {
    const answer = words(6);
    const expected = [words(6), answer];
    const disguised = answer
      .split(' ')
      .map((word) =>
        random(2) === 0 ? word.toUpperCase() : `${word}${pick(['.', ',', '!', '"'])}`,
      )
      .join(pick(['  ', ' the ', '\tAn ', '\u00a0', ' a the\n']));
    expect(await verdictOf('squad_exact_match', {}, { output: disguised, expected })).toBe(1);
    const output = words(6);
    const value = await verdictOf('squad_f1', {}, { output, expected });
    const turned = { output: shuffled(output.split(' ')).join(' The '), expected };
    expect(await verdictOf('squad_f1', {}, turned)).toBe(value);
  }
});

test('case changes nothing with lowercase, nor the order of cases in a corpus', async () => {
  const corpora = ['bleu', 'chrf', 'gleu'].map((metric) => ({
    metric,
    config: { lowercase: true },
  }));
  const cases = Array.from({ length: 40 }, () => ({
    output: words(9),
    expected: [words(9), words(9)],
  }));
  const upper = cases.map(({ output, expected }) => ({ output: output.toUpperCase(), expected }));
  for (const spec of corpora) {
    const runOf = async (items: typeof cases) => {
      const sum = startRunLevel(spec);
      for (const item of items) sum?.add((await scoreCase(spec, item)).details);
      return sum?.result();
    };
    const result = await runOf(cases);
    expect(result?.values[0]?.value).toBeGreaterThan(0);
    expect(await runOf(shuffled(cases))).toEqual(result);
    expect(await runOf(upper)).toEqual(result);
  }
});

test('a run is not added up from details that are none', () => {
  for (const metric of ['bleu', 'chrf', 'gleu']) {
    const sum = startRunLevel({ metric });
    for (const details of [null, [], 'x', {}, { matches: 'x' }]) sum?.add(details);
    expect(sum?.result().values[0]?.value).toBeNull();
  }
});

describe('references', () => {
  test.each<[Json, string]>([
    [42, 'expected is a number, not a text or a list of texts'],
    [{ a: 'b' }, 'expected is an object, not a text or a list of texts'],
    [['a', null], 'expected is a list with null in it, not a list of texts'],
    [['a', ['b']], 'expected is a list with a list in it, not a list of texts'],
  ])('%j are not applicable', async (expected, reason) => {
    for (const score of await scoresOf('a', expected)) {
      expect(score).toMatchObject({ outcome: 'not_applicable', reason });
    }
  });

  test('an empty list is an answer to SQuAD alone', async () => {
    for (const score of await scoresOf('', [])) {
      const squad = specs[score.metric]?.metric.startsWith('squad') === true;
      expect(score).toMatchObject(
        squad ? { value: 1 } : { outcome: 'not_applicable', reason: 'expected is an empty list' },
      );
    }
  });
});

/** The lengths of longest common subsequences of all beginnings, as the recurrence defines them. */
function table(a: readonly string[], b: readonly string[]): number[][] {
  const rows = [[0, ...b.map(() => 0)]];
  for (const [i, left] of a.entries()) {
    const row = [0];
    for (const [j, right] of b.entries()) {
      const before = rows[i]?.[j] ?? 0;
      row.push(left === right ? before + 1 : Math.max(rows[i]?.[j + 1] ?? 0, row[j] ?? 0));
    }
    rows.push(row);
  }
  return rows;
}

/** The places in `a` of the subsequence that rouge_lsum reads from the table. */
function placesIn(a: readonly string[], b: readonly string[]): number[] {
  const rows = table(a, b);
  const places: number[] = [];
  let [i, j] = [a.length, b.length];
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      places.push(i - 1);
      i -= 1;
      j -= 1;
    } else if ((rows[i]?.[j - 1] ?? 0) > (rows[i - 1]?.[j] ?? 0)) j -= 1;
    else i -= 1;
  }
  return places;
}

const alphabets = [
  ['a', 'b'],
  Array.from('abcdefghij'),
  Array.from({ length: 300 }, (_, n) => `w${n}`),
];

test('rouge_l finds the longest common subsequence that its recurrence defines', async () => {
  for (let round = 0; round < 300; round += 1) {
    const alphabet = alphabets[round % alphabets.length];
    const [output, expected] = [words(150, alphabet), words(150, alphabet)];
    const [a, b] = [output.split(' '), expected.split(' ')];
    const config = { measure: 'precision' };
    expect(await verdictOf('rouge_l', config, { output, expected })).toBe(
      (table(a, b).at(-1)?.at(-1) ?? 0) / a.length,
    );
  }
});

test('rouge_lsum unites the subsequences of lines as defined', async () => {
  for (let round = 0; round < 150; round += 1) {
    const alphabet = alphabets[round % alphabets.length];
    const lines = () => Array.from({ length: 1 + random(4) }, () => words(70, alphabet));
    const [output, expected] = [lines(), lines()];
    const left = new Map<string, number>();
    for (const word of output.join(' ').split(' ')) left.set(word, (left.get(word) ?? 0) + 1);
    let hits = 0;
    for (const line of expected) {
      const reference = line.split(' ');
      const found = new Set(output.flatMap((other) => placesIn(reference, other.split(' '))));
      for (const place of found) {
        const rest = left.get(reference[place] ?? '') ?? 0;
        if (rest > 0) hits += 1;
        left.set(reference[place] ?? '', rest - 1);
      }
    }
    const item = { output: output.join('\n\n'), expected: expected.join('\n') };
    const recall = hits / expected.join(' ').split(' ').length;
    expect(await verdictOf('rouge_lsum', { measure: 'recall' }, item)).toBe(recall);
  }
});

/** About a million characters: repeated, or chosen at random. */
const megabyte = (part: string) => part.repeat(Math.ceil(1_000_000 / part.length));
const randomMegabyte = (of: (number: number) => string) =>
  Array.from({ length: 170_000 }, () => of(random(20_000))).join('');

/** The metrics as they are by default, and what could take longest otherwise. */
const longScorers = [
  ...overlapMetrics.map(({ name }): MetricSpec => ({ metric: name })),
  { metric: 'bleu', config: { tokenize: 'intl', lowercase: true } },
  { metric: 'chrf', config: { wordOrder: 2, whitespace: true } },
  { metric: 'rouge_lsum', config: { stemmer: true } },
].map((spec, index) => compileMetric(spec, index, noTools));

// Jest's own time-out is what ends a metric that takes for ever.
describe('a megabyte', () => {
  test.each<[string, string, Json]>([
    ['of one letter', megabyte('x'), megabyte('x ')],
    ['of two words', megabyte('a b '), megabyte('b a a ')],
    ['of marks', megabyte('.,-'), megabyte('5.-\n')],
    ['of articles', megabyte('the '), megabyte('-an the')],
    ['of white space', megabyte(' \n'), megabyte('\u3000')],
    ['of halves of surrogate pairs', megabyte('\ud800'), megabyte('\udc00\ud800')],
    ['of U+0000', megabyte('\u0000'), megabyte('\u0000a ')],
    ['of random words', randomMegabyte((n) => `w${n} `), randomMegabyte((n) => `w${n}\n`)],
    [
      'of random characters',
      randomMegabyte((n) => String.fromCharCode(n * 3, 65 + (n % 26), 32 + (n % 90))),
      randomMegabyte((n) => String.fromCodePoint(n * 50)),
    ],
    [
      'and very many references',
      megabyte('the cat sat '),
      Array.from({ length: 10_000 }, (_, index) => `the cat ${index % 7 === 0 ? '' : index}`),
    ],
  ])(
    '%s breaks nothing',
    async (_, output, expected) => {
      for (const { outcome, reason } of await scoresOf(output, expected, longScorers)) {
        expect(outcome === 'error' ? reason : 'scored').toBe(
          outcome === 'error'
            ? 'the texts are too long to look for a longest common subsequence'
            : 'scored',
        );
      }
    },
    60_000,
  );

  test('is the same as itself', async () => {
    const output = randomMegabyte((n) => `w${n} `);
    const long = ['squad_f1', 'bleu', 'chrf', 'gleu', 'rouge_1', 'rouge_2', 'rouge_l'];
    for (const metric of long) {
      const best = shapeOf({ metric }).range.max ?? 0;
      expect([metric, await verdictOf(metric, {}, { output, expected: output })]).toEqual([
        metric,
        expect.closeTo(best, 9),
      ]);
    }
  }, 60_000);
});
