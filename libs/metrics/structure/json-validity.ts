import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { sortOf } from '../values/text.ts';
import { fenceOption, fenceRule } from './fence.ts';
import { jsonOf } from './json-text.ts';

/** Whether the output is JSON. */
export const jsonValidity = defineMetric({
  name: 'json_validity',
  title: 'JSON',
  family: 'structure',
  description: 'Whether the output is JSON, and of the wanted type: an object, an array, or any.',
  definition: `True when the output, as a whole, is one JSON text by RFC 8259 with white space around it at most, and its value has the wanted type. Comments, trailing commas and NaN are not JSON. An output that is not a text is JSON already, and only its type is looked at. ${fenceRule}`,
  source:
    'RFC 8259, as JSON.parse of ECMAScript reads it; compare is-json of promptfoo and ValidJSON of autoevals, which takes objects and arrays only.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    type: z
      .enum(['any', 'object', 'array'])
      .default('any')
      .meta({ description: 'What the value must be' }),
    fence: fenceOption,
  }),
  examples: [
    { output: '{"a": [1, 2]}', value: true },
    { output: '{"a": 1,}', value: false },
    { config: { type: 'object' }, output: '[1]', value: false },
    { config: { fence: 'auto' }, output: 'Here:\n```json\n{"a": 1}\n```', value: true },
  ],
  prepare({ type, fence }) {
    return ({ output }) => {
      const read = jsonOf(output, fence);
      if (read.fault !== undefined) return { outcome: 'scored', value: false, reason: read.fault };
      const sort = sortOf(read.value);
      const wanted = { any: sort, object: 'an object', array: 'a list' }[type];
      if (sort === wanted) return { outcome: 'scored', value: true };
      return { outcome: 'scored', value: false, reason: `it is ${sort}, not ${wanted}` };
    };
  },
});
