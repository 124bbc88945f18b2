import { expect, test } from '@jest/globals';
import type { MetricDescription } from '#libs/contracts';
import { findMetrics, rangeInWords } from './in-words.ts';

const metric: MetricDescription = {
  name: 'token_f1',
  title: 'Token F1',
  family: 'text',
  description: 'Words that output and reference share.',
  definition: '',
  source: '',
  kind: 'numeric',
  range: { min: 0, max: 1 },
  direction: 'higher',
  shapeDependsOnConfig: false,
  needs: ['expected'],
  config: {},
  examples: [],
  prompts: [],
  runLevel: [],
};

test.each([
  ['numeric', 0, 1, '0 to 1'],
  ['numeric', 0, null, 'from 0'],
  ['numeric', null, 121.22, 'up to 121.22'],
  ['numeric', null, null, 'any number'],
  ['boolean', 0, 1, 'true or false'],
  ['categorical', null, null, 'a category'],
] as const)('the range of a %s metric from %p to %p reads %p', (kind, min, max, text) => {
  expect(rangeInWords({ ...metric, kind, range: { min, max } })).toBe(text);
});

test('a search finds a metric by words from anywhere in it, in any order and case', () => {
  expect(findMetrics([metric], 'shared')).toEqual([]);
  expect(findMetrics([metric], 'F1 token')).toEqual([metric]);
  expect(findMetrics([metric], 'reference NUMERIC ')).toEqual([metric]);
  expect(findMetrics([metric], '')).toEqual([metric]);
});

test('a search finds first what is called so', () => {
  const called = { ...metric, name: 'numeric_match', title: 'Number' };
  expect(findMetrics([metric, called], 'numeric')).toEqual([called, metric]);
});
