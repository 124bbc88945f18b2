import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { textOf } from '../values/text.ts';
import { matchNgrams, ngramCount } from './ngrams.ts';
import { byReferences, referencesDefinition } from './references.ts';
import { readWords, wordOptions, wordsDefinition } from './tokenize.ts';

const ORDER_MAX = 10;
/** What floor and add-k add where nothing is configured, after Chen and Cherry. */
const smoothingValues = { exp: 0, none: 0, floor: 0.1, 'add-k': 1 } as const;
const smoothings = ['exp', 'floor', 'add-k', 'none'] as const;

const config = z
  .strictObject({
    ...wordOptions,
    maximumOrder: z
      .int()
      .min(1)
      .max(ORDER_MAX)
      .default(4)
      .meta({ description: 'The longest n-grams that are compared, in words' }),
    smoothing: z
      .enum(smoothings)
      .default('exp')
      .meta({ description: 'What stands for the precision of n-grams of which none matches' }),
    smoothingValue: z.number().min(0).max(100).optional().meta({
      description: 'What floor or add-k adds to the matches; left out: 0.1 for floor, 1 for add-k',
    }),
    effectiveOrder: z.boolean().default(true).meta({
      description:
        'An output that is too short for n-grams of some length is scored by the shorter ones; the corpus is not',
    }),
  })
  .refine(
    ({ smoothing, smoothingValue }) =>
      smoothingValue === undefined || smoothing === 'floor' || smoothing === 'add-k',
    { path: ['smoothingValue'], message: 'only floor and add-k take a value; leave it out' },
  )
  .refine(({ smoothing, smoothingValue = 0 }) => smoothing !== 'floor' || smoothingValue <= 1, {
    path: ['smoothingValue'],
    message: 'floor takes 1 at most, since more would count more matches than n-grams',
  });

/** What a case adds to the corpus; lists have an entry for each order of n-grams. */
const statisticsSchema = z.object({
  outputLength: z.number(),
  referenceLength: z.number(),
  matches: z.array(z.number()),
  totals: z.array(z.number()),
});
type Statistics = z.output<typeof statisticsSchema>;

/** BLEU of sacreBLEU: of a sentence, and of the corpus that a run is. */
export const bleu = defineMetric({
  name: 'bleu',
  title: 'BLEU',
  family: 'overlap',
  description:
    'How many n-grams of words the output shares with the references, from 0 to 100, with a penalty for brevity. The field reports the BLEU of the whole corpus, which the run-level values give; that of single sentences is a rough guide.',
  definition: `BP · exp(1/N · Σ log pₙ) over the orders n = 1 to N = maximumOrder. pₙ = 100 · mₙ / tₙ, with tₙ the number of the output's n-grams and mₙ how many of them match: each n-gram as often as it occurs in the output, and at most as often as in the reference that has most of it. BP = exp(1 − r / c) where c < r, else 1, with c the number of words of the output and r that of the reference closest in length, of two as close the shorter. 0 where nothing matches at all. smoothing, where mₙ is 0 and tₙ is not: exp, pₙ = 100 / (2ᵏ · tₙ) for the k-th such order; floor, mₙ = smoothingValue; none, the score is 0. add-k adds smoothingValue to mₙ and tₙ of all orders from 2. effectiveOrder: N is the last order before the first with tₙ = 0; else, with such an order, the score is 0. At most 100. ${wordsDefinition} ${referencesDefinition}

Of a run: c, r, mₙ and tₙ are added up over its scored cases, and the same formula is applied once, without effectiveOrder, as corpus_bleu does. An output that lacks what extract or output point to counts as an empty one.`,
  source:
    'K. Papineni, S. Roukos, T. Ward and W.-J. Zhu, "BLEU: a Method for Automatic Evaluation of Machine Translation", ACL 2002; M. Post, "A Call for Clarity in Reporting BLEU Scores", WMT 2018, arXiv:1804.08771: sacreBLEU 2.6.0, sentence_bleu (with effective order) and corpus_bleu; smoothing after B. Chen and C. Cherry, "A Systematic Comparison of Smoothing Techniques for Sentence-Level BLEU", WMT 2014.',
  kind: 'numeric',
  range: { min: 0, max: 100 },
  direction: 'higher',
  needs: ['references'],
  config,
  examples: [
    {
      output: 'The dog bit the man.',
      expected: ['The dog bit the man.', 'The dog had bit the man.'],
      value: 100,
    },
    {
      output: 'the cat sat on a mat',
      expected: 'the cat sat on the mat',
      value: 100 * (1 / 12) ** 0.25,
    },
    { config: { maximumOrder: 1 }, output: 'a cat', expected: 'the cat', value: 50 },
    {
      config: { smoothing: 'none' },
      output: 'the dog sat',
      expected: 'the cat sat',
      value: 0,
    },
    { output: 'the cat', expected: [], value: null },
  ],
  runLevel: {
    values: [
      { name: 'bleu', title: 'Corpus BLEU', description: 'From 0 to 100, of all cases together' },
      {
        name: 'brevity_penalty',
        title: 'Brevity penalty',
        description: 'What the score is multiplied by: less than 1 where outputs are too short',
      },
      ...[1, 2, 3, 4].map((order) => ({
        name: `precision_${order}`,
        title: `Precision of ${order}-grams`,
        description: `In percent, of the ${order}-grams of all outputs, smoothed`,
      })),
      {
        name: 'output_length',
        title: 'Words in outputs',
        description: 'Of all outputs together',
      },
      {
        name: 'reference_length',
        title: 'Words in references',
        description: 'Of all references together, for each case of the one closest in length',
      },
    ],
    missing: '',
    start(options) {
      const orders = options.maximumOrder;
      const sum: Statistics = {
        outputLength: 0,
        referenceLength: 0,
        matches: Array.from({ length: orders }, () => 0),
        totals: Array.from({ length: orders }, () => 0),
      };
      let cases = 0;
      return {
        add(details) {
          const read = statisticsSchema.safeParse(details);
          if (!read.success) return;
          cases += 1;
          sum.outputLength += read.data.outputLength;
          sum.referenceLength += read.data.referenceLength;
          addTo(sum.matches, read.data.matches);
          addTo(sum.totals, read.data.totals);
        },
        result() {
          if (cases === 0) return { values: {} };
          const { score, brevityPenalty, precisions } = scoreOf(sum, {
            ...options,
            effectiveOrder: false,
          });
          const named = precisions.map((value, place) => [`precision_${place + 1}`, value]);
          return {
            values: {
              bleu: score,
              brevity_penalty: brevityPenalty,
              ...Object.fromEntries(named.slice(0, 4)),
              output_length: sum.outputLength,
              reference_length: sum.referenceLength,
            },
            details: { cases, ...sum, precisions },
          };
        },
      };
    },
  },
  prepare(options) {
    return ({ output, expected }) =>
      byReferences(expected, (references) => {
        const words = readWords(textOf(output), references, options);
        const { clipped } = matchNgrams(words.output, words.references, options.maximumOrder);
        const statistics = {
          outputLength: words.output.length,
          referenceLength: closest(words.output.length, words.references),
          matches: [...clipped],
          totals: clipped.map((_, place) => ngramCount(words.output.length, place + 1)),
        };
        const { score } = scoreOf(statistics, options);
        return { outcome: 'scored', value: score, details: statistics };
      });
  },
});

function addTo(sums: number[], values: readonly number[]): void {
  for (const [place, value] of values.entries()) {
    if (place < sums.length) sums[place] = (sums[place] ?? 0) + value;
  }
}

/** The length of the reference that is closest to the output's, of two as close the shorter. */
function closest(length: number, references: readonly Int32Array[]): number {
  let best = Infinity;
  for (const reference of references) {
    const difference = Math.abs(reference.length - length) - Math.abs(best - length);
    if (difference < 0 || (difference === 0 && reference.length < best)) best = reference.length;
  }
  return best;
}

/** The formula above. */
function scoreOf(
  { outputLength, referenceLength, matches, totals }: Statistics,
  {
    smoothing,
    smoothingValue = smoothingValues[smoothing],
    effectiveOrder,
  }: Pick<z.output<typeof config>, 'smoothing' | 'smoothingValue' | 'effectiveOrder'>,
): { score: number; brevityPenalty: number; precisions: number[] } {
  const brevityPenalty =
    outputLength < referenceLength ? Math.exp(1 - referenceLength / outputLength) : 1;
  const precisions = matches.map(() => 0);
  if (matches.every((count) => count === 0)) return { score: 0, brevityPenalty, precisions };
  let orders = matches.length;
  let misses = 0;
  for (let place = 0; place < matches.length; place += 1) {
    const added = smoothing === 'add-k' && place > 0 ? smoothingValue : 0;
    const matched = (matches[place] ?? 0) + added;
    const total = (totals[place] ?? 0) + added;
    if (total === 0) break;
    if (effectiveOrder) orders = place + 1;
    if (matched > 0) precisions[place] = (100 * matched) / total;
    else if (smoothing === 'floor') precisions[place] = (100 * smoothingValue) / total;
    else if (smoothing === 'exp') {
      misses += 1;
      precisions[place] = 100 / (2 ** misses * total);
    }
  }
  let logarithms = 0;
  for (const precision of precisions.slice(0, orders)) logarithms += Math.log(precision);
  const score = brevityPenalty * Math.exp(logarithms / orders);
  return { score: Math.min(100, score), brevityPenalty, precisions };
}
