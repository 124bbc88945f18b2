import { usageMetric } from './usage-metric.ts';

/** How many tokens went into the model. */
export const inputTokens = usageMetric({
  name: 'input_tokens',
  title: 'Input tokens',
  description: 'How many tokens the model was given for the output.',
  definition:
    'The number of input tokens as the provider counted them, in its own encoding. Not applicable where the target did not report it.',
  source: 'What OpenTelemetry calls gen_ai.usage.input_tokens.',
  examples: [
    { output: 'Paris', usage: { inputTokens: 14 }, value: 14 },
    { output: 'Paris', usage: { outputTokens: 2 }, value: null },
  ],
  read: ({ inputTokens }) => inputTokens ?? { missing: 'its input tokens' },
});
