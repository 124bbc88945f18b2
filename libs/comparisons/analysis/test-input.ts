import type { ComparisonOptions, Pairing } from '#libs/contracts';
import type { MetricShape } from '#libs/evaluation';
import { seededRandom } from '#libs/statistics';
import { compareMetric, type DraftMetric, type MetricInput } from './compare-metric.ts';
import type { Pairs } from './pairs.ts';
import { adjust } from './verdict.ts';

/** What tests compare: scores of the same items, and what else there is to say of them. */
export interface TestInput extends Partial<MetricInput> {
  baseline: ArrayLike<number>;
  candidate: ArrayLike<number>;
  clusters?: readonly number[];
  items?: readonly number[];
  shape?: Partial<MetricShape>;
  options?: Partial<ComparisonOptions>;
}

export const pairsFrom = ({ baseline, candidate, clusters, items }: TestInput): Pairs => ({
  baseline: Float64Array.from(baseline),
  candidate: Float64Array.from(candidate),
  nos: Int32Array.from(baseline, (_, no) => no),
  clusters: clusters ? Int32Array.from(clusters) : null,
  items: items ? Int32Array.from(items) : null,
});

const noCounts = { failed: 0, open: 0, notApplicable: 0, errors: 0 };
export const paired = (count: number): Pairing => ({
  paired: count,
  unpaired: 0,
  filteredOut: 0,
  baselineOnly: 0,
  candidateOnly: 0,
  baseline: noCounts,
  candidate: noCounts,
});

/** A metric without bounds, the higher the better, where nothing else is said. */
export function compared(input: TestInput): DraftMetric {
  const { shape, options, clusters, ...more } = input;
  return compareMetric(
    {
      metric: {
        name: 'quality',
        source: 'metric',
        shape: {
          kind: 'numeric',
          range: { min: null, max: null },
          direction: 'higher',
          ...shape,
        },
      },
      pairing: paired(input.baseline.length),
      missing: { baselineOnly: new Float64Array(), candidateOnly: new Float64Array(), neither: 0 },
      clusteredBy: clusters ? 'metadata.source' : null,
      parts: [],
      ...more,
      pairs: pairsFrom(input),
    },
    { confidence: 0.95, margins: {}, differences: {}, ...options },
  );
}

/** The metric with its test adjusted in a family of its own and others of these p. */
export function adjusted(metric: DraftMetric, others: readonly number[] = []): DraftMetric {
  const family = [
    metric.test,
    ...others.map((p) => ({ p, method: '', holm: null, benjaminiHochberg: null, family: 0 })),
  ];
  return { ...metric, test: adjust(family, (test) => test).get(metric.test) ?? metric.test };
}

/** Seeded values: of `count` items, what the function makes of the random numbers. */
export function drawn<Value>(
  seed: number,
  count: number,
  make: (random: ReturnType<typeof seededRandom>, place: number) => Value,
): Value[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, place) => make(random, place));
}
