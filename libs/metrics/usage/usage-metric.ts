import { defineMetric, type MetricExample, type Usage } from '#libs/evaluation';
import { z } from 'zod';

interface UsageNumber {
  name: string;
  title: string;
  description: string;
  definition: string;
  source: string;
  examples: readonly MetricExample[];
  /** The number, or what the target did not report. */
  read: (usage: Usage) => number | { missing: string };
}

/**
 * A number that the target reported beside its output. It never looks at the output, so that also a
 * useless answer has its price.
 */
export const usageMetric = ({ read, ...described }: UsageNumber) =>
  defineMetric({
    ...described,
    family: 'usage',
    kind: 'numeric',
    range: { min: 0, max: null },
    direction: 'lower',
    needs: ['usage'],
    config: z.strictObject({}),
    prepare:
      () =>
      ({ usage = {} }) => {
        const value = read(usage);
        return typeof value === 'number'
          ? { outcome: 'scored', value }
          : { outcome: 'not_applicable', reason: `the target did not report ${value.missing}` };
      },
  });
