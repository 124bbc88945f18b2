import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { excerpt, foldCase, textOf } from '../values/text.ts';
import { textsExpected, wantedValues } from './wanted.ts';

/** Whether the output's text has the wanted texts in it. */
export const contains = defineMetric({
  name: 'contains',
  title: 'Contains',
  family: 'text',
  description:
    'Whether the output has a text in it, or all or any of several: those of the configuration, or else what is expected.',
  definition:
    'True when the wanted texts are substrings of the output: all of them, or at least one with mode any. The wanted texts are values; without values, expected: a text, a number, a boolean, or a list of these. Characters are compared as they are, without trimming, and not by words: "142" contains "42". An output that is not a text is searched as compact JSON. ignoreCase folds both sides (Unicode, no locale). Not applicable without values where expected is missing, empty or an object.',
  source:
    'Contains, icontains, contains-any and contains-all of promptfoo; includes of inspect_ai.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    values: wantedValues,
    mode: z
      .enum(['all', 'any'])
      .default('all')
      .meta({ description: 'How many of them are wanted' }),
    ignoreCase: z
      .boolean()
      .default(false)
      .meta({ description: 'Upper and lower case are the same' }),
  }),
  examples: [
    { output: 'The capital is Paris.', expected: 'Paris', value: true },
    { config: { values: ['red', 'blue'] }, output: 'Red and blue', value: false },
    { config: { values: ['red', 'green'], mode: 'any' }, output: 'red and blue', value: true },
    { output: 'The capital is Paris.', value: null },
  ],
  prepare({ values, mode, ignoreCase }) {
    const fold = ignoreCase ? foldCase : (text: string) => text;
    const fixed = values?.map((text) => ({ text, folded: fold(text) }));
    return ({ output, expected }) => {
      const references = fixed ? undefined : textsExpected(expected);
      if (typeof references === 'string') return { outcome: 'not_applicable', reason: references };
      const wanted = fixed ?? (references ?? []).map((text) => ({ text, folded: fold(text) }));
      const searched = fold(textOf(output));
      const missing = wanted.filter(({ folded }) => !searched.includes(folded));
      const value = mode === 'all' ? missing.length === 0 : missing.length < wanted.length;
      if (value) return { outcome: 'scored', value };
      const shown = missing.slice(0, 3).map(({ text }) => excerpt(text));
      const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
      return { outcome: 'scored', value, reason: `does not contain ${shown.join(', ')}${more}` };
    };
  },
});
