import {
  defineMetric,
  type ItemScore,
  type Judge,
  type Judgement,
  type MetricPartSpec,
  type MetricTools,
} from '#libs/evaluation';
import { z } from 'zod';
import { detailsOf, nameOf, partSpecs, passedOf, scoreParts, undecided } from './parts.ts';

const config = z.strictObject({ metrics: partSpecs });

const shared = {
  family: 'composite',
  source:
    'The strong logic of three values of S. C. Kleene, Introduction to Metamathematics (1952), § 64; compare assert-set of promptfoo.',
  kind: 'boolean',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: [],
  config,
} as const;

/**
 * All or any of the parts: `decisive` is the verdict of one part that settles the whole, false for
 * all-of and true for any-of.
 */
const prepare =
  (decisive: boolean) =>
  ({ metrics }: z.output<typeof config>, { compile }: Pick<MetricTools, 'compile'>): Judge => {
    const parts = metrics.map((spec) => compile(spec));
    const judge = (scores: readonly ItemScore[]): Judgement => {
      const verdicts = scores.map((score, index) => passedOf(score, nameOf(metrics, index)));
      const details = detailsOf(metrics, scores);
      if (verdicts.includes(decisive)) {
        const names = verdicts.flatMap((verdict, index) =>
          verdict === decisive ? [nameOf(metrics, index)] : [],
        );
        const reason = `${decisive ? 'passed' : 'did not pass'}: ${names.join(', ')}`;
        return { outcome: 'scored', value: decisive, reason, details };
      }
      if (verdicts.includes(null)) return undecided(metrics, scores);
      const reason = decisive ? 'none of its metrics passed' : 'all of its metrics passed';
      return { outcome: 'scored', value: !decisive, reason, details };
    };
    return (item, signal, models) => {
      const scores = scoreParts(parts, item, signal, models);
      return scores instanceof Promise ? scores.then(judge) : judge(scores);
    };
  };

const judged = ({ metrics }: z.output<typeof config>): MetricPartSpec[] =>
  metrics.map((spec, index) => ({ field: `metrics.${index}`, spec, use: 'judge' }));

/** Whether every one of several metrics passes. */
export const allOf = defineMetric({
  ...shared,
  name: 'all_of',
  title: 'All of',
  description: 'Whether all of several metrics pass: one verdict from many.',
  definition:
    'True when every metric in it passes, false as soon as one does not. A metric that is not applicable, or that broke, leaves the verdict open unless another one decides it as false: the whole is then not applicable, or an error if any broke. A numeric metric in it needs a threshold.',
  examples: [
    {
      config: {
        metrics: [
          { metric: 'contains', config: { values: ['Paris'] } },
          { metric: 'regex_match', config: { pattern: '\\.$' } },
        ],
      },
      output: 'It is Paris.',
      value: true,
    },
    {
      config: {
        metrics: [{ metric: 'contains', config: { values: ['Paris'] } }, { metric: 'exact_match' }],
      },
      output: 'It is Paris.',
      value: null,
    },
  ],
  parts: judged,
  prepare: prepare(false),
});

/** Whether at least one of several metrics passes. */
export const anyOf = defineMetric({
  ...shared,
  name: 'any_of',
  title: 'Any of',
  description: 'Whether at least one of several metrics passes.',
  definition:
    'True as soon as one metric in it passes, false when none does. A metric that is not applicable, or that broke, leaves the verdict open unless another one decides it as true: the whole is then not applicable, or an error if any broke. A numeric metric in it needs a threshold.',
  examples: [
    {
      config: {
        metrics: [{ metric: 'exact_match' }, { metric: 'levenshtein_similarity', threshold: 0.8 }],
      },
      output: 'Pariss',
      expected: 'Paris',
      value: true,
    },
    {
      config: { metrics: [{ metric: 'exact_match' }] },
      output: 'Rome',
      expected: 'Paris',
      value: false,
    },
  ],
  parts: judged,
  prepare: prepare(true),
});
