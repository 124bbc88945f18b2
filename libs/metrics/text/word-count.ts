import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { textOf } from '../values/text.ts';
import { count, segmentation, uncounted } from './count.ts';
import { localeOption, Segments } from './segments.ts';

/** How many words the output has. */
export const wordCount = defineMetric({
  ...count,
  name: 'word_count',
  title: 'Number of words',
  description:
    'How many words the output has. A threshold with min, max or both says how many are right.',
  definition: `The number of word-like segments: letters, digits, kana, ideographs and marks within them. "don't" and "3.14" are one word, "well-known" is two; Chinese, Japanese and Thai are divided by ICU's dictionaries. ${uncounted}`,
  source: `${segmentation}; compare word-count of promptfoo.`,
  config: z.strictObject({ locale: localeOption }),
  examples: [
    { output: "Don't panic: it's well-known.", value: 5 },
    { output: '', value: 0 },
    { config: { locale: 'ja' }, output: '私は学生です。', value: 4 },
  ],
  prepare({ locale }) {
    const segments = new Segments(locale);
    return ({ output }) => ({ outcome: 'scored', value: segments.wordCount(textOf(output)) });
  },
});
