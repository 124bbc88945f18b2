import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { textOf } from '../values/text.ts';
import { matchNgrams } from './ngrams.ts';
import { answersIn, normalizedWords, squadDefinition } from './squad.ts';
import { Vocabulary } from './words.ts';

/** How far the words of the output are those of an answer, by the rules of SQuAD. */
export const squadF1 = defineMetric({
  name: 'squad_f1',
  title: 'SQuAD F1',
  family: 'overlap',
  description:
    'How far the words of the output are those of an expected answer, from 0 to 1, apart from case, punctuation, articles and the order of words. For short answers to questions, in English.',
  definition: `The largest F1 over the answers. F1 = 2PR / (P + R) with precision P the share of the output's words that are in the answer and recall R the share of the answer's words that are in the output, each word as often as it is in both; 0 where none is. Where either side has no words: 1 if neither has, else 0. ${squadDefinition}`,
  source:
    'Evaluation script of SQuAD 2.0 (compute_f1): P. Rajpurkar, R. Jia and P. Liang, "Know What You Don\'t Know: Unanswerable Questions for SQuAD", ACL 2018, arXiv:1806.03822. That of SQuAD 1.1 (arXiv:1606.05250) gives the same wherever every answer has a word.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['references'],
  config: z.strictObject({}),
  examples: [
    { output: 'It is the Eiffel Tower', expected: 'Eiffel Tower', value: 2 / 3 },
    { output: 'in March 1889', expected: ['1889', 'March 1889'], value: 0.8 },
    { output: 'unknown', expected: [], value: 0 },
    { output: 'Paris', expected: { city: 'Paris' }, value: null },
  ],
  prepare: () => {
    return ({ output, expected }) => {
      const answers = answersIn(expected);
      if (typeof answers === 'string') return { outcome: 'not_applicable', reason: answers };
      const vocabulary = new Vocabulary();
      const words = vocabulary.numbersOf(normalizedWords(textOf(output)));
      const wanted = answers.map((answer) => vocabulary.numbersOf(answer));
      const { each } = matchNgrams(words, wanted, 1);
      let value = 0;
      for (const [index, { length }] of wanted.entries()) {
        const common = each[index]?.[0] ?? 0;
        const precision = common / words.length;
        const recall = common / length;
        const f1 = common === 0 ? 0 : (2 * precision * recall) / (precision + recall);
        const neither = words.length === 0 && length === 0;
        value = Math.max(value, neither ? 1 : f1);
      }
      return { outcome: 'scored', value };
    };
  },
});
