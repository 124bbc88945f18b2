import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { textOf } from '../values/text.ts';
import { count, segmentation, uncounted } from './count.ts';
import { localeOption, Segments } from './segments.ts';

/** How many sentences the output has. */
export const sentenceCount = defineMetric({
  ...count,
  name: 'sentence_count',
  title: 'Number of sentences',
  description:
    'How many sentences the output has. A threshold with min, max or both says how many are right.',
  definition: `The number of sentence segments that have a letter or a digit. A sentence ends after . ? ! and their like, unless a lower-case letter follows, and at every line break. An abbreviation before a capital, as in "Mr. Smith", ends one too: the standard knows no abbreviations. ${uncounted}`,
  source: `${segmentation}.`,
  config: z.strictObject({ locale: localeOption }),
  examples: [
    { output: 'It rains. Does it? Yes, e.g. here!', value: 3 },
    { output: '…', value: 0 },
  ],
  prepare({ locale }) {
    const segments = new Segments(locale);
    return ({ output }) => ({ outcome: 'scored', value: segments.sentenceCount(textOf(output)) });
  },
});
