import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { Pattern, patternText } from '../values/pattern.ts';
import { textOf } from '../values/text.ts';

/** Whether the output's text matches a pattern. */
export const regexMatch = defineMetric({
  name: 'regex_match',
  title: 'Regular expression',
  family: 'text',
  description: 'Whether the output matches a regular expression, anywhere or as a whole.',
  definition:
    'True when the RE2 pattern matches somewhere in the output, or, with fullMatch, the whole output from its first to its last character. An output that is not a text is matched as compact JSON. Without dotAll a dot matches no line break; without multiline ^ and $ match only at the ends of the output. A text too long for the pattern gives an error, not a false.',
  source:
    'RE2 syntax and semantics (https://github.com/google/re2/wiki/Syntax), which has no look-around and no back-references, so that matching takes linear time; compare regex of promptfoo.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    pattern: patternText.meta({ description: 'RE2 syntax', example: '^\\d{4}-\\d{2}-\\d{2}$' }),
    ignoreCase: z
      .boolean()
      .default(false)
      .meta({ description: 'Upper and lower case are the same' }),
    dotAll: z.boolean().default(false).meta({ description: 'A dot also matches a line break' }),
    multiline: z.boolean().default(false).meta({ description: '^ and $ match at every line' }),
    fullMatch: z.boolean().default(false).meta({ description: 'The whole output must match' }),
  }),
  examples: [
    { config: { pattern: '\\d{4}-\\d{2}' }, output: 'on 2024-05-06', value: true },
    { config: { pattern: '\\d{4}-\\d{2}', fullMatch: true }, output: '2024-05-06', value: false },
    { config: { pattern: '^yes$', ignoreCase: true }, output: 'YES', value: true },
  ],
  prepare({ pattern: source, fullMatch, ...options }) {
    const pattern = new Pattern(source, options);
    return ({ output }) => {
      const text = textOf(output);
      const value = fullMatch ? pattern.matchesAll(text) : pattern.matchesWithin(text);
      if (value) return { outcome: 'scored', value };
      const reason = fullMatch ? 'does not match as a whole' : 'does not match anywhere';
      return { outcome: 'scored', value, reason };
    };
  },
});
