import { describe, expect, test } from '@jest/globals';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { costOf, estimateTokens, priceOf } from './index.ts';

const openai = { kind: 'openai', prices: {} } as const;

describe('the price of a model', () => {
  const own = { inputPerMillion: 1, outputPerMillion: 2 };
  const configured = { inputPerMillion: 3, outputPerMillion: 4 };

  test('is the one given, else as the provider is configured, else the list price', () => {
    const provider = { kind: 'openai', prices: { 'gpt-4o': configured } } as const;
    expect(priceOf(provider, 'gpt-4o', own)).toBe(own);
    expect(priceOf(provider, 'gpt-4o')).toBe(configured);
    expect(priceOf(openai, 'gpt-4o')).toMatchObject({ inputPerMillion: 2.5, outputPerMillion: 10 });
  });

  test('of a dated snapshot is that of its model', () => {
    expect(priceOf(openai, 'gpt-4o-mini-2024-07-18')).toEqual(priceOf(openai, 'gpt-4o-mini'));
    const anthropic = { kind: 'anthropic', prices: {} } as const;
    expect(priceOf(anthropic, 'claude-haiku-4-5-20251001')).toMatchObject({ inputPerMillion: 1 });
  });

  test('is not known for what is not listed, and never guessed from a name that begins alike', () => {
    expect(priceOf(openai, 'gpt-4o-audio-preview')).toBeUndefined();
    expect(priceOf(openai, 'constructor')).toBeUndefined();
    expect(priceOf({ kind: 'openai_compatible', prices: {} }, 'gpt-4o')).toBeUndefined();
  });
});

describe('the cost', () => {
  const price = { inputPerMillion: 2, outputPerMillion: 8, cachedInputPerMillion: 0.5 };

  test('counts input, input that was known, and output', () => {
    const tokens = { inputTokens: 1_000_000, cachedInputTokens: 400_000, outputTokens: 500_000 };
    expect(costOf(price, tokens)).toBeCloseTo(1.2 + 0.2 + 4, 10);
  });

  test('is not known where a price or a count is missing', () => {
    expect(costOf(undefined, { inputTokens: 1, outputTokens: 1 })).toBeUndefined();
    expect(costOf(price, { inputTokens: 1 })).toBeUndefined();
    expect(costOf(price, { outputTokens: 1 })).toBeUndefined();
  });
});

test.each([
  ['English', 'The quick brown fox jumps over the lazy dog, and nobody minds at all. '],
  [
    'German',
    'Der schnelle braune Fuchs springt über den faulen Hund, und niemand stört sich daran. ',
  ],
  ['Chinese', '敏捷的棕色狐狸跳过了懒狗，没有人介意这件事情。'],
  ['code', 'function add(left: number, right: number) {\n  return left + right;\n}\n'],
])('tokens of %s are estimated within a factor of two', (_name, text) => {
  const counted = encode(text.repeat(20)).length;
  const ratio = estimateTokens(text.repeat(20)) / counted;
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
});
