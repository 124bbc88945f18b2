import type { Json, MetricSpec } from '#libs/contracts';
import { metricCatalogue } from '#libs/metrics';

/** A model by its provider. */
export interface NamedModel {
  provider: string;
  model: string;
}

/** What metrics ask: a judge, which writes, or embeddings. */
type Asked = 'judge' | 'embedding';

/** What of a metric's own asks a model, or undefined where it computes by itself. */
export function askedBy(spec: MetricSpec): Asked | undefined {
  const definition = metricCatalogue.get(spec.metric);
  if (!definition || !Object.hasOwn(definition.config.shape, 'model')) return undefined;
  return definition.family === 'embedding' ? 'embedding' : 'judge';
}

/** Metrics, those in the configuration of others included, each with its model where it has none. */
export const withModels = (
  metrics: readonly MetricSpec[],
  modelFor: (asked: Asked) => NamedModel,
): MetricSpec[] => metrics.map((spec) => withModel(spec, modelFor));

function withModel(spec: MetricSpec, modelFor: (asked: Asked) => NamedModel): MetricSpec {
  const asked = askedBy(spec);
  const config = Object.fromEntries(
    Object.entries(spec.config ?? {}).map(([name, value]) => [name, within(value, modelFor)]),
  );
  if (asked !== undefined && config.model === undefined) config.model = { ...modelFor(asked) };
  return spec.config === undefined && Object.keys(config).length === 0 ? spec : { ...spec, config };
}

/** A value of a configuration: what is shaped like a metric of the catalogue is one. */
function within(value: Json, modelFor: (asked: Asked) => NamedModel): Json {
  if (Array.isArray(value)) return value.map((part) => within(part, modelFor));
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, within(part, modelFor)]),
  );
  if (typeof value.metric !== 'string' || !metricCatalogue.has(value.metric)) return inner;
  const asked = askedBy({ metric: value.metric });
  if (asked === undefined) return inner;
  const { config } = inner;
  const given =
    typeof config === 'object' && config !== null && !Array.isArray(config) ? config : {};
  return { ...inner, config: { model: { ...modelFor(asked) }, ...given } };
}

/** Whether any of these metrics, or a metric within one, asks a model. */
export const asksModels = (metrics: readonly MetricSpec[]): boolean =>
  metrics.some(
    (spec) => askedBy(spec) !== undefined || Object.values(spec.config ?? {}).some(asks),
  );

/** Whether a metric within a configuration does. */
function asks(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!Array.isArray(value) && typeof value.metric === 'string') {
    if (askedBy({ metric: value.metric }) !== undefined) return true;
  }
  return Object.values(value).some(asks);
}
