import { rougeMetric } from './rouge-metric.ts';
import { compareNgrams } from './rouge-n.ts';

/** Pairs of neighbouring words that output and reference share. */
export const rouge2 = rougeMetric({
  name: 'rouge_2',
  title: 'ROUGE-2',
  what: 'How many pairs of neighbouring words the output shares with the reference',
  definition:
    'Counts the pairs of neighbouring words that are in both, each as often as it is in both.',
  examples: [
    { output: 'testing one', expected: 'testing one two', value: 2 / 3 },
    { output: 'one testing', expected: 'testing one two', value: 0 },
    {
      config: { measure: 'precision' },
      output: 'the cat sat',
      expected: ['the cat', 'a dog'],
      value: 0.5,
    },
  ],
  compare: compareNgrams(2),
});
