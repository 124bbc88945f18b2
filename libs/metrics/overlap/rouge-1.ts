import { rougeMetric } from './rouge-metric.ts';
import { compareNgrams } from './rouge-n.ts';

/** Words that output and reference share. */
export const rouge1 = rougeMetric({
  name: 'rouge_1',
  title: 'ROUGE-1',
  what: 'How many words the output shares with the reference, in any order',
  definition: 'Counts the words that are in both, each as often as it is in both.',
  examples: [
    { output: 'testing', expected: 'testing one two', value: 0.5 },
    {
      config: { measure: 'recall' },
      output: 'testing',
      expected: 'testing one two',
      value: 1 / 3,
    },
    {
      config: { stemmer: true },
      output: 'He walks home',
      expected: ['they walked', 'walking home'],
      value: 0.8,
    },
    { output: 'testing', expected: 1, value: null },
  ],
  compare: compareNgrams(1),
});
