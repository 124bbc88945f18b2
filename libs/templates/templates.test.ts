import { describe, expect, test } from '@jest/globals';
import { RequestError, submitRun } from '#libs/contracts';
import { compilePrompt } from '#libs/templating';
import {
  applyTemplate,
  asksModels,
  checkTemplate,
  fromYaml,
  presets,
  recommendTemplates,
  toYaml,
  type SampledItem,
} from './index.ts';

const of = (wanted: string) => {
  const preset = presets.find(({ name }) => name === wanted);
  if (!preset) throw new Error(`no preset ${wanted}`);
  return preset.content;
};
const datasetId = '0199a7a4-3c1e-7bb2-9f0e-5a3a2f1f7c11';
const judge = { provider: 'judges', model: 'judge-1' };

describe.each(presets)('the preset $name', ({ name, content }) => {
  test('is sound, and its prompt can be rendered for each of its examples', () => {
    checkTemplate(content);
    expect(content.bestPractice).toHaveLength(3);
    expect(content.examples.length).toBeGreaterThanOrEqual(3);
    const prompt = compilePrompt(content.prompt);
    for (const { input, expected = null, metadata = {} } of content.examples) {
      const messages = prompt.render({ input, expected, metadata, key: 'k', repeat: 0 });
      expect(messages.at(-1)?.content).not.toMatch(/\{\{|\[object/);
    }
  });

  test('is the same after a way through YAML', () => {
    expect(fromYaml(toYaml(name, content))).toEqual({ name, content });
  });

  test('becomes a body that submits a run, with a model in every judge', () => {
    const body = applyTemplate(content, { datasetId, provider: 'openai', model: 'm', judge });
    const run = submitRun.parse(body);
    expect(run.target).toMatchObject({ kind: 'model', provider: 'openai', model: 'm' });
    const judged = run.metrics.filter(({ config }) => config?.model !== undefined);
    expect(judged.length > 0).toBe(asksModels(content.metrics));
    for (const { config } of judged) expect(config?.model).toEqual(judge);
  });

  test('is recommended first for its own examples', async () => {
    const ranked = await recommendTemplates(
      presets.map(({ name, content }) => ({ id: name, name, content })),
      { items: content.examples, description: content.description },
    );
    expect(ranked[0]?.id).toBe(name);
  });
});

test('models are filled in within composite metrics too, and kept where they are given', () => {
  const own = { provider: 'mine', model: 'own' };
  const content = {
    ...of('general'),
    metrics: [
      { metric: 'all_of', config: { metrics: [{ metric: 'closed_qa' }, { metric: 'refusal' }] } },
      { metric: 'closed_qa', config: { model: own } },
      { metric: 'semantic_similarity' },
    ],
  };
  const how = { datasetId, provider: 'openai', model: 'm' };
  expect(() => applyTemplate(content, how)).toThrow('embeddings');
  const embeddings = { provider: 'openai', model: 'e' };
  const { metrics } = applyTemplate(content, { ...how, embeddings });
  expect(metrics).toMatchObject([
    { config: { metrics: [{ config: { model: { model: 'm' } } }, { metric: 'refusal' }] } },
    { config: { model: own } },
    { config: { model: embeddings } },
  ]);
});

test('a template is refused with each field that is wrong', () => {
  const content = {
    ...of('general'),
    prompt: { messages: [{ role: 'user' as const, content: 'a\n{{ input' }] },
    metrics: [{ metric: 'no_such' }, { metric: 'rubric' }],
  };
  expect(() => checkTemplate(content)).toThrow(
    expect.objectContaining({
      code: 'invalid_template',
      errors: [
        expect.objectContaining({ field: 'content.prompt.messages.0.content', line: 2 }),
        expect.objectContaining({ field: 'content.metrics.0.metric' }),
        expect.objectContaining({ field: 'content.metrics.1.config.criteria' }),
      ],
    }),
  );
});

describe('YAML that is no template is refused with the line', () => {
  const good = toYaml('general', of('general'));
  const lines = good.split('\n').length;
  test.each([
    ['a tag', `${good}extra: !!js/function "x"\n`, lines],
    ['a tag of its own', `${good}extra: !mine x\n`, lines],
    ['a key twice', `${good}name: again\n`, lines],
    ['an unknown field', `${good}extra: 1\n`, lines],
    ['a wrong value', good.replace(/^repeats: 1$/m, 'repeats: many'), undefined],
    ['broken YAML', 'name: "x\n', undefined],
    ['two documents', `${good}---\nname: b\n`, lines],
    ['no mapping', 'just text', 1],
    ['a tag that YAML knows', good.replace('title: ', 'title: !!binary '), 2],
    ['deep nesting', '['.repeat(50_000), undefined],
    [
      'aliases that multiply',
      `name: x\nbombs:\n  - &a [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 8 }, (_, i) => `  - &${String.fromCharCode(98 + i)} [${Array.from({ length: 9 }, () => `*${String.fromCharCode(97 + i)}`).join(', ')}]`).join('\n')}\n`,
      undefined,
    ],
  ])('%s', (_, yaml, line) => {
    const { code, errors } = refusalOf(yaml);
    expect(code).toBe('invalid_yaml');
    expect(line === undefined || errors.some((fault) => fault.line === line)).toBe(true);
  });
});

test('an alias without its anchor is said to be that', () => {
  expect(refusalOf('name: *nobody\n').message).toContain('nobody');
});

test('more keys than can be compared with each other are not begun', () => {
  const keys = Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`);
  expect(refusalOf(keys.join('\n')).message).toContain('too many parts');
});

function refusalOf(yaml: string): RequestError {
  try {
    fromYaml(yaml);
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error('the YAML was taken');
}

describe('what is recommended for a typical dataset', () => {
  const candidates = presets.map(({ name, content }) => ({ id: name, name, content }));
  const times = (count: number, item: (index: number) => SampledItem) =>
    Array.from({ length: count }, (_, index) => item(index));
  const long = 'The committee met on Monday to speak about the new bridge over the river. '.repeat(
    10,
  );
  test.each<[string, string, SampledItem[]]>([
    [
      'question_answering',
      'sums in words, as in GSM8K',
      times(20, (n) => ({
        input: { question: `Ann has ${n} apples and buys ${n * 2}. How many does she have now?` },
        expected: String(n * 3),
      })),
    ],
    [
      'question_answering',
      'sums in words, with the working out',
      times(20, (n) => ({
        input: { question: `Ann has ${n} apples and buys ${n * 2}. How many does she have now?` },
        expected: `Ann buys ${n * 2} apples, so she has ${n} + ${n * 2} = ${n * 3} of them.\n#### ${n * 3}`,
      })),
    ],
    [
      'rag',
      'questions with passages',
      times(20, (n) => ({
        input: { question: `Who runs shop ${n}?`, contexts: [`Shop ${n} is run by Mr ${n}.`] },
        expected: `Mr ${n}`,
      })),
    ],
    [
      'classification',
      'texts with one of three labels',
      times(30, (n) => ({
        input: `Review number ${n}: it was like this and like that.`,
        expected: ['good', 'bad', 'mixed'][n % 3] ?? 'good',
      })),
    ],
    [
      'summarisation',
      'articles and their short forms',
      times(10, (n) => ({
        input: { article: `${long} Paper ${n}.` },
        expected: `The committee met to speak about the new bridge, paper ${n}.`,
      })),
    ],
    [
      'extraction',
      'texts and objects',
      times(10, (n) => ({
        input: `Bill ${n} of Smith, 20 euros`,
        expected: { no: n, by: 'Smith' },
      })),
    ],
    [
      'tool_use',
      'requests and calls',
      times(10, (n) => ({
        input: `Set a timer of ${n} minutes`,
        expected: [{ name: 'timer', arguments: { minutes: n } }],
      })),
    ],
    [
      'code_generation',
      'functions with tests, as in HumanEval',
      times(10, (n) => ({
        input: { prompt: `def add_${n}(x):\n    """Adds ${n}."""\n` },
        expected: `    return x + ${n}\n`,
        metadata: { entry_point: `add_${n}`, test: 'assert True' },
      })),
    ],
    [
      'chat_safety',
      'conversations',
      times(10, (n) => ({ input: { messages: [{ role: 'user', content: `Hello, I am ${n}` }] } })),
    ],
    [
      'translation',
      'pairs of sentences',
      times(10, (n) => ({
        input: { text: `Der Zug ${n} fährt heute nicht.`, source_lang: 'de', target_lang: 'en' },
        expected: `Train number ${n} does not run today.`,
      })),
    ],
    [
      'translation',
      'pairs of sentences that do not say their languages',
      times(10, (n) => ({
        input: `Der Zug ${n} fährt heute nicht.`,
        expected: `Train number ${n} does not run today.`,
      })),
    ],
    [
      'summarisation',
      'documents and their short forms, which are no context of questions',
      times(10, (n) => ({
        input: { document: `${long} Paper ${n}.` },
        expected: `The committee met to speak about the new bridge, paper ${n}.`,
      })),
    ],
    [
      'summarisation',
      'texts without gaps between words',
      times(10, (n) => ({
        input: `${'委員会は月曜日に川に架かる新しい橋について話し合うために集まりました。'.repeat(8)}${n}`,
        expected: '委員会は新しい橋について話し合った。',
      })),
    ],
    [
      'question_answering',
      'questions in other signs, with several answers that are right',
      times(10, (n) => ({
        input: `第${n}の都市を流れる川は何ですか？`,
        expected: [`川${n}`, '大川'],
      })),
    ],
    [
      'extraction',
      'texts and lists of objects',
      times(10, (n) => ({
        input: `Angela met Bob number ${n} in Berlin.`,
        expected: [{ type: 'place', text: 'Berlin' }],
      })),
    ],
    [
      'extraction',
      'texts and JSON that is written as text',
      times(10, (n) => ({
        input: `Bill ${n} of Smith, 20 euros`,
        expected: JSON.stringify({ no: n, by: 'Smith' }),
      })),
    ],
    [
      'classification',
      'conversations with labels',
      times(10, (n) => ({
        input: [{ role: 'user', content: `A good film, number ${n}` }],
        expected: n % 2 === 0 ? 'positive' : 'negative',
      })),
    ],
  ])('%s for %s', async (wanted, _, items) => {
    const [first] = await recommendTemplates(candidates, { items });
    expect(first?.id).toBe(wanted);
    expect(first?.score).toBeGreaterThan(0.5);
    expect(first?.reasons.length).toBeGreaterThan(0);
  });

  test('a description alone decides too, and says by which words', async () => {
    const [first] = await recommendTemplates(candidates, {
      description: 'Sentiment labels for reviews in our shop',
    });
    expect(first).toMatchObject({
      id: 'classification',
      reasons: ['The description says “sentiment”, “labels”.'],
    });
  });

  test.each([
    ['classification', 'Examples of support tickets, sorted into departments'],
    ['rag', 'Chatbot that answers from our internal documentation'],
    ['rag', 'Fragen und Antworten zu unseren Dokumenten'],
    ['summarisation', 'Summaries of legal documents'],
    ['summarisation', 'テキスト要約'],
    ['translation', 'Übersetzung von Deutsch nach Englisch'],
    ['classification', 'German customer reviews: sentiment'],
    ['code_generation', 'Generate SQL queries from questions'],
    ['extraction', 'Extraire les champs des factures en JSON'],
    ['question_answering', 'Réponses à des questions de culture générale'],
    ['tool_use', 'An agent that books flights through function calling'],
    ['chat_safety', 'Is our support chatbot polite and safe?'],
    ['general', 'Something of which nobody says what it is'],
  ])('%s for the description “%s”, and nothing else as much', async (wanted, description) => {
    const [first, second] = await recommendTemplates(candidates, { description });
    expect(first?.id).toBe(wanted);
    expect(first?.score).toBeGreaterThan(second?.score ?? 1);
    expect(first?.reasons.length).toBeGreaterThan(0);
  });

  test('several right answers count as expected values', async () => {
    const ranked = await recommendTemplates(candidates, {
      items: times(5, (n) => ({ input: `Who was number ${n}?`, expected: ['A', 'Mr A'] })),
    });
    expect(ranked.flatMap(({ problems }) => problems).join(' ')).not.toContain('no expected value');
  });

  test('what a dataset lacks is said', async () => {
    const ranked = await recommendTemplates(candidates, { items: [{ input: 'Who is that?' }] });
    expect(ranked.find(({ id }) => id === 'rag')?.problems.join(' ')).toContain('no context');
  });

  test('a template of the project is held against the fields that it asks for', async () => {
    const content = {
      ...of('general'),
      inputSchema: { type: 'object', required: ['ticket', 'customer'] },
    };
    const own = { id: 'own', name: 'tickets', content };
    const given = async (input: Record<string, string>) =>
      (await recommendTemplates([own], { items: [{ input }] }))[0];
    expect((await given({ ticket: 'a', customer: 'b' }))?.score).toBeGreaterThan(0.5);
    expect((await given({ ticket: 'a' }))?.problems).toEqual(['The inputs lack customer.']);
  });
});
