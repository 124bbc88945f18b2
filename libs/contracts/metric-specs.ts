import { z } from 'zod';
import { json, text } from './common.ts';

const dottedPath = text(500).regex(
  /^[^.]+(\.[^.]+)*$/,
  'must be a dotted path such as answer.text',
);

export const reducers = ['mean', 'any', 'all', 'majority'] as const;
/** How the scores of one item's repeats become one. */
export const reducer = z.enum(reducers);
export type Reducer = z.infer<typeof reducer>;

export const threshold = z.union(
  [
    z.number(),
    z
      .strictObject({ min: z.number().optional(), max: z.number().optional() })
      .refine(({ min, max }) => min !== undefined || max !== undefined, 'give min, max or both')
      .refine(({ min, max }) => (min ?? -Infinity) <= (max ?? Infinity), 'min is above max'),
  ],
  { error: 'must be a number, or an object with min, max or both' },
);

/** A metric as a run uses it: which one, under which name, configured how, applied to what. */
export const metricSpec = z
  .strictObject({
    metric: text(100).meta({ description: 'From the catalogue', example: 'exact_match' }),
    name: text(100).optional().meta({ description: 'Its name in this run; left out: the metric' }),
    config: z.record(z.string(), json).optional(),
    output: dottedPath.optional().meta({ description: 'Path to what is scored in a JSON output' }),
    expected: dottedPath.optional().meta({ description: 'Path to the reference in expected' }),
    extract: text(1000).optional().meta({
      description: 'A regular expression (RE2); the first group of its last match is scored',
    }),
    threshold: threshold.optional().meta({
      description:
        'When a score passes: a number is the least value, or the greatest where lower is better; an object gives both ends',
    }),
    reducer: reducer.optional().meta({
      description:
        'How the repeats of an item become one value; left out: mean. `any`, `all` and `majority` (more than half) count those that passed',
    }),
  })
  .meta({ id: 'MetricSpec' });
export type MetricSpec = z.infer<typeof metricSpec>;

/** A metric of a stored run: its name is settled. */
export const runMetricSpec = metricSpec.extend({ name: z.string() }).meta({ id: 'RunMetricSpec' });
export type RunMetricSpec = z.infer<typeof runMetricSpec>;
