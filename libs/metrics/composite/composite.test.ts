import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { CallError } from '#libs/evaluation';
import { checkMetricSpecs, MetricSpecError, shapeOf } from '#libs/metrics';
import { noTools, scoreCase, scriptedModels } from '#test/scoring';

const yes: MetricSpec = { metric: 'contains', name: 'yes', config: { values: ['a'] } };
const no: MetricSpec = { metric: 'contains', name: 'no', config: { values: ['b'] } };
/** The item has no expected value, so this does not apply. */
const open: MetricSpec = { metric: 'exact_match', name: 'open' };
/** Too long a text for the pattern. */
const broken: MetricSpec = {
  metric: 'regex_match',
  name: 'broken',
  config: { pattern: '(?:a{1,100}){1,9}b' },
};
const long = 'a'.repeat(1_000_000);

const outcome = async (spec: MetricSpec, output: Json = 'a') => {
  const score = await scoreCase(spec, { output });
  return score.outcome === 'scored' ? score.value : score.outcome;
};
type Part = MetricSpec & { weight?: number };
/** A part as it stands in a configuration, where nothing is undefined. */
const toJson = (part: Part): Json => {
  const value: Json = JSON.parse(JSON.stringify(part));
  return value;
};
const list = (metric: string, metrics: Part[], options: Record<string, Json> = {}): MetricSpec => ({
  metric,
  config: { metrics: metrics.map(toJson), ...options },
});
const not = (metric: MetricSpec): MetricSpec => ({
  metric: 'negation',
  config: { metric: toJson(metric) },
});

describe('all_of and any_of', () => {
  test.each<[MetricSpec[], number | string, number | string]>([
    [[yes, yes], 1, 1],
    [[yes, no], 0, 1],
    [[no, no], 0, 0],
    [[yes, open], 'not_applicable', 1],
    [[no, open], 0, 'not_applicable'],
    [[open], 'not_applicable', 'not_applicable'],
  ])('of %j are %p and %p', async (metrics, all, any) => {
    expect(await outcome(list('all_of', metrics))).toBe(all);
    expect(await outcome(list('any_of', metrics))).toBe(any);
  });

  test.each<[MetricSpec[], number | string, number | string]>([
    [[yes, broken], 'error', 1],
    [[no, broken], 0, 'error'],
    [[open, broken], 'error', 'error'],
  ])('with a part that breaks, of %j are %p and %p', async (metrics, all, any) => {
    expect(await outcome(list('all_of', metrics), long)).toBe(all);
    expect(await outcome(list('any_of', metrics), long)).toBe(any);
  });

  test('break with the class of the part that broke, by which a run stops early', async () => {
    const judge: MetricSpec = {
      metric: 'judge_yes_no',
      config: { model: { provider: 'main', model: 'a' }, question: 'Is it?' },
    };
    const models = scriptedModels([new CallError('authentication', 'main does not take the key')]);
    const spec = list('all_of', [yes, judge]);
    expect(await scoreCase(spec, { output: 'a' }, { ...noTools, models })).toMatchObject({
      outcome: 'error',
      errorClass: 'authentication',
      reason: expect.stringContaining('a part broke: judge_yes_no'),
    });
  });

  test('say which parts decided, and what each gave', async () => {
    expect(await scoreCase(list('all_of', [yes, no]), { output: 'a' })).toMatchObject({
      reason: 'did not pass: no',
      details: [
        { name: 'yes', value: 1, passed: true },
        { name: 'no', value: 0, passed: false, reason: 'does not contain "b"' },
      ],
    });
  });

  test('narrow the output once for all of their parts', async () => {
    const spec = { ...list('all_of', [yes]), output: 'text' };
    expect(await outcome(spec, { text: 'a' })).toBe(1);
    expect(await outcome(spec, { other: 'a' })).toBe(0);
  });
});

test('negation turns a verdict round, and leaves an open one open', async () => {
  expect(await outcome(not(yes))).toBe(0);
  expect(await outcome(not(no))).toBe(1);
  expect(await outcome(not(open))).toBe('not_applicable');
  expect(await outcome(not(broken), long)).toBe('error');
  expect(await outcome(not(not(yes)))).toBe(1);
});

describe('weighted_sum', () => {
  test('is not applicable, or an error, where a part is', async () => {
    expect(await outcome(list('weighted_sum', [yes, open]))).toBe('not_applicable');
    expect(await outcome(list('weighted_sum', [yes, broken]), long)).toBe('error');
  });

  test('has the range that its parts and weights give it', () => {
    const sum = (metrics: Part[], normalize: boolean) =>
      shapeOf(list('weighted_sum', metrics, { normalize })).range;
    expect(
      sum(
        [
          { ...yes, weight: 2 },
          { ...no, weight: -1 },
        ],
        false,
      ),
    ).toEqual({ min: -1, max: 2 });
    expect(sum([{ ...yes, weight: 2 }, no], true)).toEqual({ min: 0, max: 1 });
  });

  test('of three thirds is one, whatever rounding says', async () => {
    const parts = [0.1, 0.2, 0.7].map((weight) => ({ ...yes, weight }));
    expect(await outcome(list('weighted_sum', parts))).toBe(1);
  });
});

describe('a metric with others in it is refused', () => {
  const faultsOf = (spec: MetricSpec) => {
    try {
      checkMetricSpecs([spec]);
      return [];
    } catch (error) {
      if (error instanceof MetricSpecError) return error.errors.map(({ field }) => field);
      throw error;
    }
  };
  const nested = (depth: number): MetricSpec => (depth === 0 ? yes : not(nested(depth - 1)));

  test.each<[MetricSpec, string[]]>([
    [list('all_of', []), ['metrics.0.config.metrics']],
    [list('all_of', [{ metric: 'nothing' }]), ['metrics.0.config.metrics.0.metric']],
    [
      list('any_of', [yes, { metric: 'regex_match', config: { pattern: '(' } }]),
      ['metrics.0.config.metrics.1.config.pattern'],
    ],
    [
      list('any_of', [{ metric: 'levenshtein_similarity' }]),
      ['metrics.0.config.metrics.0.threshold'],
    ],
    [
      list('weighted_sum', [
        { ...yes, weight: 1 },
        { ...yes, weight: -1 },
      ]),
      ['metrics.0.config.metrics'],
    ],
    [nested(5), [`metrics.0.config.metric${'.config.metric'.repeat(4)}`]],
    [nested(4), []],
  ])('%j for %j', (spec, fields) => {
    expect(faultsOf(spec)).toEqual(fields);
  });

  test.each<[MetricSpec, string[]]>([
    [{ metric: 'levenshtein_similarity', reducer: 'majority' }, ['metrics.0.threshold']],
    [{ metric: 'levenshtein_similarity', reducer: 'majority', threshold: 0.5 }, []],
    [{ metric: 'exact_match', reducer: 'any' }, []],
  ])('a reducer that counts what passed, for %j: %j', (spec, fields) => {
    expect(faultsOf(spec)).toEqual(fields);
  });
});
