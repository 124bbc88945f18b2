import { usageMetric } from './usage-metric.ts';

/** What the output cost. */
export const costUsd = usageMetric({
  name: 'cost_usd',
  title: 'Cost',
  description: 'What the output cost, in US dollars.',
  definition:
    'The cost in US dollars as the target reported or recorded it; nothing is computed from prices here. Not applicable where the target did not report it.',
  source: 'Own definition; compare cost of promptfoo.',
  examples: [
    { output: 'Paris', usage: { costUsd: 0.00042 }, value: 0.00042 },
    { output: 'Paris', value: null },
  ],
  read: ({ costUsd }) => costUsd ?? { missing: 'its cost' },
});
