import { usageMetric } from './usage-metric.ts';

/** How many tokens the model wrote. */
export const outputTokens = usageMetric({
  name: 'output_tokens',
  title: 'Output tokens',
  description:
    'How many tokens the model wrote, those of its reasoning included where the provider counts them.',
  definition:
    'The number of output tokens as the provider counted them, in its own encoding. Not applicable where the target did not report it; token_count counts those of the text itself.',
  source: 'What OpenTelemetry calls gen_ai.usage.output_tokens.',
  examples: [
    { output: 'Paris', usage: { outputTokens: 2 }, value: 2 },
    { output: 'Paris', usage: { inputTokens: 14 }, value: null },
  ],
  read: ({ outputTokens }) => outputTokens ?? { missing: 'its output tokens' },
});
