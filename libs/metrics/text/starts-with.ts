import { edgeMetric } from './edge-metric.ts';

/** Whether the output begins with a wanted text. */
export const startsWith = edgeMetric({
  name: 'starts_with',
  title: 'Starts with',
  verb: 'begins',
  source: 'The starts-with of promptfoo, and match(location="begin") of inspect_ai.',
  examples: [
    { output: 'Yes, it is.', expected: 'Yes', value: true },
    { config: { values: ['yes', 'no'], ignoreCase: true }, output: 'No.', value: true },
    { config: { values: ['Yes'] }, output: ' Yes', value: false },
  ],
  has: (text, wanted) => text.startsWith(wanted),
});
