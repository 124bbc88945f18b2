import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { excerpt } from '../values/text.ts';

/** Why the model stopped. */
export const finishReason = defineMetric({
  name: 'finish_reason',
  title: 'Finish reason',
  family: 'usage',
  description:
    'Why the model stopped, such as stop or length, which tells answers that were cut off. With allowed it also judges.',
  definition:
    'The reason as the provider gave it, character for character. With allowed, it passes when it is one of these; without, it neither passes nor fails. It never looks at the output. Not applicable where the target did not report it.',
  source:
    "The finish_reason of OpenAI's API and stop_reason of Anthropic's, as OpenTelemetry's gen_ai.response.finish_reasons; compare finish-reason of promptfoo.",
  kind: 'categorical',
  range: { min: null, max: null },
  direction: 'none',
  needs: ['usage'],
  config: z.strictObject({
    allowed: z
      .array(z.string().min(1, 'must not be empty').max(200))
      .min(1, 'give at least one reason')
      .max(100)
      .optional()
      .meta({ description: 'Reasons that pass, such as stop' }),
  }),
  examples: [
    { output: 'Paris', usage: { finishReason: 'stop' }, value: 'stop' },
    {
      config: { allowed: ['stop'] },
      output: 'The',
      usage: { finishReason: 'length' },
      value: 'length',
    },
    { output: 'Paris', value: null },
  ],
  prepare({ allowed }) {
    return ({ usage: { finishReason: value } = {} }) => {
      if (value === undefined) {
        return { outcome: 'not_applicable', reason: 'the target did not report why it stopped' };
      }
      if (!allowed) return { outcome: 'scored', value };
      if (allowed.includes(value)) return { outcome: 'scored', value, passed: true };
      const wanted = allowed.slice(0, 5).join(', ');
      return {
        outcome: 'scored',
        value,
        passed: false,
        reason: `stopped for ${excerpt(value)}, which is not one of ${wanted}`,
      };
    };
  },
});
