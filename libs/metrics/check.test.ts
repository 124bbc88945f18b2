import { describe, expect, test } from '@jest/globals';
import type { MetricSpec } from '#libs/contracts';
import { checkMetricSpecs, metricCatalogue, MetricSpecError } from './index.ts';

function faultsOf(...specs: MetricSpec[]) {
  try {
    checkMetricSpecs(specs);
    return [];
  } catch (error) {
    if (error instanceof MetricSpecError) return error.errors;
    throw error;
  }
}
const judgeWith = (config: NonNullable<MetricSpec['config']>): MetricSpec => ({
  metric: 'judge_yes_no',
  config: { model: { provider: 'main', model: 'a' }, question: 'Is it?', ...config },
});
const fieldsOf = (...specs: MetricSpec[]) => faultsOf(...specs).map(({ field }) => field);

describe('checkMetricSpecs', () => {
  test('settles names and leaves the rest as it is', () => {
    const config = { absoluteTolerance: 0.1 };
    const specs: MetricSpec[] = [
      { metric: 'exact_match' },
      { metric: 'exact_match', name: 'strict', extract: 'A: (.*)' },
      { metric: 'numeric_match', config, expected: 'answer', output: 'a.b' },
    ];
    expect(checkMetricSpecs(specs)).toEqual([
      { metric: 'exact_match', name: 'exact_match' },
      { metric: 'exact_match', name: 'strict', extract: 'A: (.*)' },
      { metric: 'numeric_match', name: 'numeric_match', config, expected: 'answer', output: 'a.b' },
    ]);
  });

  test('names the known metrics where one is unknown', () => {
    expect(faultsOf({ metric: 'blue' })).toEqual([
      {
        field: 'metrics.0.metric',
        message: `there is no metric of this name; known are ${[...metricCatalogue.keys()].join(', ')}`,
      },
    ]);
  });

  test('refuses a name given twice and tells the remedy', () => {
    expect(faultsOf({ metric: 'exact_match' }, { metric: 'exact_match' })).toEqual([
      {
        field: 'metrics.1.name',
        message: 'metrics.0 is already called "exact_match"; give one of them another name',
      },
    ]);
    expect(
      fieldsOf({ metric: 'contains', name: 'exact_match' }, { metric: 'exact_match' }),
    ).toEqual(['metrics.1.name']);
  });

  test('says where a configuration is wrong', () => {
    expect(faultsOf({ metric: 'numeric_match', config: { tolerance: 1 } })).toEqual([
      {
        field: 'metrics.0.config.tolerance',
        message:
          'numeric_match has no such option; it has absoluteTolerance, relativeTolerance, expressions, percent',
      },
    ]);
    expect(faultsOf({ metric: 'numeric_match', config: { absoluteTolerance: -1 } })).toEqual([
      { field: 'metrics.0.config.absoluteTolerance', message: 'must not be negative' },
    ]);
    expect(faultsOf({ metric: 'exact_match', config: { trim: 'yes' } })).toEqual([
      { field: 'metrics.0.config.trim', message: 'must be true or false' },
    ]);
    expect(faultsOf(judgeWith({ prompts: { other: 'Hm?' } }))).toEqual([
      {
        field: 'metrics.0.config.prompts.other',
        message: 'judge_yes_no.prompts has no such option; it has verdict',
      },
    ]);
    expect(faultsOf(judgeWith({ votes: 1.5 }))).toEqual([
      { field: 'metrics.0.config.votes', message: 'must be a whole number' },
    ]);
    expect(faultsOf(judgeWith({ votes: 99 }))).toEqual([
      { field: 'metrics.0.config.votes', message: 'must be at most 15' },
    ]);
    expect(faultsOf({ metric: 'regex_match' })).toEqual([
      { field: 'metrics.0.config.pattern', message: 'is required, a text' },
    ]);
    expect(fieldsOf({ metric: 'contains', config: { values: ['a', ''] } })).toEqual([
      'metrics.0.config.values.1',
    ]);
    expect(fieldsOf({ metric: 'contains', config: { values: [] } })).toEqual([
      'metrics.0.config.values',
    ]);
  });

  test.each([
    ['(?=a)', 'look-ahead'],
    ['(?!a)', 'look-ahead'],
    ['(?<=a)b', 'look-behind'],
    ['(?<!a)b', 'look-behind'],
    ['(a)\\1', 'back-reference'],
    ['(', 'missing closing )'],
    ['a**', 'invalid nested repetition operator'],
    ['a{1001}', 'invalid repeat count'],
    ['(?:[a-z]{1000}|[0-9]{1000}){1}', 'is too large'],
  ])('refuses the pattern %s, in extract as in a configuration', (pattern, message) => {
    const faults = faultsOf(
      { metric: 'exact_match', extract: pattern },
      { metric: 'regex_match', config: { pattern } },
    );
    expect(faults.map(({ field }) => field)).toEqual([
      'metrics.0.extract',
      'metrics.1.config.pattern',
    ]);
    for (const fault of faults) expect(fault.message).toContain(message);
  });

  test('takes a pattern that is large, but not too large', () => {
    expect(faultsOf({ metric: 'exact_match', extract: '((a{10}){10}){10}' })).toEqual([]);
  });

  test('refuses what the database could not hold', () => {
    expect(fieldsOf({ metric: 'contains', config: { values: ['a\u0000'] } })).toEqual([
      'metrics.0.config',
    ]);
    expect(
      fieldsOf({ metric: 'contains', name: '\ud800', config: { values: ['\udc00'] } }),
    ).toEqual(['metrics.0.name', 'metrics.0.config']);
    expect(fieldsOf({ metric: 'regex_match', config: { pattern: '\\x00\\\\u0000' } })).toEqual([]);
  });

  test('lists every fault at once', () => {
    const fields = fieldsOf(
      { metric: 'blue', extract: '(' },
      { metric: 'exact_match', config: { trim: 1, x: 1 } },
      { metric: 'exact_match' },
    );
    expect(fields.sort()).toEqual([
      'metrics.0.extract',
      'metrics.0.metric',
      'metrics.1.config.trim',
      'metrics.1.config.x',
      'metrics.2.name',
    ]);
  });
});
