import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { excerpt, textOf } from '../values/text.ts';
import { answersIn, normalizedWords, squadDefinition } from './squad.ts';

/** Whether the output is one of the answers, by the rules of SQuAD. */
export const squadExactMatch = defineMetric({
  name: 'squad_exact_match',
  title: 'SQuAD exact match',
  family: 'overlap',
  description:
    'Whether the output is one of the expected answers, apart from case, punctuation and articles. For short answers to questions, in English.',
  definition: `True when the output and an answer have the same words in the same order. ${squadDefinition}`,
  source:
    'Evaluation script of SQuAD 2.0 (compute_exact): P. Rajpurkar, R. Jia and P. Liang, "Know What You Don\'t Know: Unanswerable Questions for SQuAD", ACL 2018, arXiv:1806.03822. That of SQuAD 1.1 (arXiv:1606.05250) gives the same wherever every answer has a word.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['references'],
  config: z.strictObject({}),
  examples: [
    { output: 'The Eiffel Tower!', expected: 'eiffel tower', value: true },
    { output: 'in 1889', expected: ['1889', 'in 1889', 'March 1889'], value: true },
    { output: 'It is the Eiffel Tower', expected: 'Eiffel Tower', value: false },
    { output: '', expected: [], value: true },
    { output: 'Paris', expected: 42, value: null },
  ],
  prepare: () => {
    return ({ output, expected }) => {
      const answers = answersIn(expected);
      if (typeof answers === 'string') return { outcome: 'not_applicable', reason: answers };
      const given = normalizedWords(textOf(output)).join(' ');
      if (answers.some((answer) => answer.join(' ') === given)) {
        return { outcome: 'scored', value: true };
      }
      const wanted = answers.slice(0, 3).map((answer) => excerpt(answer.join(' ')));
      const more = answers.length > 3 ? ` or ${answers.length - 3} more` : '';
      const reason = `got ${excerpt(given)}, expected ${wanted.join(' or ')}${more}`;
      return { outcome: 'scored', value: false, reason };
    };
  },
});
