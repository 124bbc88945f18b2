import { usageMetric } from './usage-metric.ts';

/** How long the target took. */
export const latencyMs = usageMetric({
  name: 'latency_ms',
  title: 'Latency',
  description: 'How long the target took for the output, in milliseconds.',
  definition:
    'The time in milliseconds between asking the target for the output and having the whole of it, as it was measured or recorded. Not applicable where the target did not report it.',
  source:
    'What OpenTelemetry calls gen_ai.client.operation.duration, in milliseconds; compare latency of promptfoo.',
  examples: [
    { output: 'Paris', usage: { latencyMs: 812.5 }, value: 812.5 },
    { output: 'Paris', value: null },
  ],
  read: ({ latencyMs }) => latencyMs ?? { missing: 'its latency' },
});
