import { defineMetric, type MetricExample } from '#libs/evaluation';
import { z } from 'zod';
import { excerpt, foldCase, textOf } from '../values/text.ts';
import { textsExpected, wantedValues } from './wanted.ts';

const config = z
  .strictObject({
    values: wantedValues,
    ignoreCase: z
      .boolean()
      .default(false)
      .meta({ description: 'Upper and lower case are the same' }),
    trim: z
      .boolean()
      .default(false)
      .meta({ description: 'Ignore white space at both ends of every text' }),
  })
  .refine(({ values = [], trim }) => !trim || values.every((text) => text.trim() !== ''), {
    path: ['values'],
    message: 'a text of white space alone is empty once it is trimmed',
  });

interface Edge {
  name: string;
  title: string;
  /** In a sentence: the output begins with a text. */
  verb: 'begins' | 'ends';
  source: string;
  examples: readonly MetricExample[];
  has: (text: string, wanted: string) => boolean;
}

/** What the metrics of both ends of a text have in common. */
export const edgeMetric = ({ name, title, verb, source, examples, has }: Edge) =>
  defineMetric({
    name,
    title,
    family: 'text',
    description: `Whether the output ${verb} with a text, or with any of several: those of the configuration, or else what is expected.`,
    definition: `True when the output ${verb} with at least one of the wanted texts. The wanted texts are values; without values, expected: a text, a number, a boolean, or a list of these. Characters are compared as they are, and not by words. An output that is not a text is read as compact JSON. trim takes white space from both ends of the output and of the wanted texts first; ignoreCase folds both (Unicode, no locale). Not applicable without values where expected is missing, empty or an object.`,
    source,
    kind: 'boolean',
    range: { min: 0, max: 1 },
    direction: 'higher',
    needs: [],
    config,
    examples,
    prepare({ values, ignoreCase, trim }) {
      const normalize = (text: string) => {
        const trimmed = trim ? text.trim() : text;
        return ignoreCase ? foldCase(trimmed) : trimmed;
      };
      const fixed = values?.map(normalize);
      return ({ output, expected }) => {
        const references = fixed ? [] : textsExpected(expected);
        if (typeof references === 'string')
          return { outcome: 'not_applicable', reason: references };
        const wanted = fixed ?? references.map(normalize);
        if (wanted.includes('')) {
          return { outcome: 'not_applicable', reason: 'expected is white space alone' };
        }
        const text = normalize(textOf(output));
        if (wanted.some((each) => has(text, each))) return { outcome: 'scored', value: true };
        const shown = (values ?? references).slice(0, 3).map((each) => excerpt(each));
        const more = wanted.length > 3 ? ` or ${wanted.length - 3} more` : '';
        return {
          outcome: 'scored',
          value: false,
          reason: `${excerpt(text)} does not ${verb === 'begins' ? 'begin' : 'end'} with ${shown.join(' or ')}${more}`,
        };
      };
    },
  });
