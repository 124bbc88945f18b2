import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { scoreCase, verdictOf } from '#test/scoring';
import { pairUp } from './compare.ts';

type Config = NonNullable<MetricSpec['config']>;

const call = (name: string, given: Json = {}): { name: string; arguments: Json } => ({
  name,
  arguments: given,
});
type Call = ReturnType<typeof call>;
const openAi = (name: string, given: Json) => ({
  id: 'call_1',
  type: 'function',
  function: { name, arguments: JSON.stringify(given) },
});
const anthropic = (name: string, input: Json) => ({ type: 'tool_use', id: 'toolu_1', name, input });
const paris = { city: 'Paris' };

describe('where tool calls are found', () => {
  test.each<[string, Json]>([
    ['a list of ours', [call('weather', paris)]],
    ['one call', { name: 'weather', arguments: paris }],
    ['arguments as a text', [{ name: 'weather', arguments: '{"city":"Paris"}' }]],
    ['a list of OpenAI', [openAi('weather', paris)]],
    [
      'a message of OpenAI',
      { role: 'assistant', content: null, tool_calls: [openAi('weather', paris)] },
    ],
    [
      "an item of OpenAI's Responses",
      [{ type: 'function_call', call_id: 'c', name: 'weather', arguments: '{"city":"Paris"}' }],
    ],
    ['a list of Anthropic', [anthropic('weather', paris)]],
    [
      'a message of Anthropic',
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'Let me see.' }, anthropic('weather', paris)],
      },
    ],
    ['an object of ours', { toolCalls: [call('weather', paris)], answer: '…' }],
  ])('%s, as JSON and as a text, in the output and in expected', async (_, shape) => {
    const expected = [call('weather', paris)];
    for (const output of [shape, JSON.stringify(shape)]) {
      expect(await verdictOf('tool_call_match', {}, { output, expected })).toBe(1);
      const item = { output: '', toolCalls: expected, expected: output };
      expect(await verdictOf('tool_call_match', {}, item)).toBe(1);
    }
  });

  test('those that the target reported come first, also when there are none', async () => {
    const item = { output: [call('a')], toolCalls: [], expected: [] };
    expect(await verdictOf('tool_call_match', {}, item)).toBe(1);
    expect(await verdictOf('step_count', {}, item)).toBe(0);
  });

  test.each<[Json]>([
    ['It is sunny.'],
    [''],
    [null],
    [42],
    [{ answer: 'x' }],
    [['a', 'b']],
    [{ name: 'Bob' }],
  ])('an output such as %j made no calls, and the reason says so', async (output) => {
    const score = await scoreCase({ metric: 'step_count' }, { output });
    expect(score).toMatchObject({
      value: 0,
      reason: 'the target reported no tool calls, and the output is no list of them',
    });
    expect(await verdictOf('tool_call_match', {}, { output, expected: [] })).toBe(1);
    expect(await verdictOf('tool_call_match', {}, { output, expected: [call('a')] })).toBe(0);
  });

  test('a list of calls with something else in it is a wrong answer, and no count', async () => {
    const item = { output: { tool_calls: [call('a'), { x: 1 }] }, expected: [call('a')] };
    const match = await scoreCase({ metric: 'tool_call_match' }, item);
    expect(match).toMatchObject({
      value: 0,
      reason: 'the output has something in tool_calls that is not a tool call',
    });
    expect(await verdictOf('tool_call_f1', {}, item)).toBe(0);
    expect(await verdictOf('step_count', {}, item)).toBe('error');
  });

  test.each<[Json | undefined]>([[undefined], [null], ['weather'], [{ city: 'Paris' }], [[1]]])(
    'expected %j is not applicable',
    async (expected) => {
      const item = { output: '', toolCalls: [], expected };
      expect(await verdictOf('tool_call_match', {}, item)).toBe('not_applicable');
      expect(await verdictOf('tool_call_f1', {}, item)).toBe('not_applicable');
    },
  );
});

describe('tool_call_match', () => {
  const [a, b, c] = [call('a', { x: 1 }), call('b'), call('c')];
  test.each<[string, Config, Call[], Call[], number]>([
    ['the same', {}, [a, b], [a, b], 1],
    ['another order', {}, [a, b], [b, a], 0],
    ['another order', { order: 'free' }, [a, b], [b, a], 1],
    ['one too many', {}, [a], [a, b], 0],
    ['one too many', { order: 'free' }, [a], [a, b], 0],
    ['one too many', { allowExtraCalls: true }, [a], [b, a, c], 1],
    ['one too many', { allowExtraCalls: true }, [a, c], [b, a, b, c, b], 1],
    ['the wrong order', { allowExtraCalls: true }, [a, c], [c, b, a], 0],
    ['the wrong order', { allowExtraCalls: true, order: 'free' }, [a, c], [c, b, a], 1],
    ['one missing', {}, [a, b], [a], 0],
    ['one missing', { allowExtraCalls: true, order: 'free' }, [a, a], [a, b], 0],
    ['other arguments', {}, [a], [call('a', { x: 2 })], 0],
    ['other arguments', { arguments: 'ignore' }, [a], [call('a', { x: 2 })], 1],
    ['other arguments', { ignoreArguments: ['x'] }, [a], [call('a', { x: 2 })], 1],
    ['another name', { arguments: 'ignore' }, [a], [b], 0],
    ['more arguments', {}, [a], [call('a', { x: 1, y: 2 })], 0],
    ['more arguments', { arguments: 'partial' }, [a], [call('a', { x: 1, y: 2 })], 1],
    ['fewer arguments', { arguments: 'partial' }, [call('a', { x: 1, y: 2 })], [a], 0],
    ['fields in another order', {}, [call('a', { x: 1, y: 2 })], [call('a', { y: 2, x: 1 })], 1],
    ['a number as a text', {}, [a], [call('a', { x: '1' })], 0],
  ])('%s with %j', async (_, config, expected, toolCalls, value) => {
    expect(await verdictOf('tool_call_match', config, { output: '', toolCalls, expected })).toBe(
      value,
    );
  });

  test.each<[Json, Json, number]>([
    [{ o: { x: 1 } }, { o: { x: 1, y: 2 }, z: 3 }, 1],
    [{ o: { x: 1 } }, { o: { y: 2 } }, 0],
    [{ l: [{ x: 1 }] }, { l: [{ x: 1, y: 2 }] }, 1],
    [{ l: [1] }, { l: [1, 2] }, 0],
    [{ l: {} }, { l: [] }, 0],
    [{ toString: 1 }, {}, 0],
  ])('partial: %j within %j is %d', async (wanted, given, value) => {
    const item = { output: '', toolCalls: [call('a', given)], expected: [call('a', wanted)] };
    expect(await verdictOf('tool_call_match', { arguments: 'partial' }, item)).toBe(value);
  });

  test('ignores paths at any depth, on both sides', async () => {
    const config = { ignoreArguments: ['meta.time', 'list.0.id', 'none.such'] };
    const made = call('a', { meta: { time: 1, by: 'x' }, list: [{ id: 1, v: 2 }] });
    const item = (given: Json) => ({ output: '', toolCalls: [made], expected: [call('a', given)] });
    const same = { meta: { time: 2, by: 'x' }, list: [{ id: 9, v: 2 }] };
    expect(await verdictOf('tool_call_match', config, item(same))).toBe(1);
    const absent = { meta: { by: 'x' }, list: [{ v: 2 }] };
    expect(await verdictOf('tool_call_match', config, item(absent))).toBe(1);
    const other = { meta: { by: 'y' }, list: [{ v: 2 }] };
    expect(await verdictOf('tool_call_match', config, item(other))).toBe(0);
  });

  test('free order is no matter of who chooses first', async () => {
    const config = { arguments: 'partial', order: 'free' };
    const toolCalls = [call('a', { x: 1, y: 1 }), call('a', { x: 1 })];
    const expected = [call('a', { x: 1 }), call('a', { y: 1 })];
    expect(await verdictOf('tool_call_match', config, { output: '', toolCalls, expected })).toBe(1);
  });

  test.each<[Config, Call[], string]>([
    [{}, [b], 'call 1 is b, expected a'],
    [{}, [call('a', { x: 2 })], 'call 1, a, differs at x'],
    [{}, [a], '1 call was made, 2 expected'],
    [{ order: 'free' }, [a, a], 'no call is left to match the expected b'],
    [
      { allowExtraCalls: true },
      [b, a],
      'no call matches expected call 2, b, after those before it',
    ],
  ])('says what is wrong with %j', async (config, toolCalls, reason) => {
    const item = { output: '', toolCalls, expected: [a, b] };
    expect((await scoreCase({ metric: 'tool_call_match', config }, item)).reason).toBe(reason);
  });
});

describe('tool_call_f1', () => {
  const [a, b, c] = [call('a', { x: 1 }), call('b'), call('c')];
  test.each<[Call[], Call[], Config, number, number | null, number | null]>([
    [[a, b], [b, a], {}, 1, 1, 1],
    [[a, b], [a, c], {}, 0.5, 0.5, 0.5],
    [[a, b, c], [a], {}, 0.5, 1, 1 / 3],
    [[a], [a, a], {}, 2 / 3, 0.5, 1],
    [[a], [call('a', { x: 2 })], {}, 0, 0, 0],
    [[a], [call('a', { x: 2 })], { by: 'name' }, 1, 1, 1],
    [[a], [call('a', { x: 2 })], { ignoreArguments: ['x'] }, 1, 1, 1],
    [[], [], {}, 1, null, null],
    [[a], [], {}, 0, null, 0],
    [[], [a], {}, 0, 0, null],
  ])('expected %j, made %j, %j', async (expected, toolCalls, config, value, precision, recall) => {
    const item = { output: '', toolCalls, expected };
    const score = await scoreCase({ metric: 'tool_call_f1', config }, item);
    expect(score.value).toBeCloseTo(value, 9);
    expect(score.details).toMatchObject({ precision, recall });
  });
});

describe('step_count', () => {
  test.each<[Json, Config, number | string]>([
    [[call('a'), call('b')], {}, 2],
    [{ run: { steps: [1, 2, 3] } }, { steps: 'run.steps' }, 3],
    ['{"steps":[]}', { steps: 'steps' }, 0],
    ['no JSON', { steps: 'steps' }, 'error'],
    [{ steps: 3 }, { steps: 'steps' }, 'error'],
  ])('%j with %j is %s', async (output, config, value) => {
    expect(await verdictOf('step_count', config, { output })).toBe(value);
  });
});

let state = 11;
const random = (below: number) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

test('pairUp finds as many pairs as there are, as trying everything does', () => {
  const most = (rows: boolean[][], used: ReadonlySet<number> = new Set()): number => {
    const [first, ...rest] = rows;
    if (!first) return 0;
    const taken = first.flatMap((fits, place) =>
      fits && !used.has(place) ? [1 + most(rest, new Set([...used, place]))] : [],
    );
    return Math.max(most(rest, used), ...taken);
  };
  for (let round = 0; round < 500; round += 1) {
    const width = random(6);
    const rows = Array.from({ length: random(6) }, () =>
      Array.from({ length: width }, () => random(3) === 0),
    );
    const places = Array.from({ length: width }, (_, place) => place);
    const partners = pairUp(rows, places, (row, place) => row[place] === true);
    const found = partners.filter((partner) => partner !== undefined);
    expect(new Set(found).size).toBe(found.length);
    for (const [row, partner] of partners.entries()) {
      expect(partner === undefined || rows[row]?.[partner]).toBe(true);
    }
    expect(found.length).toBe(most(rows));
  }
});

describe('tool metrics bear', () => {
  const metrics = ['tool_call_match', 'tool_call_f1', 'step_count'];
  const configs: Config[] = [{}, { arguments: 'partial', order: 'free' }, { order: 'free' }];
  const outcomes = async (item: { output: Json; expected?: Json }) => {
    const specs = metrics.flatMap((metric) =>
      (metric === 'tool_call_match' ? configs : [{}]).map((config) => ({ metric, config })),
    );
    return Promise.all(specs.map(async (spec) => scoreCase(spec, item)));
  };

  const json = (depth = 0): Json => {
    const kind = random(depth > 4 ? 3 : 6);
    if (kind === 0) return [null, true, 0, -0, 1e308, ''][random(6)] ?? null;
    if (kind <= 2) return String.fromCharCode(random(0x10000)).repeat(random(3));
    const values = Array.from({ length: random(4) }, () => json(depth + 1));
    if (kind === 3) return values;
    const names = ['name', 'arguments', 'function', 'type', 'tool_calls', '__proto__', 'input'];
    return Object.fromEntries(values.map((value) => [names[random(names.length)] ?? '', value]));
  };

  test('any JSON', async () => {
    for (let round = 0; round < 500; round += 1) {
      const output = json();
      const scores = await outcomes({ output, expected: random(2) === 0 ? json() : output });
      expect(scores.filter(({ reason }) => reason?.includes('the metric broke'))).toEqual([]);
    }
  });

  test('JSON that nests deeper than the stack', async () => {
    let deep: Json = 'core';
    for (let depth = 0; depth < 50_000; depth += 1) deep = { next: deep };
    let other: Json = 'other';
    for (let depth = 0; depth < 50_000; depth += 1) other = { next: other };
    const same = await outcomes({ output: [call('a', deep)], expected: [call('a', deep)] });
    expect(same.map(({ value }) => value)).toEqual([1, 1, 1, 1, 1]);
    const different = await outcomes({ output: [call('a', deep)], expected: [call('a', other)] });
    expect(different.map(({ value }) => value)).toEqual([0, 0, 0, 0, 1]);
    await outcomes({ output: deep, expected: deep });
    await outcomes({ output: '['.repeat(1_000_000), expected: '{"a":'.repeat(200_000) });
  });

  test('a thousand calls that all fit each other, and no more', async () => {
    const calls = (count: number) =>
      Array.from({ length: count }, () => call('a', { x: 'y'.repeat(100) }));
    const many = await outcomes({ output: calls(1000), expected: calls(999) });
    expect(many.map(({ outcome }) => outcome)).toEqual(many.map(() => 'scored'));
    const few = await outcomes({ output: calls(500), expected: calls(1000) });
    expect(few.map(({ value }) => value)).toEqual([0, 0, 0, 2 / 3, 500]);
    const beyond = await outcomes({ output: calls(1001), expected: calls(1) });
    expect(beyond.map(({ outcome }) => outcome)).toEqual(beyond.map(() => 'error'));
  });

  test('arguments too large to compare, as an error', async () => {
    // All alike but for the field that is compared last, so that every pair takes all of the work.
    const large = (first: number) =>
      Array.from({ length: 1000 }, (_, place) =>
        call('a', { first: first + place, list: Array.from({ length: 100 }, () => 1) }),
      );
    const { outcome, reason } = await scoreCase(
      { metric: 'tool_call_match', config: { order: 'free' } },
      { output: large(0), expected: large(1000) },
    );
    expect([outcome, reason]).toEqual([
      'error',
      'the tool calls have too many arguments to compare',
    ]);
  });
});
