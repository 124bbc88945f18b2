import { defineMetric } from '#libs/evaluation';
import { z } from 'zod';
import { embeddingModel, judgeByNearest, nearestDefinition } from './nearest-reference.ts';

/** The cosine, stretched over the part of its range that answers use, so that it is a score from 0 to 1. */
export const answerSimilarity = defineMetric({
  name: 'answer_similarity',
  title: 'Answer similarity',
  family: 'embedding',
  description:
    'How near an answer is in meaning to the expected one, from 0 to 1: the cosine between their embeddings, measured from a floor that texts without anything in common reach too. A score like those of judges; semantic_similarity is the cosine itself.',
  definition: `max(0, (cos(e(output), e(reference)) − floor) / (1 − floor)), with e the embedding by the model that is configured. With a floor of 0 it is the cosine, and 0 where that is negative. ${nearestDefinition}`,
  source:
    'Ragas’ answer similarity (floor 0), after J. Risch et al., arXiv:2108.06130; the floor is expectedMin of EmbeddingSimilarity in Braintrust’s autoevals, whose default is 0.7.',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  needs: ['references'],
  config: z.strictObject({
    model: embeddingModel,
    floor: z.number().min(0).max(0.99).default(0).meta({
      description:
        'The cosine that counts as 0: about what unrelated texts get from this model. Some models give them 0.7, others 0.1',
    }),
  }),
  work: 'network',
  examples: [
    {
      config: { model: { provider: 'openai', model: 'text-embedding-3-small' } },
      input: 'What is the capital of Australia?',
      output: 'Canberra is the capital.',
      expected: 'The capital of Australia is Canberra.',
      value: 0.84,
    },
    {
      config: { model: { provider: 'openai', model: 'text-embedding-ada-002' }, floor: 0.7 },
      output: 'Bananas are yellow.',
      expected: 'The capital of Australia is Canberra.',
      value: 0,
    },
  ],
  models: ({ model }) => [{ field: 'model', model }],
  prepare:
    ({ model, floor }) =>
    (item, signal, models) =>
      judgeByNearest(item, model, { models, signal }, (cosine) =>
        Math.max(0, (cosine - floor) / (1 - floor)),
      ),
});
