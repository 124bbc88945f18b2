import { usageMetric } from './usage-metric.ts';

/** How many tokens there were in all. */
export const totalTokens = usageMetric({
  name: 'total_tokens',
  title: 'Total tokens',
  description: 'How many tokens the model was given and wrote.',
  definition:
    'The sum of input_tokens and output_tokens. Not applicable where the target did not report one of them: a part is no total.',
  source: "The total_tokens of the usage that OpenAI's API reports.",
  examples: [
    { output: 'Paris', usage: { inputTokens: 14, outputTokens: 2 }, value: 16 },
    { output: 'Paris', usage: { inputTokens: 14 }, value: null },
  ],
  read: ({ inputTokens, outputTokens }) => {
    if (inputTokens === undefined) return { missing: 'its input tokens' };
    if (outputTokens === undefined) return { missing: 'its output tokens' };
    return inputTokens + outputTokens;
  },
});
