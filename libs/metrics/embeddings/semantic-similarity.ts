import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { embeddingModel, judgeByNearest, nearestDefinition } from './nearest-reference.ts';

/** The cosine itself. */
export const semanticSimilarity = defineMetric({
  name: 'semantic_similarity',
  title: 'Semantic similarity',
  family: 'embedding',
  description:
    'How near the output is in meaning to what is expected, as the cosine between their embeddings, from −1 to 1. What counts as near differs from model to model: look at some scores before you set a threshold.',
  definition: `cos(e(output), e(reference)), with e the embedding by the model that is configured. ${nearestDefinition}`,
  source:
    'The bi-encoder variant of semantic answer similarity: J. Risch et al., "Semantic Answer Similarity for Evaluating Question Answering Models", MRQA 2021, arXiv:2108.06130; as Ragas’ SemanticSimilarity.',
  kind: 'numeric',
  range: { min: -1, max: 1 },
  direction: 'higher',
  needs: ['references'],
  config: z.strictObject({ model: embeddingModel }),
  work: 'network',
  examples: [
    {
      config: { model: { provider: 'openai', model: 'text-embedding-3-small' } },
      output: 'Canberra is the capital.',
      expected: ['The capital of Australia is Canberra.', 'Canberra'],
      value: 0.84,
    },
    {
      config: { model: { provider: 'openai', model: 'text-embedding-3-small' } },
      output: 'Canberra',
      expected: 'Canberra',
      value: 1,
    },
  ],
  models: ({ model }) => [{ field: 'model', model }],
  prepare:
    ({ model }) =>
    (item, signal, models) =>
      judgeByNearest(item, model, { models, signal }, (cosine) => cosine),
});
