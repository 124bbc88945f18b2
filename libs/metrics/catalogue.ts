import type { MetricDefinition } from '#libs/evaluation';
import { contains } from './contains.ts';
import { exactMatch } from './exact-match.ts';
import { levenshteinSimilarity } from './levenshtein-similarity.ts';
import { numericMatch } from './numeric-match.ts';
import { regexMatch } from './regex-match.ts';

const definitions: readonly MetricDefinition[] = [
  exactMatch,
  contains,
  regexMatch,
  numericMatch,
  levenshteinSimilarity,
];

/** Every metric there is, by name, in the order in which people are offered them. */
export const metricCatalogue: ReadonlyMap<string, MetricDefinition> = new Map(
  definitions.map((definition) => [definition.name, definition]),
);
