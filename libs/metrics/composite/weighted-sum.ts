import { defineMetric, type ItemScore, type Judgement, type MetricShape } from '#libs/evaluation';
import { z } from 'zod';
import { detailsOf, partSpec, scoreParts, undecided } from './parts.ts';

const config = z
  .strictObject({
    metrics: z
      .array(
        partSpec.extend({
          weight: z
            .number()
            .min(-1e6)
            .max(1e6)
            .default(1)
            .meta({ description: 'What its value is multiplied by' }),
        }),
      )
      .min(1, 'give at least one metric')
      .max(20, 'at most 20 metrics')
      .meta({ description: 'The metrics that are added up, each as in a run, with its weight' }),
    normalize: z
      .boolean()
      .default(true)
      .meta({ description: 'Divide by the sum of the weights, which makes it a weighted mean' }),
  })
  .refine(
    ({ metrics, normalize }) =>
      !normalize || metrics.reduce((sum, { weight }) => sum + weight, 0) !== 0,
    { path: ['metrics'], message: 'the weights add up to 0, which nothing can be divided by' },
  );

type Config = z.output<typeof config>;

/** The parts as specs of metrics, and what each value is multiplied by. */
function weighted({ metrics, normalize }: Config) {
  const total = normalize ? metrics.reduce((sum, { weight }) => sum + weight, 0) : 1;
  return metrics.map(({ weight, ...spec }) => ({ spec, factor: weight / total }));
}

/** Several metrics as one number. */
export const weightedSum = defineMetric({
  name: 'weighted_sum',
  title: 'Weighted sum',
  family: 'composite',
  description: 'One number from several metrics, each with its weight.',
  definition:
    'Σ weight × value over the metrics in it, a boolean counting as 1 or 0; with normalize (the default) divided by the sum of the weights. Values enter as they are, so a metric of which less is better takes a negative weight, or stands within a negation. Where any metric in it is not applicable the whole is, and it is an error where any broke: a sum without a part would be another measure.',
  source: 'The weighted mean; compare weight and derivedMetrics of promptfoo.',
  kind: 'numeric',
  range: { min: null, max: null },
  direction: 'higher',
  needs: [],
  config,
  examples: [
    {
      config: {
        metrics: [
          { metric: 'exact_match', weight: 1 },
          { metric: 'levenshtein_similarity', weight: 3 },
        ],
      },
      output: 'Pari',
      expected: 'Paris',
      value: 0.6,
    },
    {
      config: {
        metrics: [{ metric: 'exact_match', weight: 2 }, { metric: 'contains' }],
        normalize: false,
      },
      output: 'Paris',
      expected: 'Paris',
      value: 3,
    },
  ],
  shape: (given, shapeOf) => ({
    kind: 'numeric',
    range: rangeOf(
      weighted(given).map(({ spec, factor }) => ({ factor, range: shapeOf(spec).range })),
    ),
    direction: 'higher',
  }),
  parts: (given) =>
    weighted(given).map(({ spec }, index) => ({ field: `metrics.${index}`, spec, use: 'measure' })),
  prepare(given, { compile }) {
    const list = weighted(given);
    const specs = list.map(({ spec }) => spec);
    const ready = list.map(({ spec, factor }) => ({ part: compile(spec), factor }));
    const parts = ready.map(({ part }) => part);
    const { min, max } = rangeOf(
      ready.map(({ part, factor }) => ({ factor, range: part.shape.range })),
    );
    const judge = (scores: readonly ItemScore[]): Judgement => {
      let sum = 0;
      for (const [index, { factor }] of list.entries()) {
        const value = scores[index]?.value ?? null;
        if (value === null) return undecided(specs, scores);
        sum += factor * value;
      }
      // Rounding may lead a hair beyond what the parts can add up to.
      const value = Math.min(max ?? Infinity, Math.max(min ?? -Infinity, sum));
      return { outcome: 'scored', value, details: detailsOf(specs, scores) };
    };
    return (item, signal, models) => {
      const scores = scoreParts(parts, item, signal, models);
      return scores instanceof Promise ? scores.then(judge) : judge(scores);
    };
  },
});

/** What the values can add up to; null where one of them has no bound. */
function rangeOf(
  list: readonly { factor: number; range: MetricShape['range'] }[],
): MetricShape['range'] {
  let min = 0;
  let max = 0;
  // A weight of 0 takes even an unbounded metric out of the sum.
  for (const { factor, range } of list.filter(({ factor }) => factor !== 0)) {
    const ends = [factor * (range.min ?? -Infinity), factor * (range.max ?? Infinity)];
    min += Math.min(...ends);
    max += Math.max(...ends);
  }
  return { min: Number.isFinite(min) ? min : null, max: Number.isFinite(max) ? max : null };
}
