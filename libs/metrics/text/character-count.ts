import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { textOf } from '../values/text.ts';
import { count, uncounted } from './count.ts';

/** How many characters the output has. */
export const characterCount = defineMetric({
  ...count,
  name: 'character_count',
  title: 'Number of characters',
  description:
    'How many characters the output has, white space included. A threshold with min, max or both says how many are right.',
  definition: `The number of Unicode code points or, with unit grapheme, of extended grapheme clusters: what a reader takes for one character, such as an emoji with its skin colour. Half of a surrogate pair counts as one. ${uncounted}`,
  source: 'The Unicode Standard, section 2.4; grapheme clusters by Unicode Standard Annex 29.',
  config: z.strictObject({
    unit: z
      .enum(['code_point', 'grapheme'])
      .default('code_point')
      .meta({ description: 'What counts as one character' }),
  }),
  examples: [
    { output: 'naïve 👍🏽', value: 8 },
    { config: { unit: 'grapheme' }, output: 'naïve 👍🏽', value: 7 },
  ],
  prepare({ unit }) {
    const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
    return ({ output }) => {
      const text = textOf(output);
      let value = 0;
      for (const _ of unit === 'grapheme' ? graphemes.segment(text) : text) value += 1;
      return { outcome: 'scored', value };
    };
  },
});
