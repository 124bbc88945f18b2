import { edgeMetric } from './edge-metric.ts';

/** Whether the output ends with a wanted text. */
export const endsWith = edgeMetric({
  name: 'ends_with',
  title: 'Ends with',
  verb: 'ends',
  source: 'The match(location="end") of inspect_ai, without its normalisation.',
  examples: [
    { output: 'The answer is 42', expected: 42, value: true },
    { config: { values: ['.', '!'], trim: true }, output: 'Done.\n', value: true },
    { config: { values: ['.', '!'] }, output: 'Done.\n', value: false },
  ],
  has: (text, wanted) => text.endsWith(wanted),
});
