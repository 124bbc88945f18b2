import { defineMetric, type ItemScore, type Judgement } from '#libs/evaluation';
import { z } from 'zod';
import { detailsOf, nameOf, partSpec, passedOf, undecided } from './parts.ts';

/** Whether a metric does not pass. */
export const negation = defineMetric({
  name: 'negation',
  title: 'Not',
  family: 'composite',
  description: 'Whether another metric does not pass, such as a text that must not occur.',
  definition:
    'True when the metric in it does not pass, false when it passes. Not applicable, or an error, where the metric is. A numeric metric in it needs a threshold.',
  source:
    'The strong logic of three values of S. C. Kleene, Introduction to Metamathematics (1952), § 64; compare the not- prefix of promptfoo.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config: z.strictObject({
    metric: partSpec.meta({ description: 'The metric that must not pass, as in a run' }),
  }),
  examples: [
    {
      config: { metric: { metric: 'contains', config: { values: ['as an AI'] } } },
      output: 'Paris.',
      value: true,
    },
    {
      config: { metric: { metric: 'contains', config: { values: ['as an AI'] } } },
      output: 'I cannot say as an AI.',
      value: false,
    },
  ],
  parts: ({ metric }) => [{ field: 'metric', spec: metric, use: 'judge' }],
  prepare({ metric }, { compile }) {
    const part = compile(metric);
    const judge = (score: ItemScore): Judgement => {
      const passed = passedOf(score, nameOf([metric], 0));
      if (passed === null) return undecided([metric], [score]);
      const details = detailsOf([metric], [score]);
      const reason = `${nameOf([metric], 0)} ${passed ? 'passed' : 'did not pass'}`;
      return { outcome: 'scored', value: !passed, reason, details };
    };
    return (item, signal, models) => {
      const score = part.score(item, signal, models);
      return score instanceof Promise ? score.then(judge) : judge(score);
    };
  },
});
