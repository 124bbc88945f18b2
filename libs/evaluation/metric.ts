import type { ErrorClass, Json, MetricSpec, ModelRef, ToolCall } from '#libs/contracts';
import type { z } from 'zod';
import type { ModelCalls } from './models.ts';
import type { OutgoingHttp } from './outgoing.ts';
import type { Sandbox } from './sandbox.ts';
import type { Usage } from './target.ts';

/** What a metric sees of an item: only values, already narrowed by the spec's paths and `extract`. */
export interface MetricCase {
  input: Json;
  output: Json;
  /** Undefined where the item has none. */
  expected: Json | undefined;
  /** Of the dataset item. */
  metadata?: Readonly<Record<string, Json>>;
  /** What the target reported beside its output; a part that it did not report is left out. */
  usage?: Usage;
  /** Undefined where the target reported none: not the same as a list without calls. */
  toolCalls?: readonly ToolCall[];
  /** What the target retrieved, where it reported that. */
  context?: Json;
  /** Which repeat of the item this is, from 0; left out: 0. */
  repeat?: number;
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
      /** What `runLevel` adds up, and what a person may want to see of how the value came about. */
      details?: Json;
    }
  | { outcome: 'not_applicable'; reason: string };

/**
 * Judges one case. The signal aborts when the result is not wanted any more. `models` counts what the
 * judging of this case costs, also where it fails; ask models only through it.
 */
export type Judge = (
  item: MetricCase,
  signal: AbortSignal,
  models: ModelCalls,
) => Judgement | Promise<Judgement>;

/** The sort of value that a metric gives. */
export interface MetricShape {
  kind: 'numeric' | 'boolean' | 'categorical';
  /** Inclusive bounds of the value; null: unbounded on that side. A boolean's are 0 and 1. */
  range: { min: number | null; max: number | null };
  /** Which values are better; `none` where neither end is, as for the number of words. */
  direction: 'higher' | 'lower' | 'none';
}

/**
 * What a metric can need beside the output. An item without an expected value is not applicable to a
 * metric that needs `expected`, or `references`: an expected value that may be a list of several.
 */
export const metricNeeds = ['expected', 'references', 'context', 'tools', 'usage'] as const;
export type MetricNeed = (typeof metricNeeds)[number];

export const metricFamilies = [
  'text',
  'overlap',
  'structure',
  'tools',
  'usage',
  'judge',
  'embedding',
  'custom',
  'composite',
] as const;
export type MetricFamily = (typeof metricFamilies)[number];

/** A case and the value that it gets: for people who choose a metric, and a test of it. */
export interface MetricExample extends Partial<MetricCase> {
  config?: Record<string, Json>;
  output: Json;
  /** What its model answers, call by call, where the metric asks one: a text, or JSON. */
  answers?: readonly (string | Readonly<Record<string, Json>>)[];
  /** null: not applicable. Numbers are met to 1e-6. */
  value: number | boolean | string | null;
}

/** Adds up the details of a metric's scores over a run, one by one, in bounded memory. */
export interface RunLevelSum {
  /** @param details of one scored case, as the metric gave them */
  add(details: Json): void;
  /** Values by name, null where there is nothing to compute one from, and what else belongs to them. */
  result(): { values: Record<string, number | null>; details?: Json };
}

/** Values that belong to a run and not to an item, such as a corpus BLEU or a macro F1. */
export interface RunLevel<Config extends z.ZodObject = z.ZodObject> {
  values: readonly { name: string; title: string; description: string }[];
  /**
   * What stands in for an output from which nothing could be extracted. Its score is the worst there
   * is, and its details, from this, count in the run like all others.
   */
  missing: Json;
  start(this: void, config: z.output<Config>): RunLevelSum;
}

/** What a metric may use of the world around it. */
export interface MetricTools {
  sandbox: Sandbox;
  http: OutgoingHttp;
  /** Of the run's project, with the run's time-outs, retries and cache. */
  models: ModelCalls;
  /** Prepares a metric that stands in another one's configuration, and that `parts` named. */
  compile: (spec: MetricSpec) => MetricPart;
}

/** A metric in another one's configuration. */
export interface MetricPartSpec {
  /** Its place there, such as `metrics.0`. */
  field: string;
  spec: MetricSpec;
  /** What of it counts: whether it passes, or its value as a number. */
  use: 'judge' | 'measure';
}

/** A metric within another one, ready to score. */
export interface MetricPart {
  shape: MetricShape;
  /** @param models as the judge of the whole was given them, so that the costs of parts count there */
  score(item: MetricCase, signal: AbortSignal, models: ModelCalls): ItemScore | Promise<ItemScore>;
}

/**
 * A named, configurable scorer, with all that a person needs to choose it and to trust it.
 */
export interface MetricDefinition<Config extends z.ZodObject = z.ZodObject> extends MetricShape {
  /** Snake case, unique in the catalogue. */
  name: string;
  title: string;
  family: MetricFamily;
  /** What it measures, in one or two sentences for the person who chooses it. */
  description: string;
  /** The exact definition: what is computed, of what, and what happens at the edges. */
  definition: string;
  /** The paper or reference implementation that the definition comes from. */
  source: string;
  needs: readonly MetricNeed[];
  config: Config;
  examples: readonly MetricExample[];
  /** A judge's prompts, for people to read; by name, the configuration may replace them. */
  prompts?: readonly { name: string; version: number; text: string }[];
  /** `network`: each case is a call elsewhere, so that its items are batches of one. Left out: local. */
  work?: 'local' | 'network';
  /** Where the sort of value depends on the configuration; left out: as the definition says. */
  shape?(config: z.output<Config>, shapeOf: (part: MetricSpec) => MetricShape): MetricShape;
  /** The models that it asks, each with its place in the configuration. */
  models?(
    config: z.output<Config>,
  ): { field: string; model: Pick<ModelRef, 'provider' | 'model'> }[];
  /**
   * The texts of the prompts that judging one item sends as a rule, votes included: one for each call.
   * What the item puts into them comes on top.
   */
  callsPerItem?(config: z.output<Config>): string[];
  /** The metrics in its configuration. */
  parts?(config: z.output<Config>): MetricPartSpec[];
  runLevel?: RunLevel<Config>;
  /** Prepares whatever is the same for every case (a compiled pattern), then scores case by case. */
  prepare(config: z.output<Config>, tools: MetricTools): Judge;
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
  /** Of an `error`: what went wrong. */
  errorClass: ErrorClass | null;
  /** What models were paid for this score; left out: it asked none. */
  spend?: JudgeSpend;
}

/** What the judging of one case took, of all calls that it made. */
export interface JudgeSpend {
  calls: number;
  cachedCalls: number;
  inputTokens: number;
  outputTokens: number;
  /** Null where no price is known for a call that was made. */
  costUsd: number | null;
}

/** An item was given up while it was scored, as when its run was canceled. What was paid is owed. */
export class ScoringAborted extends Error {
  override readonly name = 'ScoringAborted';
  readonly spends: readonly JudgeSpend[];

  constructor(reason: unknown, spends: readonly JudgeSpend[]) {
    super(reason instanceof Error ? reason.message : String(reason), { cause: reason });
    this.spends = spends;
  }
}
