import type { MetricSpec } from '#libs/contracts';
import { settleMetric } from './check.ts';

/** A provider that a metric asks, and the place that names it. */
export interface NamedProvider {
  /** As in the body of a submitted run: `metrics.0.config.model.provider`. */
  field: string;
  name: string;
}

/**
 * The providers that metrics ask, also those of metrics within them, so that a run can be refused that
 * names one which its project does not have. Of a metric that the catalogue refuses, none.
 */
export const providersOf = (specs: readonly MetricSpec[]): NamedProvider[] =>
  specs.flatMap((spec, index) => providersIn(spec, `metrics.${index}`));

function providersIn(spec: MetricSpec, place: string): NamedProvider[] {
  const settled = settleMetric(spec, place);
  if ('faults' in settled) return [];
  const { definition, config } = settled;
  const own = definition.models?.(config) ?? [];
  const parts = definition.parts?.(config) ?? [];
  return [
    ...own.map(({ field, model }) => ({
      field: `${place}.config.${field}.provider`,
      name: model.provider,
    })),
    ...parts.flatMap(({ field, spec }) => providersIn(spec, `${place}.config.${field}`)),
  ];
}
