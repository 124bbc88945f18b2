import type { Json, MetricDescription } from '#libs/contracts';
import type { MetricDefinition } from '#libs/evaluation';
import { z } from 'zod';
import { metricCatalogue } from './catalogue.ts';

/** Every metric of the catalogue as it is served: plain values, the configuration as JSON Schema. */
export const describeMetrics = (): MetricDescription[] =>
  [...metricCatalogue.values()].map(describe);

function describe(definition: MetricDefinition): MetricDescription {
  const { name, title, family, description, source, kind, range, direction } = definition;
  return {
    name,
    title,
    family,
    description,
    definition: definition.definition,
    source,
    kind,
    range,
    direction,
    shapeDependsOnConfig: definition.shape !== undefined,
    needs: [...definition.needs],
    config: toObject(z.toJSONSchema(definition.config, { io: 'input', unrepresentable: 'any' })),
    examples: definition.examples.map(({ config = {}, answers, value, ...item }) => ({
      config,
      item: toObject(item),
      ...(answers && { answers: [...answers] }),
      value,
    })),
    prompts: [...(definition.prompts ?? [])],
    runLevel: [...(definition.runLevel?.values ?? [])],
  };
}

function toObject(value: object): Record<string, Json> {
  const plain: Record<string, Json> = JSON.parse(JSON.stringify(value));
  return plain;
}
