import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import type { ItemScore, Judge, Judgement, MetricShape } from '#libs/evaluation';
import { noTools, unaborted } from '#test/scoring';
import { scorerOf } from './compile.ts';
import { compileMetric, MetricSpecError } from './index.ts';
import { MetricError } from './metric-error.ts';

const score = async (spec: MetricSpec, output: Json, expected?: Json): Promise<ItemScore> =>
  compileMetric(spec, 3, noTools).score({ input: null, output, expected }, unaborted);

describe('what every metric has in common', () => {
  test('a score carries its place, its value, and whether it passed', async () => {
    expect(await score({ metric: 'exact_match' }, 'a', 'a')).toEqual({
      metric: 3,
      outcome: 'scored',
      value: 1,
      category: null,
      passed: true,
      reason: null,
      details: null,
      errorClass: null,
    });
  });

  test.each<[string | undefined, Json | undefined, string]>([
    [undefined, undefined, 'the item has no expected'],
    [undefined, null, 'the item has no expected'],
    ['a.b', undefined, 'the item has no expected'],
    ['a.b', { a: {} }, 'expected has no "a.b"'],
    ['a.b', { a: { b: null } }, 'expected is null at "a.b"'],
    ['a.b', 'text', 'expected is a text that is not JSON, so it has no "a.b"'],
    ['1', ['x'], 'expected has no "1"'],
    ['length', ['x'], 'expected has no "length"'],
    ['constructor.name', {}, 'expected has no "constructor.name"'],
    ['__proto__', {}, 'expected has no "__proto__"'],
  ])('expected %s of %j is not applicable', async (path, expected, reason) => {
    const spec = { metric: 'exact_match', ...(path !== undefined && { expected: path }) };
    expect(await score(spec, 'x', expected)).toMatchObject({
      outcome: 'not_applicable',
      value: null,
      passed: null,
      reason,
    });
  });

  test('an item without a reference is not applicable rather than wrong', async () => {
    const spec = { metric: 'exact_match', output: 'missing', extract: 'never' };
    expect((await score(spec, 'x')).outcome).toBe('not_applicable');
  });

  test.each<[string, Json]>([
    ['answer.text', { answer: { text: 'Paris' } }],
    ['answers.1.text', { answers: [{}, { text: 'Paris' }] }],
    ['0', ['Paris']],
    ['answer.text', '{"answer": {"text": "Paris"}}'],
  ])('output %s of %j is found', async (output, value) => {
    expect((await score({ metric: 'exact_match', output }, value, 'Paris')).value).toBe(1);
  });

  test('expected is found in a text of JSON too', async () => {
    const spec = { metric: 'exact_match', expected: 'answer' };
    expect((await score(spec, 'Paris', '{"answer": "Paris"}')).value).toBe(1);
  });

  test.each<[Partial<MetricSpec>, Json, string]>([
    [{ output: 'a.b' }, { a: 1 }, 'the output has no "a.b"'],
    [{ output: 'a' }, 'no JSON', 'the output is a text that is not JSON, so it has no "a"'],
    [{ extract: 'A: (.*)' }, 'no answer', 'nothing in the output matches extract'],
    [{ extract: '(\\d+)|none' }, '1 none', 'the last match of extract leaves its first group out'],
  ])('%j of %j is a wrong answer', async (part, output, reason) => {
    const wrong = { outcome: 'scored', value: 0, reason };
    const boolean = await score({ metric: 'exact_match', ...part }, output, 'x');
    expect(boolean).toMatchObject({ ...wrong, passed: false });
    const numeric = await score({ metric: 'levenshtein_similarity', ...part }, output, 'x');
    expect(numeric).toMatchObject({ ...wrong, passed: null });
  });

  test.each<[string, Json, Json]>([
    ['A: (.*)', 'A: 1\nA: 2', '2'],
    ['\\d+', 'a 1 b 22 c', '22'],
    ['(\\d)(\\d)', '12 34', '3'],
    ['x*$', 'axx', ''],
    ['"n":(\\d+)', { n: 7 }, '7'],
    ['(?s)<answer>(.*?)</answer>', '<answer>a\nb</answer>', 'a\nb'],
    ['(.)$', 'a😀', '😀'],
    ['^(.)', 'ab', 'a'],
    ['\\b(\\w)', 'ab cd', 'c'],
  ])('extract %s of %j is %j', async (extract, output, expected) => {
    expect((await score({ metric: 'exact_match', extract }, output, expected)).value).toBe(1);
  });

  test('the path comes first, then extract', async () => {
    const spec = { metric: 'exact_match', output: 'text', extract: 'A: (.*)' };
    expect((await score(spec, { text: 'A: 5' }, '5')).value).toBe(1);
  });

  test('a reason is bounded and can be stored', async () => {
    const long = `\u0000${'😀'.repeat(5000)}\ud800`;
    const { reason } = await score({ metric: 'exact_match' }, long, `${long}x`);
    expect(reason?.length).toBeLessThanOrEqual(500);
    expect(reason).not.toContain('\u0000');
    expect(reason?.isWellFormed()).toBe(true);
    const bare = { metric: 'exact_match', output: 'p.'.repeat(249) + 'p' };
    expect((await score(bare, {}, 'x')).reason?.length).toBeLessThanOrEqual(500);
  });

  test('a specification that the check refuses is not compiled', () => {
    expect(() => compileMetric({ metric: 'unknown' }, 0, noTools)).toThrow(MetricSpecError);
    expect(() => compileMetric({ metric: 'exact_match', extract: '(' }, 0, noTools)).toThrow(
      MetricSpecError,
    );
  });
});

const run = async (
  part: Partial<MetricShape>,
  judge: Judge,
  spec: Pick<MetricSpec, 'extract' | 'threshold'> = {},
  signal = unaborted,
) => {
  const shape: MetricShape = {
    kind: 'numeric',
    range: { min: 0, max: 1 },
    direction: 'higher',
    ...part,
  };
  const score = scorerOf({ name: 'made_up', needs: [] }, shape, judge, spec, 0);
  return score({ input: null, output: 'private', expected: undefined }, signal, noTools.models);
};
const gives = (value: number | boolean | string) => (): Judgement => ({
  outcome: 'scored',
  value,
});
const throws = (error: unknown) => (): never => {
  throw error;
};

describe('a metric of any kind', () => {
  test('that breaks is an error and not a 0, and repeats no output', async () => {
    const broken = { outcome: 'error', value: null, passed: null };
    expect(await run({}, throws(new MetricError('too long')))).toMatchObject({
      ...broken,
      reason: 'too long',
    });
    expect(await run({}, throws(new TypeError('private is not iterable')))).toMatchObject({
      ...broken,
      reason: 'the metric broke: TypeError',
    });
    expect((await run({}, throws('private'))).reason).toBe('the metric broke: string');
  });

  test('may judge later, and may break later', async () => {
    expect(await run({}, async () => gives(0.5)())).toMatchObject({ value: 0.5 });
    expect(await run({}, async () => gives(NaN)())).toMatchObject({ outcome: 'error' });
    expect(await run({}, () => Promise.reject(new MetricError('late')))).toMatchObject({
      outcome: 'error',
      reason: 'late',
    });
  });

  test.each([NaN, Infinity, -Infinity, 1.01, -0.01, true, 'a'])(
    'that gives %p where a number from 0 to 1 is due is an error',
    async (value) => {
      expect(await run({}, gives(value))).toMatchObject({ outcome: 'error', value: null });
    },
  );

  test('without bounds gives any finite number', async () => {
    const range = { min: null, max: null };
    expect(await run({ range }, gives(-1e9))).toMatchObject({ outcome: 'scored', value: -1e9 });
    expect(await run({ range }, gives(Infinity))).toMatchObject({ outcome: 'error' });
  });

  test('a category is stored as one', async () => {
    expect(await run({ kind: 'categorical' }, gives('polite'))).toMatchObject({
      outcome: 'scored',
      value: null,
      category: 'polite',
    });
  });

  test('a boolean where lower is better passes when it is false', async () => {
    const part = { kind: 'boolean', direction: 'lower' } as const;
    expect(await run(part, gives(false))).toMatchObject({ value: 0, passed: true });
    expect(await run(part, gives(true))).toMatchObject({ value: 1, passed: false });
  });

  test('says itself where it does not apply', async () => {
    const verdict: Judgement = { outcome: 'not_applicable', reason: 'no context' };
    expect(await run({}, () => verdict)).toMatchObject(verdict);
  });

  test('gives an output without anything to score the worst value, where there is one', async () => {
    expect(await run({}, gives(1), { extract: 'never' })).toMatchObject({
      outcome: 'scored',
      value: 0,
    });
    const lower = { direction: 'lower' } as const;
    expect(await run(lower, gives(0), { extract: 'never' })).toMatchObject({
      outcome: 'scored',
      value: 1,
    });
    const open = { ...lower, range: { min: 0, max: null } };
    expect(await run(open, gives(0), { extract: 'never' })).toMatchObject({
      outcome: 'error',
      value: null,
    });
  });

  test('of which neither end is better gives the least value, where there is one', async () => {
    const none = { direction: 'none', range: { min: 0, max: null } } as const;
    expect(await run(none, gives(1), { extract: 'never' })).toMatchObject({ value: 0 });
    const open = { direction: 'none', range: { min: null, max: null } } as const;
    expect(await run(open, gives(0), { extract: 'never' })).toMatchObject({
      outcome: 'error',
      reason: 'nothing in the output matches extract, and made_up has no worst value to give it',
    });
  });

  test.each<[MetricSpec['threshold'], MetricShape['direction'], number, boolean]>([
    [0.5, 'higher', 0.5, true],
    [0.5, 'higher', 0.499, false],
    [0.5, 'lower', 0.5, true],
    [0.5, 'lower', 0.501, false],
    [{ min: 0.2, max: 0.4 }, 'none', 0.2, true],
    [{ min: 0.2, max: 0.4 }, 'none', 0.41, false],
    [{ max: 0.4 }, 'higher', 0.1, true],
  ])(
    'with the threshold %j where %s is better, %d passes: %s',
    async (threshold, direction, value, passed) => {
      expect(await run({ direction }, gives(value), { threshold })).toMatchObject({
        value,
        passed,
      });
    },
  );

  test('without a threshold a number is neither passed nor failed', async () => {
    expect((await run({}, gives(1))).passed).toBeNull();
  });

  test('is not scored at all once the signal has aborted', async () => {
    const stopped = AbortSignal.abort(new Error('the run was canceled'));
    await expect(run({}, async () => throws(new Error('aborted'))(), {}, stopped)).rejects.toThrow(
      'the run was canceled',
    );
  });
});
