import { expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { compileMetric } from '#libs/metrics';
import { noTools, unaborted } from '#test/scoring';
import { textMetrics } from './index.ts';

const specs: MetricSpec[] = [
  ...textMetrics
    .filter(({ name }) => name !== 'regex_match')
    .map(({ name }): MetricSpec => ({ metric: name })),
  { metric: 'starts_with', config: { values: ['a', '😀'], trim: true, ignoreCase: true } },
  { metric: 'jaro_winkler_similarity', config: { ignoreCase: true, boostThreshold: 0 } },
  { metric: 'character_count', config: { unit: 'grapheme' } },
  { metric: 'token_count', config: { encoding: 'cl100k_base' } },
  ...['flesch_kincaid_grade', 'gunning_fog', 'smog', 'coleman_liau', 'automated_readability'].map(
    (measure): MetricSpec => ({ metric: 'readability', config: { measure } }),
  ),
  { metric: 'refusal', config: { within: 10_000, expectRefusal: true } },
  { metric: 'language', config: { useExpected: true } },
];
const scorers = specs.map((spec, index) => compileMetric(spec, index, noTools));

const scoresOf = async (output: Json, expected: Json | undefined) =>
  Promise.all(
    scorers.map(async (scorer) => scorer.score({ input: null, output, expected }, unaborted)),
  );

let state = 7;
const random = (below: number) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const pieces = Array.from(
  "ab XY.!?\n\t'’-_#*0123½²٣ßİσς\u0000\ufeff\u202e\u0301日本語ไทย한국",
).concat(['😀', '👨‍👩‍👧', '\ud83d', '\ude00', "I can't help with ", 'ed', 'ing']);
const text = () =>
  Array.from({ length: random(40) }, () =>
    random(4) === 0 ? String.fromCharCode(random(0x10000)) : pieces[random(pieces.length)],
  ).join('');

test('text metrics bear any text, give the same each time, and never break', async () => {
  for (let round = 0; round < 150; round += 1) {
    const [output, expected] = [text(), random(3) === 0 ? undefined : text()];
    const scores = await scoresOf(output, expected);
    expect(scores.filter(({ outcome }) => outcome === 'error')).toEqual([]);
    for (const { outcome, value, category, reason } of scores) {
      expect(outcome === 'scored' ? (value ?? category) : reason).not.toBeNull();
      expect((reason ?? '').isWellFormed()).toBe(true);
    }
    expect(await scoresOf(output, expected)).toEqual(scores);
  }
});

test.each(['x', 'a. ', 'a\n', '\u0301\u0323', '\ud83d\ude00', '\ud800', "i can't ", '中'])(
  'text metrics bear a megabyte of %j',
  async (part) => {
    const scores = await scoresOf(part.repeat(Math.ceil(1_000_000 / part.length)), part);
    // Beyond a bound a metric says so itself; this would be an exception of the runtime.
    expect(scores.filter(({ reason }) => reason?.includes('the metric broke'))).toEqual([]);
  },
);
