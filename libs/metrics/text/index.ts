import type { MetricDefinition } from '#libs/evaluation';
import { contains } from './contains.ts';
import { exactMatch } from './exact-match.ts';
import { levenshteinSimilarity } from './levenshtein-similarity.ts';
import { regexMatch } from './regex-match.ts';

/** Metrics of a text, by itself or beside another. */
export const textMetrics: readonly MetricDefinition[] = [
  exactMatch,
  contains,
  regexMatch,
  levenshteinSimilarity,
];
