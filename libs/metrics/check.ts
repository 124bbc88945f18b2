import type { MetricSpec, RunMetricSpec } from '#libs/contracts';
import type { MetricDefinition } from '#libs/evaluation';
import type { z } from 'zod';
import { metricCatalogue } from './catalogue.ts';
import { faultOf } from './pattern.ts';

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
}

/**
 * Checks the metrics of a run and settles their names.
 * @throws {MetricSpecError} with all faults of all metrics
 */
export function checkMetricSpecs(specs: readonly MetricSpec[]): RunMetricSpec[] {
  const faults: MetricFault[] = [];
  const places = new Map<string, number>();
  const named = specs.map((spec, index) => {
    const settled = settleMetric(spec, index);
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

/** Looks a metric up and validates its configuration and its pattern. */
export function settleMetric(
  spec: MetricSpec,
  index: number,
): SettledMetric | { faults: MetricFault[] } {
  const field = `metrics.${index}`;
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
  if (!parsed.success) faults.push(...configFaults(parsed.error, definition, `${field}.config`));
  if (faults.length > 0 || !parsed.success) return { faults };
  return { definition, config: parsed.data };
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
    const known = Object.keys(definition.config.shape).join(', ');
    const message = `${definition.name} has no such option; it has ${known}`;
    return issue.keys.map((key) => ({ field: `${place}.${key}`, message }));
  });
}

const plain = (message: string): string =>
  message
    .replace(/^Invalid input: expected (\w+), received undefined$/, 'is required, a $1')
    .replace(/^Invalid input: expected (\w+), received \w+$/, 'must be a $1');

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
