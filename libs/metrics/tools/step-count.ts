import { defineMetric, selectPath } from '#libs/evaluation';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';
import { sortOf } from '../values/text.ts';
import { callsMade } from './tool-calls.ts';

/** How many steps were taken. */
export const stepCount = defineMetric({
  name: 'step_count',
  title: 'Number of steps',
  family: 'tools',
  description:
    'How many tools were called, or how long a list in the output is, such as the steps or messages of an agent.',
  definition:
    'The number of tool calls, found as tool_call_match finds them: those that the target reported, or else those that the output lists, or else 0. With steps, the length of the list at that path in the output, which may be a JSON text. An output without a list there, or whose list of calls has something else in it, gives an error, since there is no worst number of steps to give it.',
  source: 'Own definition.',
  kind: 'numeric',
  range: { min: 0, max: null },
  direction: 'lower',
  needs: ['tools'],
  config: z.strictObject({
    steps: z
      .string()
      .min(1, 'must not be empty')
      .max(500)
      .optional()
      .meta({ description: 'Dotted path to a list in the output; left out: the tool calls' }),
  }),
  examples: [
    {
      output: 'Sunny.',
      toolCalls: [{ name: 'weather', arguments: { city: 'Paris' } }],
      value: 1,
    },
    { config: { steps: 'messages' }, output: { messages: ['a', 'b', 'c'] }, value: 3 },
    { output: 'Sunny.', value: 0 },
  ],
  prepare({ steps }) {
    return (item) => {
      if (steps === undefined) {
        const found = callsMade(item);
        if ('fault' in found) throw new MetricError(found.fault);
        return {
          outcome: 'scored',
          value: found.calls.length,
          ...(found.note !== undefined && { reason: found.note }),
        };
      }
      const { value, missing } = selectPath(item.output, steps, 'the output');
      if (missing !== undefined) throw new MetricError(missing);
      if (!Array.isArray(value)) {
        throw new MetricError(`the output has ${sortOf(value)} at "${steps}", not a list`);
      }
      return { outcome: 'scored', value: value.length };
    };
  },
});
