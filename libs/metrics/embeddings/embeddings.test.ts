import { describe, expect, test } from '@jest/globals';
import type { Json } from '#libs/contracts';
import { CallError, type EmbeddingRequest } from '#libs/evaluation';
import { noTools, scoreCase } from '#test/scoring';

const VECTORS: Record<string, number[]> = {
  east: [1, 0],
  'also east': [5, 0],
  'north-east': [1, 1],
  north: [0, 2],
  west: [-3, 0],
  nothing: [0, 0],
  flat: [1, 0, 0],
};

/** Texts become the vectors above, and what was asked for is remembered. */
function embedding(embed?: () => Promise<never>) {
  const requests: EmbeddingRequest[] = [];
  return {
    requests,
    tools: {
      ...noTools,
      models: {
        ...noTools.models,
        embed:
          embed ??
          (async (request: EmbeddingRequest) => {
            requests.push(request);
            const vectors = request.values.flatMap((value) => {
              const vector = VECTORS[value];
              return vector ? [vector] : [];
            });
            return { vectors, inputTokens: 7, costUsd: 0.0001, cached: false };
          }),
      },
    },
  };
}

const model = { provider: 'vectors', model: 'small' };

async function score(metric: string, output: Json, expected: Json, config = {}) {
  const { tools, requests } = embedding();
  const spec = { metric, config: { model, ...config } };
  return { ...(await scoreCase(spec, { output, expected }, tools)), requests };
}

describe('semantic_similarity', () => {
  test.each<[Json, Json, number]>([
    ['also east', 'east', 1],
    ['north-east', 'east', Math.SQRT1_2],
    ['north', 'east', 0],
    ['west', 'east', -1],
    ['east', ['west', 'north-east', 'north'], Math.SQRT1_2],
    ['', 'east', 0],
    [' \n', ['east'], 0],
    ['unknown, but equal', 'unknown, but equal', 1],
  ])('of %j to %j is %d', async (output, expected, value) => {
    const given = await score('semantic_similarity', output, expected);
    expect(given.outcome).toBe('scored');
    expect(given.value).toBeCloseTo(value, 12);
  });

  test('asks once for all texts of a case, and counts what that takes', async () => {
    const given = await score('semantic_similarity', 'east', ['west', ' ', 'north']);
    expect(given.requests).toEqual([{ ...model, values: ['east', 'west', 'north'] }]);
    // The place is that in the list of the item, the blank one included.
    expect(given.details).toEqual({ cosine: 0, reference: 2 });
    expect(given.spend).toEqual({
      calls: 1,
      cachedCalls: 0,
      inputTokens: 7,
      outputTokens: 0,
      costUsd: 0.0001,
    });
  });

  test.each<[Json]>([[[]], [''], [[' ', null]]])(
    'does not apply to the reference %j',
    async (none) => {
      const given = await score('semantic_similarity', 'east', none);
      expect([given.outcome, given.requests]).toEqual(['not_applicable', []]);
    },
  );

  test.each([
    ['nothing', 'without a direction'],
    ['flat', 'different length'],
    ['unknown', 'another number of vectors'],
  ])('is an error, and no 0, where the model gives no usable vector: %s', async (text, reason) => {
    const given = await score('semantic_similarity', 'east', text);
    expect(given).toMatchObject({
      outcome: 'error',
      value: null,
      errorClass: 'invalid_response',
      reason: expect.stringContaining(reason),
    });
  });

  test('passes on why the model could not be asked', async () => {
    const { tools } = embedding(async () => {
      throw new CallError('rate_limited', 'too many requests');
    });
    const spec = { metric: 'semantic_similarity', config: { model } };
    expect(await scoreCase(spec, { output: 'a', expected: 'b' }, tools)).toMatchObject({
      outcome: 'error',
      errorClass: 'rate_limited',
    });
  });
});

describe('answer_similarity', () => {
  test.each<[Json, Json, number, number]>([
    ['north-east', 'east', 0, Math.SQRT1_2],
    ['west', 'east', 0, 0],
    ['north-east', 'east', 0.7, (Math.SQRT1_2 - 0.7) / 0.3],
    ['north', 'east', 0.7, 0],
    ['also east', 'east', 0.7, 1],
    ['', 'east', 0, 0],
  ])('of %j to %j with the floor %d is %d', async (output, expected, floor, value) => {
    const given = await score('answer_similarity', output, expected, { floor });
    expect(given.outcome).toBe('scored');
    expect(given.value).toBeCloseTo(value, 12);
  });
});
