import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { textOf } from '../values/text.ts';
import { matchNgrams, ngramCount } from './ngrams.ts';
import { byReferences, referencesDefinition } from './references.ts';
import { codePoints, Vocabulary, wordsOf } from './words.ts';

const config = z.strictObject({
  characterOrder: z
    .int()
    .min(1)
    .max(10)
    .default(6)
    .meta({ description: 'The longest n-grams of characters that are compared' }),
  wordOrder: z
    .int()
    .min(0)
    .max(5)
    .default(0)
    .meta({ description: 'The longest n-grams of words; 0: none, 2 gives chrF++' }),
  beta: z
    .number()
    .positive()
    .max(100)
    .default(2)
    .meta({ description: 'How many times recall weighs what precision does' }),
  whitespace: z
    .boolean()
    .default(false)
    .meta({ description: 'White space counts among the characters' }),
  lowercase: z.boolean().default(false).meta({ description: 'Upper and lower case are the same' }),
  epsilonSmoothing: z.boolean().default(false).meta({
    description:
      'Orders without n-grams count too, and F-scores are averaged, as chrF++.py, NLTK and Moses do',
  }),
});
type Options = z.output<typeof config>;

/** What a case adds to the corpus: n-grams of each order, characters first, then words. */
const statisticsSchema = z.object({
  output: z.array(z.number()),
  reference: z.array(z.number()),
  matches: z.array(z.number()),
});
type Statistics = z.output<typeof statisticsSchema>;

/** chrF of sacreBLEU: of a sentence, and of the corpus that a run is. */
export const chrf = defineMetric({
  name: 'chrf',
  title: 'chrF',
  family: 'overlap',
  description:
    'How many n-grams of characters the output shares with the best of the references, from 0 to 100. Of use for any language, above all for those with many forms of a word.',
  definition: `100 · (1 + β²) · P · R / (β² · P + R), 0 where P + R is 0. Of each order n, precision is the share of the output's n-grams that match, recall the share of the reference's, each n-gram counted as often as it is in both. P and R are the means over the orders of which both sides have n-grams: characters (Unicode code points, without white space unless whitespace is on) from 1 to characterOrder, words from 1 to wordOrder. Words are what is between white space; one mark of ASCII punctuation at a word's end, else at its beginning, is a word of its own. With epsilonSmoothing the result is the mean over all orders of 100 · F of that order, with 10⁻¹⁶ for a precision, recall or F that divides by 0. Of several references that with the highest score counts, of equal ones the first. lowercase turns both sides to lower case first (Unicode, no locale). At most 100. ${referencesDefinition}

Of a run: the numbers of n-grams and of matches are added up over its scored cases, each with its best reference, and the same formula is applied once, as corpus_chrf does. An output that lacks what extract or output point to counts as an empty one.`,
  source:
    'M. Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015, and "chrF++: words helping character n-grams", WMT 2017; as sentence_chrf and corpus_chrf of sacreBLEU 2.6.0.',
  kind: 'numeric',
  range: { min: 0, max: 100 },
  direction: 'higher',
  needs: ['references'],
  config,
  examples: [
    { output: 'aa', expected: 'ab', value: 25 },
    { output: 'a b c', expected: ['abc', 'xyz'], value: 100 },
    { config: { wordOrder: 2 }, output: 'a b', expected: 'a c', value: 25 },
    { config: { epsilonSmoothing: true }, output: 'a b c', expected: 'abc', value: 50 },
    { output: 'abc', expected: 42, value: null },
  ],
  runLevel: {
    values: [
      { name: 'chrf', title: 'Corpus chrF', description: 'From 0 to 100, of all cases together' },
    ],
    missing: '',
    start(options) {
      const zeros = () =>
        Array.from({ length: options.characterOrder + options.wordOrder }, () => 0);
      const sum: Statistics = { output: zeros(), reference: zeros(), matches: zeros() };
      let cases = 0;
      return {
        add(details) {
          const read = statisticsSchema.safeParse(details);
          if (!read.success) return;
          cases += 1;
          for (const part of ['output', 'reference', 'matches'] as const) {
            sum[part] = sum[part].map((value, place) => value + (read.data[part][place] ?? 0));
          }
        },
        result() {
          if (cases === 0) return { values: {} };
          return { values: { chrf: scoreOf(sum, options) }, details: { cases, ...sum } };
        },
      };
    },
  },
  prepare(options) {
    const read = reader(options);
    return ({ output, expected }) =>
      byReferences(expected, (references) => {
        const sides = read(textOf(output), references);
        let best = { value: -1, details: sides[0] ?? NOTHING };
        for (const details of sides) {
          const value = scoreOf(details, options);
          if (value > best.value) best = { value, details };
        }
        return { outcome: 'scored', ...best };
      });
  },
});

const NOTHING: Statistics = { output: [], reference: [], matches: [] };

/** Counts the n-grams of an output and each of its references. */
function reader({ characterOrder, wordOrder, whitespace, lowercase }: Options) {
  return (output: string, references: readonly string[]): Statistics[] => {
    const texts = lowercase
      ? [output, ...references].map((text) => text.toLowerCase())
      : [output, ...references];
    const characters = texts.map((text) => codePoints(text, { whitespace }));
    const counted = count(characters, characterOrder);
    if (wordOrder === 0) return counted;
    const vocabulary = new Vocabulary();
    const words = texts.map((text) => vocabulary.numbersOf(wordsWithMarks(text)));
    const ofWords = count(words, wordOrder);
    return counted.map((ofCharacters, index) => {
      const more = ofWords[index] ?? NOTHING;
      return {
        output: [...ofCharacters.output, ...more.output],
        reference: [...ofCharacters.reference, ...more.reference],
        matches: [...ofCharacters.matches, ...more.matches],
      };
    });
  };
}

function count(
  [output = new Int32Array(), ...references]: readonly Int32Array[],
  orders: number,
): Statistics[] {
  const { each } = matchNgrams(output, references, orders);
  return references.map((reference, index) => {
    const matches = [...(each[index] ?? [])];
    const ofReference = matches.map((_, place) => ngramCount(reference.length, place + 1));
    return {
      // Where the reference has none, nothing could match: the output's then do not count.
      output: ofReference.map((total, place) =>
        total > 0 ? ngramCount(output.length, place + 1) : 0,
      ),
      reference: ofReference,
      matches,
    };
  });
}

const mark = /[!-/:-@[-`{-~]/;

/** Words, of which at most one mark of punctuation is divided. */
function wordsWithMarks(text: string): readonly string[] {
  return wordsOf(text).flatMap((word) => {
    if (word.length === 1) return [word];
    if (mark.test(word.charAt(word.length - 1))) return [word.slice(0, -1), word.slice(-1)];
    if (mark.test(word.charAt(0))) return [word.charAt(0), word.slice(1)];
    return [word];
  });
}

const EPSILON = 1e-16;

/** The formula above. */
function scoreOf(
  { output, reference, matches }: Statistics,
  { beta, epsilonSmoothing }: Pick<Options, 'beta' | 'epsilonSmoothing'>,
): number {
  const factor = beta ** 2;
  const f = (precision: number, recall: number) =>
    ((1 + factor) * precision * recall) / (factor * precision + recall);
  let [precisions, recalls, scores, orders] = [0, 0, 0, 0];
  for (let place = 0; place < matches.length; place += 1) {
    const matched = matches[place] ?? 0;
    const given = output[place] ?? 0;
    const wanted = reference[place] ?? 0;
    const precision = given > 0 ? matched / given : EPSILON;
    const recall = wanted > 0 ? matched / wanted : EPSILON;
    scores += factor * precision + recall > 0 ? f(precision, recall) : EPSILON;
    if (given > 0 && wanted > 0) {
      precisions += precision;
      recalls += recall;
      orders += 1;
    }
  }
  if (epsilonSmoothing) return Math.min(100, (100 * scores) / matches.length);
  if (precisions + recalls === 0) return 0;
  return Math.min(100, 100 * f(precisions / orders, recalls / orders));
}
