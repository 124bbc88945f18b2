import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { textOf } from '../values/text.ts';
import { matchNgrams, ngramCount } from './ngrams.ts';
import { byReferences, referencesDefinition } from './references.ts';
import { readWords, wordOptions, wordsDefinition } from './tokenize.ts';

/** What a case adds to the corpus. */
const statisticsSchema = z.object({ matches: z.number(), total: z.number() });

/** Google's BLEU for single sentences. */
export const gleu = defineMetric({
  name: 'gleu',
  title: 'GLEU',
  family: 'overlap',
  description:
    'How many n-grams of words the output shares with the best of the references, from 0 to 1: the lesser of precision and recall. Made for single sentences, where BLEU is unsteady.',
  definition: `M / max(A, B), with A the number of the output's n-grams of all orders from 1 to maximumOrder, B that of the reference's, and M how many are in both, each as often as it is in both: so the lesser of precision and recall. Of several references that with the highest score counts, of equal ones the first. 0 where neither side has a word. ${wordsDefinition} ${referencesDefinition}

Of a run: M and max(A, B) are added up over its scored cases, each with its best reference, and then divided. An output that lacks what extract or output point to counts as an empty one.`,
  source:
    'Y. Wu et al., "Google\'s Neural Machine Translation System: Bridging the Gap between Human and Machine Translation", 2016, arXiv:1609.08144, section 5.2; as sentence_gleu and corpus_gleu of NLTK 3.8.1 on words that are divided as above (google_bleu of Hugging Face evaluate uses 13a too). Not the GLEU of grammatical error correction.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['references'],
  config: z.strictObject({
    ...wordOptions,
    maximumOrder: z
      .int()
      .min(1)
      .max(10)
      .default(4)
      .meta({ description: 'The longest n-grams that are compared, in words' }),
  }),
  examples: [
    {
      output: 'the the the the the the the',
      expected: 'the cat is on the mat',
      value: 2 / 22,
    },
    { output: 'the cat', expected: ['a dog', 'the cat sat'], value: 0.5 },
    {
      config: { maximumOrder: 1, lowercase: true },
      output: 'The cat.',
      expected: 'the dog.',
      value: 2 / 3,
    },
    { output: 'the cat', expected: null, value: null },
  ],
  runLevel: {
    values: [
      { name: 'gleu', title: 'Corpus GLEU', description: 'From 0 to 1, of all cases together' },
    ],
    missing: '',
    start() {
      const sum = { matches: 0, total: 0 };
      let cases = 0;
      return {
        add(details) {
          const read = statisticsSchema.safeParse(details);
          if (!read.success) return;
          cases += 1;
          sum.matches += read.data.matches;
          sum.total += read.data.total;
        },
        result() {
          if (cases === 0) return { values: {} };
          const value = sum.total === 0 ? 0 : sum.matches / sum.total;
          return { values: { gleu: value }, details: { cases, ...sum } };
        },
      };
    },
  },
  prepare({ maximumOrder, ...options }) {
    const allNgrams = (tokens: number): number => {
      let total = 0;
      for (let order = 1; order <= maximumOrder; order += 1) total += ngramCount(tokens, order);
      return total;
    };
    return ({ output, expected }) =>
      byReferences(expected, (references) => {
        const words = readWords(textOf(output), references, options);
        const { each } = matchNgrams(words.output, words.references, maximumOrder);
        const given = allNgrams(words.output.length);
        let best = { value: -1, details: { matches: 0, total: 0 } };
        for (const [index, { length }] of words.references.entries()) {
          const matches = (each[index] ?? []).reduce((sum, matched) => sum + matched, 0);
          const total = Math.max(given, allNgrams(length));
          if (total === 0) continue;
          const value = matches / total;
          if (value > best.value) best = { value, details: { matches, total } };
        }
        return { outcome: 'scored', ...best, value: Math.max(0, best.value) };
      });
  },
});
