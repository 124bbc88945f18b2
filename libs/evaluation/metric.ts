import type { Json } from '#libs/contracts';
import type { z } from 'zod';

/** What a metric sees of an item: only values, already narrowed by the spec's paths and `extract`. */
export interface MetricCase {
  input: Json;
  output: Json;
  /** Undefined where the item has none. */
  expected: Json | undefined;
}

/** A metric's verdict on one case. A metric that breaks throws: that is an error, never a 0. */
export type Judgement =
  | {
      outcome: 'scored';
      value: number | boolean | string;
      /** Only where the metric judges; a boolean metric need not repeat its value. */
      passed?: boolean;
      /** One sentence for a person. Required wherever the value is not self-evident. */
      reason?: string;
      details?: Json;
    }
  | { outcome: 'not_applicable'; reason: string };

/**
 * A named, configurable scorer, with all that a person needs to choose it and to trust it.
 */
export interface MetricDefinition<Config extends z.ZodObject = z.ZodObject> {
  /** Snake case, unique in the catalogue. */
  name: string;
  title: string;
  /** What it measures, in one or two sentences for the person who chooses it. */
  description: string;
  /** The exact definition, and the paper or reference implementation that it comes from. */
  definition: string;
  kind: 'numeric' | 'boolean' | 'categorical';
  /** Inclusive bounds of the value; null: unbounded on that side. A boolean's are 0 and 1. */
  range: { min: number | null; max: number | null };
  direction: 'higher' | 'lower';
  /** What an item must have for the metric to apply. */
  needs: readonly 'expected'[];
  config: Config;
  /** Prepares whatever is the same for every case (a compiled pattern), then scores case by case. */
  prepare(config: z.output<Config>): (item: MetricCase) => Judgement | Promise<Judgement>;
}

/** Keeps the exact type of a metric's configuration. */
export const defineMetric = <const Config extends z.ZodObject>(
  definition: MetricDefinition<Config>,
): MetricDefinition<Config> => definition;

/** One metric's stored verdict on one item. */
export interface ItemScore {
  /** Index of the metric in the run's list. */
  metric: number;
  outcome: 'scored' | 'not_applicable' | 'error';
  /** What aggregates use: the number itself, 1 or 0 for a boolean, null for a category. */
  value: number | null;
  category: string | null;
  passed: boolean | null;
  /** Why; for `not_applicable` what is missing, for `error` what broke. Free of U+0000. */
  reason: string | null;
  details: Json | null;
}
