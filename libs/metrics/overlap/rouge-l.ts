import { lcsLengths } from './lcs.ts';
import { rougeMetric } from './rouge-metric.ts';

/** Words that output and reference share in the same order. */
export const rougeL = rougeMetric({
  name: 'rouge_l',
  title: 'ROUGE-L',
  what: 'How many words the output shares with the reference in the same order, whatever is between them',
  definition:
    'Counts the words of a longest common subsequence. Texts that are too long to look for one, some fifty thousand words with much in common, give an error.',
  examples: [
    { output: 'testing two', expected: 'testing one two', value: 0.8 },
    { output: 'the gunman kill police', expected: 'police killed the gunman', value: 0.5 },
    {
      config: { stemmer: true, measure: 'recall' },
      output: 'police kill the gunman',
      expected: ['police killed the gunman', 'nothing'],
      value: 1,
    },
  ],
  compare: ({ words }, references, distinct) => {
    const lists = references.map((reference) => reference.words);
    return lcsLengths(words, lists, distinct).map((hits, index) => ({
      hits,
      output: words.length,
      reference: lists[index]?.length ?? 0,
    }));
  },
});
