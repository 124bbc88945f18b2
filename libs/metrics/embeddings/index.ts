import type { MetricDefinition } from '#libs/evaluation';
import { answerSimilarity } from './answer-similarity.ts';
import { semanticSimilarity } from './semantic-similarity.ts';

/** Metrics that compare texts by the vectors that a model makes of them. */
export const embeddingMetrics: readonly MetricDefinition[] = [semanticSimilarity, answerSimilarity];
