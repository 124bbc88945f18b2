import type { MetricSpec, RunMetricSpec } from '#libs/contracts';
import type { MetricDefinition, MetricPartSpec, MetricShape } from '#libs/evaluation';
import { z } from 'zod';
import { metricCatalogue } from './catalogue.ts';
import { faultOf } from './values/pattern.ts';

export interface MetricFault {
  /** As in the body of a submitted run: `metrics.0.config.pattern`. */
  field: string;
  message: string;
}

/** Metrics that a run can't have, with every fault and its remedy. */
export class MetricSpecError extends Error {
  override readonly name = 'MetricSpecError';
  readonly errors: readonly MetricFault[];

  constructor(errors: readonly MetricFault[]) {
    super(errors.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.errors = errors;
  }
}

/** A specification with everything in it looked up and validated. */
export interface SettledMetric {
  definition: MetricDefinition;
  config: z.output<MetricDefinition['config']>;
  shape: MetricShape;
}

type Settled = SettledMetric | { faults: MetricFault[] };

/** Metrics within metrics within metrics: more than anyone can explain. */
const DEEPEST = 4;

/**
 * Checks the metrics of a run and settles their names.
 * @throws {MetricSpecError} with all faults of all metrics
 */
export function checkMetricSpecs(specs: readonly MetricSpec[]): RunMetricSpec[] {
  const faults: MetricFault[] = [];
  const places = new Map<string, number>();
  const named = specs.map((spec, index) => {
    const settled = settleMetric(spec, `metrics.${index}`);
    if ('faults' in settled) faults.push(...settled.faults);
    const name = spec.name ?? spec.metric;
    const earlier = places.get(name);
    if (earlier === undefined) places.set(name, index);
    else {
      faults.push({
        field: `metrics.${index}.name`,
        message: `metrics.${earlier} is already called "${name}"; give one of them another name`,
      });
    }
    return { ...spec, name };
  });
  if (faults.length > 0) throw new MetricSpecError(faults);
  return named;
}

/**
 * Looks a metric up and validates its configuration, its pattern, what is to pass, and the metrics
 * within it.
 * @param field its place, as faults name it
 */
export function settleMetric(spec: MetricSpec, field: string, depth = 0): Settled {
  const faults: MetricFault[] = [];
  for (const [name, value] of Object.entries(spec)) {
    const message = 'must not contain the character U+0000 or half of a surrogate pair';
    if (!isStorable(value)) faults.push({ field: `${field}.${name}`, message });
  }
  const pattern = spec.extract === undefined ? undefined : faultOf(spec.extract);
  if (pattern !== undefined) faults.push({ field: `${field}.extract`, message: pattern });
  const definition = metricCatalogue.get(spec.metric);
  if (!definition) {
    const known = [...metricCatalogue.keys()].join(', ');
    const message = `there is no metric of this name; known are ${known}`;
    return { faults: [{ field: `${field}.metric`, message }, ...faults] };
  }
  const parsed = definition.config.safeParse(spec.config ?? {});
  if (!parsed.success) {
    faults.push(...configFaults(parsed.error, definition, `${field}.config`));
    return { faults };
  }
  const config = parsed.data;
  for (const part of definition.parts?.(config) ?? []) {
    const place = `${field}.config.${part.field}`;
    if (depth === DEEPEST) {
      faults.push({ field: place, message: `metrics nest at most ${DEEPEST} deep` });
      continue;
    }
    const settled = settleMetric(part.spec, place, depth + 1);
    if ('faults' in settled) faults.push(...settled.faults);
    else faults.push(...partFaults(part, settled.shape, place));
  }
  if (faults.length > 0) return { faults };
  const shape = definition.shape?.(config, shapeOf) ?? shapeOfDefinition(definition);
  faults.push(...useFaults(spec, definition, shape, field));
  return faults.length > 0 ? { faults } : { definition, config, shape };
}

/**
 * The sort of value that a metric gives as it is configured. Of a stored specification that the present
 * catalogue refuses nothing is known but that its values are numbers.
 */
export function shapeOf(spec: MetricSpec): MetricShape {
  const settled = settleMetric(spec, 'metric');
  if ('shape' in settled) return settled.shape;
  return { kind: 'numeric', range: { min: null, max: null }, direction: 'none' };
}

/** Whether any of these metrics calls elsewhere, by itself or by a metric within it. */
export function worksElsewhere(specs: readonly MetricSpec[]): boolean {
  return specs.some((spec) => {
    const settled = settleMetric(spec, 'metric');
    if ('faults' in settled) return false;
    const { definition, config } = settled;
    const parts = definition.parts?.(config) ?? [];
    return definition.work === 'network' || worksElsewhere(parts.map((part) => part.spec));
  });
}

const shapeOfDefinition = ({ kind, range, direction }: MetricDefinition): MetricShape => ({
  kind,
  range,
  direction,
});

function useFaults(
  spec: MetricSpec,
  { name, needs }: MetricDefinition,
  { kind, direction }: MetricShape,
  field: string,
): MetricFault[] {
  const { threshold, reducer = 'mean' } = spec;
  const faults: MetricFault[] = [];
  for (const part of ['output', 'extract'] as const) {
    if (spec[part] === undefined || !needs.includes('usage')) continue;
    const message = `${name} does not look at the output; leave it out`;
    faults.push({ field: `${field}.${part}`, message });
  }
  if (threshold !== undefined && kind === 'categorical') {
    const message = `${name} gives categories, which no number is a threshold for; leave it out`;
    faults.push({ field: `${field}.threshold`, message });
  }
  if (typeof threshold === 'number' && direction === 'none') {
    const message = `neither more nor less is better for ${name}; give {"min": …}, {"max": …} or both`;
    faults.push({ field: `${field}.threshold`, message });
  }
  if (reducer !== 'mean' && kind === 'categorical') {
    const message = `${name} gives categories; its repeats have no ${reducer}`;
    faults.push({ field: `${field}.reducer`, message });
  }
  if (reducer !== 'mean' && kind === 'numeric' && threshold === undefined) {
    const message = `${reducer} counts the repeats that passed; give ${name} a threshold too`;
    faults.push({ field: `${field}.threshold`, message });
  }
  return faults;
}

function partFaults(
  { use, spec }: MetricPartSpec,
  { kind }: MetricShape,
  place: string,
): MetricFault[] {
  if (use === 'measure' && kind === 'categorical') {
    return [{ field: place, message: `${spec.metric} gives categories, which do not add up` }];
  }
  if (use === 'judge' && kind === 'numeric' && spec.threshold === undefined) {
    const message = `whether it passes is what counts here; give ${spec.metric} a threshold`;
    return [{ field: `${place}.threshold`, message }];
  }
  return [];
}

function configFaults(
  error: z.ZodError,
  definition: MetricDefinition,
  field: string,
): MetricFault[] {
  return error.issues.flatMap((issue) => {
    const place = [field, ...issue.path.map(String)].join('.');
    if (issue.code !== 'unrecognized_keys')
      return [{ field: place, message: plain(issue.message) }];
    const whose = [definition.name, ...issue.path.map(String)].join('.');
    const known = optionsAt(definition.config, issue.path);
    const message = `${whose} has no such option${known ? `; it has ${known.join(', ')}` : ''}`;
    return issue.keys.map((key) => ({ field: `${place}.${key}`, message }));
  });
}

/** The options at a place of a configuration; undefined where its schema does not name them. */
function optionsAt(part: unknown, [step, ...deeper]: readonly PropertyKey[]): string[] | undefined {
  if (
    part instanceof z.ZodOptional ||
    part instanceof z.ZodDefault ||
    part instanceof z.ZodPrefault
  ) {
    return optionsAt(part.unwrap(), step === undefined ? [] : [step, ...deeper]);
  }
  if (!(part instanceof z.ZodObject)) return undefined;
  return step === undefined ? Object.keys(part.shape) : optionsAt(part.shape[String(step)], deeper);
}

const plain = (message: string): string =>
  message
    .replace(
      /^Invalid input: expected (\w+), received undefined$/,
      (_, type: string) => `is required, ${inWords(type)}`,
    )
    .replace(
      /^Invalid input: expected (\w+), received \w+$/,
      (_, type: string) => `must be ${inWords(type)}`,
    )
    .replace(
      /^Too (?:big|small): expected \w+ to be (<=|>=)(-?[\d.e+]+)$/,
      (_, sign: string, bound: string) => `must be at ${sign === '<=' ? 'most' : 'least'} ${bound}`,
    );

const typesInWords: Record<string, string> = {
  boolean: 'true or false',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
};
const inWords = (type: string): string => typesInWords[type] ?? `a ${type}`;

/** PostgreSQL's jsonb refuses both, and the run's specification is kept in one. */
function isStorable(part: MetricSpec[keyof MetricSpec]): boolean {
  let storable = true;
  const check = (text: string) => {
    storable &&= text.isWellFormed() && !text.includes('\u0000');
  };
  JSON.stringify(part, (key, value: unknown) => {
    check(key);
    if (typeof value === 'string') check(value);
    return value;
  });
  return storable;
}
