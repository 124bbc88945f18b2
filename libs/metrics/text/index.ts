import type { MetricDefinition } from '#libs/evaluation';
import { characterCount } from './character-count.ts';
import { contains } from './contains.ts';
import { endsWith } from './ends-with.ts';
import { exactMatch } from './exact-match.ts';
import { jaroWinklerSimilarity } from './jaro-winkler-similarity.ts';
import { language } from './language.ts';
import { levenshteinSimilarity } from './levenshtein-similarity.ts';
import { readability } from './readability.ts';
import { refusal } from './refusal.ts';
import { regexMatch } from './regex-match.ts';
import { sentenceCount } from './sentence-count.ts';
import { startsWith } from './starts-with.ts';
import { tokenCount } from './token-count.ts';
import { wordCount } from './word-count.ts';

/** Metrics of a text, by itself or beside another. */
export const textMetrics: readonly MetricDefinition[] = [
  exactMatch,
  contains,
  startsWith,
  endsWith,
  regexMatch,
  levenshteinSimilarity,
  jaroWinklerSimilarity,
  wordCount,
  sentenceCount,
  characterCount,
  tokenCount,
  readability,
  refusal,
  language,
];
