import type { MetricDefinition } from '#libs/evaluation';
import { compositeMetrics } from './composite/index.ts';
import { customMetrics } from './custom/index.ts';
import { embeddingMetrics } from './embeddings/index.ts';
import { judgeMetrics } from './judges/index.ts';
import { overlapMetrics } from './overlap/index.ts';
import { structureMetrics } from './structure/index.ts';
import { textMetrics } from './text/index.ts';
import { toolMetrics } from './tools/index.ts';
import { usageMetrics } from './usage/index.ts';

const definitions: readonly MetricDefinition[] = [
  ...textMetrics,
  ...overlapMetrics,
  ...structureMetrics,
  ...toolMetrics,
  ...usageMetrics,
  ...embeddingMetrics,
  ...judgeMetrics,
  ...customMetrics,
  ...compositeMetrics,
];

/** Every metric there is, by name, in the order in which people are offered them. */
export const metricCatalogue: ReadonlyMap<string, MetricDefinition> = new Map(
  definitions.map((definition) => [definition.name, definition]),
);
