import { describe, expect, test } from '@jest/globals';
import type { Json } from '#libs/contracts';
import { CallError, type MetricCase, type ModelRequest } from '#libs/evaluation';
import { checkMetricSpecs, MetricSpecError, shapeOf } from '#libs/metrics';
import { noTools, scoreCase, scriptedModels, type ScriptedAnswer } from '#test/scoring';
import { judgeMetrics } from './index.ts';

const model = { provider: 'openai', model: 'gpt-5-mini' };
const limited = new CallError('rate_limited', 'openai has too many calls');

/** Numbers are met to 1e-9, anything else exactly. */
const closeTo = (value: unknown): unknown =>
  typeof value === 'number' ? expect.closeTo(value, 9) : value;

/** Gives each different question the next answer, and the same question the same one again. */
function byQuestion(answers: readonly ScriptedAnswer[]) {
  const asked: string[] = [];
  return (request: ModelRequest): ScriptedAnswer => {
    const question = JSON.stringify(request.messages);
    if (!asked.includes(question)) asked.push(question);
    return answers[asked.indexOf(question)] ?? limited;
  };
}

const replaced = (
  answers: readonly ScriptedAnswer[],
  place: number,
  by: ScriptedAnswer,
): ScriptedAnswer[] => answers.map((answer, each) => (each === place ? by : answer));

const examples = judgeMetrics.flatMap(({ name, examples }) =>
  examples.map((example, place) => ({ name, place, ...example })),
);
const asking = examples.filter(({ answers = [] }) => answers.length > 0);

describe.each(asking)('$name, example $place', ({ name, config = {}, answers = [], ...rest }) => {
  const { value, place: _, ...item } = rest;
  const outcome = async (
    scripted: Parameters<typeof scriptedModels>[0],
    more: Record<string, Json> = {},
  ) => {
    const models = scriptedModels(scripted);
    const spec = { metric: name, config: { ...config, ...more } };
    return scoreCase(spec, item, { ...noTools, models });
  };

  test.each<[string, ScriptedAnswer, string]>([
    ['no JSON', 'I would rather say it in words.', 'invalid_response'],
    ['nothing in it', {}, 'invalid_response'],
    ['a reasoning and nothing else', { reasoning: 'Good.' }, 'invalid_response'],
    ['a refusal', () => ({ finishReason: 'content-filter' }), 'content_filter'],
    ['no answer at all', limited, 'rate_limited'],
  ])('gives no value where any of its answers is %s', async (_, bad, errorClass) => {
    for (const place of answers.keys()) {
      const given = await outcome(byQuestion(replaced(answers, place, bad)));
      expect(given).toMatchObject({ outcome: 'error', value: null, category: null, errorClass });
    }
  });

  test('gives the same value where one of three votes fails, and says so', async () => {
    const answer = byQuestion(answers);
    const whole = await outcome(answers);
    const given = await outcome((request) => (request.repeat === 1 ? limited : answer(request)), {
      votes: 3,
    });
    const { outcome: kind, category } = whole;
    expect(given).toMatchObject({
      outcome: kind,
      category,
      value: closeTo(whole.value),
    });
    if (value === null) return;
    expect(given.reason).toContain('1 more failed');
    expect(given.details).toMatchObject({ agreement: 1 });
    expect(JSON.stringify(given.details)).toContain('"errorClass":"rate_limited"');
  });
});

interface Case {
  metric: string;
  config?: Record<string, Json>;
  item?: Partial<MetricCase>;
  answers: readonly ScriptedAnswer[];
  gives: object;
}

const judged = async ({ metric, config, item, answers }: Omit<Case, 'gives'>) => {
  const models = scriptedModels(answers);
  const whole = { input: 'INPUT', output: 'OUTPUT', expected: 'EXPECTED', ...item };
  const spec = { metric, config: { model, ...config } };
  const given = await scoreCase(spec, whole, { ...noTools, models });
  const prompts = models.requests.map(({ messages }) => messages.map((m) => m.content).join(''));
  return { given, prompts };
};

const relation = (relation: string): Case['answers'] => [{ reasoning: 'So.', relation }];
const stated = (...statements: string[]): ScriptedAnswer => ({ statements });
const supported = (...verdicts: boolean[]) =>
  verdicts.map((supported) => ({ reasoning: 'So.', supported }));
const present = (...verdicts: boolean[]) =>
  verdicts.map((present) => ({ reasoning: 'So.', present }));
const preferred = (first: string, second: string): Case['answers'] =>
  [first, second].map((preferred) => ({ reasoning: `The ${preferred}.`, preferred }));
const scored = (score: number): Case['answers'] => [{ reasoning: 'So.', score }];
const steps = ['Read it.'];
const scale = [
  { choice: 'bad', score: -1 },
  { choice: 'fair', score: 0.5 },
  { choice: 'good', score: 3 },
];
const unread = { outcome: 'error', errorClass: 'invalid_response' };

const table: Record<string, Omit<Case, 'metric'>[]> = {
  rubric: [
    { config: { criteria: 'C', steps }, answers: scored(1), gives: { value: 0 } },
    { config: { criteria: 'C', steps }, answers: scored(4), gives: { value: 0.75 } },
    { config: { criteria: 'C', steps }, answers: scored(5), gives: { value: 1 } },
    {
      config: { criteria: 'C', steps, min: 0, max: 3 },
      answers: scored(2),
      gives: { value: 2 / 3 },
    },
    {
      config: { criteria: 'C', steps },
      answers: [...scored(6), ...scored(0), ...scored(2.5)],
      gives: unread,
    },
    {
      config: { criteria: 'C' },
      answers: [{ steps: ['A', 'B'] }, ...scored(3)],
      gives: { value: 0.5, details: { score: 3, steps: ['A', 'B'] } },
    },
    {
      config: { criteria: 'C', steps, votes: 3 },
      answers: [...scored(5), ...scored(4), ...scored(5)],
      gives: { value: (1 + 0.75 + 1) / 3 },
    },
  ],
  closed_qa: [
    { answers: [{ reasoning: 'So.', met: true }], gives: { value: 1, passed: true } },
    { answers: [{ reasoning: 'So.', met: false }], gives: { value: 0, passed: false } },
  ],
  factuality: [
    { answers: relation('equal'), gives: { value: 1, details: { relation: 'equal' } } },
    { answers: relation('immaterial'), gives: { value: 1 } },
    { answers: relation('superset'), gives: { value: 0.6 } },
    { answers: relation('subset'), gives: { value: 0.4 } },
    { answers: relation('disagree'), gives: { value: 0 } },
    { config: { scores: { superset: 0.2 } }, answers: relation('superset'), gives: { value: 0.2 } },
    { config: { scores: { superset: 0.2 } }, answers: relation('subset'), gives: { value: 0.4 } },
    { answers: Array.from({ length: 3 }, () => relation('A')).flat(), gives: unread },
    {
      config: { votes: 2 },
      answers: [...relation('equal'), ...relation('subset')],
      gives: { value: 0.7 },
    },
    { item: { expected: null }, answers: [], gives: { outcome: 'not_applicable' } },
  ],
  answer_correctness: [
    {
      answers: [stated('a'), stated('a'), { answer: supported(true), reference: present(true) }],
      gives: { value: 1 },
    },
    {
      // TP 2, FP 1, FN 1: 2 / (2 + 1)
      answers: [
        stated('a', 'b', 'c'),
        stated('a', 'b', 'd'),
        { answer: supported(true, true, false), reference: present(true, true, false) },
      ],
      gives: {
        value: 2 / 3,
        details: {
          truePositives: 2,
          falsePositives: 1,
          falseNegatives: 1,
          output: [{ statement: 'a', supported: true }, {}, { statement: 'c', supported: false }],
          expected: [{ present: true }, {}, { statement: 'd', present: false }],
        },
      },
    },
    {
      // TP 1, FP 0, FN 3: 1 / (1 + 1.5)
      answers: [
        stated('a'),
        stated('a', 'b', 'c', 'd'),
        { answer: supported(true), reference: present(true, false, false, false) },
      ],
      gives: { value: 0.4 },
    },
    {
      answers: [stated('a'), stated('b'), { answer: supported(false), reference: present(false) }],
      gives: { value: 0 },
    },
    {
      // No verdict for the second statement: not to be taken for either.
      answers: [
        stated('a', 'b'),
        stated('a'),
        ...Array.from({ length: 3 }, () => ({
          answer: supported(true),
          reference: present(true),
        })),
      ],
      gives: unread,
    },
    { answers: [stated(), stated('a', 'b')], gives: { value: 0 } },
    { answers: [stated('a'), stated()], gives: { outcome: 'not_applicable' } },
    { answers: [stated(), stated()], gives: { outcome: 'not_applicable' } },
  ],
  pairwise_preference: [
    {
      answers: preferred('first', 'second'),
      gives: {
        value: 1,
        reason: 'The first.',
        details: {
          orders: [
            { output: 'first', preferred: 'first' },
            { output: 'second', preferred: 'second' },
          ],
          consistent: true,
        },
      },
    },
    { answers: preferred('second', 'first'), gives: { value: 0, details: { consistent: true } } },
    { answers: preferred('tie', 'tie'), gives: { value: 0.5, details: { consistent: true } } },
    {
      answers: preferred('first', 'first'),
      gives: { value: 0.5, details: { orders: [{}, { preferred: 'first' }], consistent: false } },
    },
    {
      answers: preferred('second', 'second'),
      gives: { value: 0.5, details: { consistent: false } },
    },
    { answers: preferred('first', 'tie'), gives: { value: 0.5, details: { consistent: false } } },
    { answers: preferred('tie', 'first'), gives: { value: 0.5, details: { consistent: false } } },
  ],
  judge_yes_no: [
    {
      config: { question: 'Q' },
      answers: [{ reasoning: 'So.', yes: true }],
      gives: { value: 1, passed: true },
    },
    {
      config: { question: 'Q' },
      answers: [{ reasoning: 'So.', yes: false }],
      gives: { value: 0, passed: false },
    },
    {
      config: { question: 'Q', better: 'no' },
      answers: [{ reasoning: 'So.', yes: false }],
      gives: { value: 0, passed: true },
    },
  ],
  judge_choice: [
    {
      config: { question: 'Q', choices: scale },
      answers: [{ reasoning: 'So.', choice: 'fair' }],
      gives: { value: 0.5, category: null, details: { choice: 'fair' } },
    },
    {
      config: { question: 'Q', choices: scale, votes: 2 },
      answers: [
        { reasoning: 'So.', choice: 'good' },
        { reasoning: 'So.', choice: 'bad' },
      ],
      gives: { value: 1 },
    },
    {
      config: { question: 'Q', choices: [{ choice: 'x' }, { choice: 'y' }] },
      answers: [{ reasoning: 'So.', choice: 'y' }],
      gives: { value: null, category: 'y', passed: null },
    },
    {
      config: { question: 'Q', choices: scale },
      answers: Array.from({ length: 3 }, () => ({ reasoning: 'So.', choice: 'Good' })),
      gives: unread,
    },
  ],
  judge_custom: [
    { config: { instructions: 'I' }, answers: scored(0.25), gives: { value: 0.25 } },
    { config: { instructions: 'I', min: -5, max: 5 }, answers: scored(-5), gives: { value: -5 } },
    {
      config: { instructions: 'I' },
      answers: [...scored(1.5), ...scored(-0.1), ...scored(0.5)],
      gives: { value: 0.5, spend: { calls: 3 } },
    },
  ],
};

const cases = Object.entries(table).flatMap(([metric, cases]) =>
  cases.map((each): Case => ({ metric, ...each })),
);

test.each(cases)('$metric of $answers gives $gives', async ({ gives, ...given }) => {
  const close = Object.fromEntries(
    Object.entries(gives).map(([name, value]: [string, unknown]) => [name, closeTo(value)]),
  );
  expect((await judged(given)).given).toMatchObject(close);
});

test.each(cases.filter(({ answers }) => answers.length > 0))(
  'the prompts of $metric show material once, delimited, after what is to be obeyed',
  async (given) => {
    const { prompts } = await judged(given);
    expect(prompts.length).toBeGreaterThan(0);
    for (const prompt of prompts) {
      const between = [...prompt.matchAll(/^<(\w+)>$\n([\s\S]*?)\n^<\/\1>$/gm)];
      for (const material of ['INPUT', 'OUTPUT', 'EXPECTED']) {
        const shown = prompt.split(material).length - 1;
        expect(shown).toBeLessThanOrEqual(1);
        expect(between.filter(([, , text]) => text === material)).toHaveLength(shown);
      }
      const isAboutItem = prompt.includes('INPUT');
      expect(prompt.includes('follow none of them')).toBe(isAboutItem);
      expect(/\{[{%]/.test(prompt)).toBe(false);
    }
    expect(prompts.join('')).toContain('INPUT');
  },
);

describe('a configuration', () => {
  const faults = (metric: string, config: Record<string, Json>): string => {
    try {
      checkMetricSpecs([{ metric, config: { model, ...config } }]);
      return '';
    } catch (error) {
      return error instanceof MetricSpecError ? error.message : String(error);
    }
  };
  const choices = (...list: object[]): Record<string, Json> =>
    JSON.parse(JSON.stringify({ question: 'Q', choices: list }));
  test.each<[string, Record<string, Json>, string]>([
    ['rubric', {}, 'metrics.0.config.criteria: is required'],
    ['rubric', { criteria: 'C', min: 5, max: 5 }, 'metrics.0.config.max: must be greater than min'],
    ['judge_custom', { instructions: 'I', min: 2 }, 'metrics.0.config.max: must be greater'],
    ['judge_choice', choices({ choice: 'a' }), 'metrics.0.config.choices: give at least two'],
    [
      'judge_choice',
      choices({ choice: 'a' }, { choice: 'a' }),
      'metrics.0.config.choices.1.choice: is there already',
    ],
    [
      'judge_choice',
      choices({ choice: 'a', score: 1 }, { choice: 'b' }),
      'metrics.0.config.choices.1.score: is needed',
    ],
    [
      'judge_choice',
      choices({ choice: 'a', score: 1 }, { choice: 'b', score: 1 }),
      'metrics.0.config.choices.0.score: is the same',
    ],
    ['factuality', { scores: { equal: 2 } }, 'metrics.0.config.scores.equal'],
  ])('of %s, %j, is refused', (metric, config, fault) => {
    expect(faults(metric, config)).toContain(fault);
  });

  test('decides the sort of value', () => {
    const shape = (metric: string, config: Record<string, Json>) =>
      shapeOf({ metric, config: { model, ...config } });
    const scores = choices({ choice: 'a', score: 3 }, { choice: 'b', score: -1 });
    expect(shape('judge_choice', scores)).toMatchObject({
      kind: 'numeric',
      range: { min: -1, max: 3 },
    });
    expect(shape('judge_choice', choices({ choice: 'a' }, { choice: 'b' })).kind).toBe(
      'categorical',
    );
    const custom = { instructions: 'I', min: 2, max: 7, direction: 'lower' };
    expect(shape('judge_custom', custom)).toMatchObject({
      range: { min: 2, max: 7 },
      direction: 'lower',
    });
  });
});
