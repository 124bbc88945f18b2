import { describe, expect, test } from '@jest/globals';
import type { GateRule } from '#libs/contracts';
import { draftOfRule, newRule, readRule } from './rule-draft.ts';
import { ruleInWords } from './rule-in-words.ts';

const rules: [GateRule, string][] = [
  [
    { kind: 'difference', metric: 'accuracy', atMostWorse: 0.01, confidence: 0.95 },
    'accuracy is at most 0.01 worse than the baseline’s, with 95 % confidence.',
  ],
  [
    { kind: 'difference', metric: 'latency_ms', atMostWorse: -50, confidence: null },
    'latency_ms is at least 50 ms better than the baseline’s, by the estimate alone.',
  ],
  [
    { kind: 'difference', metric: 'accuracy', atMostWorse: 0, confidence: 0.99 },
    'accuracy is not worse than the baseline’s, with 99 % confidence.',
  ],
  [
    { kind: 'relative', metric: 'cost_usd', atMostWorse: 0.07, confidence: 0.9 },
    'cost_usd is at most 7 % worse than the baseline’s, with 90 % confidence.',
  ],
  [
    { kind: 'value', metric: 'accuracy', min: 0.8, confidence: 0.95 },
    'The mean of accuracy is at least 0.8, with 95 % confidence.',
  ],
  [
    { kind: 'value', metric: 'cost_usd', min: -1, max: 0.002, confidence: null },
    'The mean of cost_usd is at least −1 USD and at most 0.002 USD, by the estimate alone.',
  ],
];

describe('rules of a gate', () => {
  test.each(rules)('%j is said, typed and read again', (rule, words) => {
    expect(ruleInWords(rule)).toBe(words);
    expect(readRule(draftOfRule(rule))).toEqual({ rule });
  });

  test.each([
    [{ metric: ' ' }, 'Which metric is it about?'],
    [{ amount: '' }, 'How much may it be?'],
    [{ amount: '-1' }, 'Give how much without a sign, and choose worse or better.'],
    [{ amount: 'x' }, 'atMostWorse Invalid input: expected number, received NaN'],
    [{ kind: 'value' }, 'min give min, max or both'],
    [{ kind: 'value', min: '2', max: '1' }, 'min is above max'],
  ] as const)('%j is refused with the reason', (change, fault) => {
    expect(readRule({ ...newRule('accuracy'), ...change })).toEqual({ fault });
  });
});
