import { afterAll, describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { createSandbox } from '#libs/sandbox';
import { noTools, scoreCase, verdictOf } from '#test/scoring';

type Config = NonNullable<MetricSpec['config']>;

const sandbox = createSandbox();
afterAll(async () => sandbox.close());
const tools = { ...noTools, sandbox };

const auto = { fence: 'auto' };
const python = { language: 'python' };

describe('xml_validity, sql_validity and code_validity', () => {
  test.each<[string, Json, Config, number]>([
    ['xml_validity', '<?xml version="1.0"?><a b="1"><c>&amp;</c></a>', {}, 1],
    ['xml_validity', '<a><b></a></b>', {}, 0],
    ['xml_validity', '<a>&nbsp;</a>', {}, 0],
    ['xml_validity', '<a/><b/>', {}, 0],
    ['xml_validity', 'text', {}, 0],
    ['xml_validity', '<a:b/>', {}, 0],
    ['xml_validity', '<a xmlns:a="u"><a:b/></a>', {}, 1],
    ['xml_validity', { a: 1 }, {}, 0],
    ['xml_validity', ' ', {}, 0],
    ['xml_validity', 'Here:\n```xml\n<a/>\n```', {}, 0],
    ['xml_validity', 'Here:\n```xml\n<a/>\n```', auto, 1],
    ['sql_validity', 'SELECT * FROM t', {}, 1],
    ['sql_validity', 'SELECT * FORM t', {}, 0],
    ['sql_validity', 'SELECT 1; SELECT 2', {}, 1],
    ['sql_validity', '-- nothing', {}, 0],
    ['sql_validity', '', {}, 0],
    ['sql_validity', 42, {}, 0],
    ['sql_validity', 'SELECT `a` FROM t', {}, 0],
    ['sql_validity', 'SELECT `a` FROM t', { dialect: 'mysql' }, 1],
    ['sql_validity', 'SELECT a::int FROM t', { dialect: 'sqlite' }, 0],
    ['sql_validity', '```postgres\nSELECT a::int FROM t\n```', auto, 1],
    ['code_validity', 'print("x")\n', python, 1],
    ['code_validity', 'print("x"\n', python, 0],
    ['code_validity', 'Sure! Here is the code: print(1)', python, 0],
    ['code_validity', '', python, 0],
    ['code_validity', null, python, 0],
    ['code_validity', 'let x: number = 1;', { language: 'typescript' }, 1],
    ['code_validity', 'let x: number = 1;', { language: 'javascript' }, 0],
    ['code_validity', '```sh\nls\n```\n\n```py\nx = 1\n```', { ...python, ...auto }, 1],
    ['code_validity', '```sh\nif [ -f x ]; then ls; fi\n```', { ...python, ...auto }, 0],
    ['code_validity', 'x = 1', { ...python, ...auto }, 1],
    ['code_validity', '```python\n\n```', { ...python, ...auto }, 0],
  ])('%s: %j with %j is %d', async (metric, output, config, value) => {
    expect(await verdictOf(metric, config, { output }, tools)).toBe(value);
  });

  test('say what is wrong, and where', async () => {
    const score = async (metric: string, config: Config, output: Json) =>
      scoreCase({ metric, config }, { output }, tools);
    expect(await score('sql_validity', {}, 'SELECT 1\nFROM from t')).toMatchObject({
      reason: expect.stringMatching(/^line 2: syntax error/),
      details: { line: 2, column: 6 },
    });
    expect(await score('code_validity', python, 'x = 1\ny = (2')).toMatchObject({
      value: 0,
      reason: expect.stringMatching(/^line 2: /),
      details: { line: 2 },
    });
    expect((await score('xml_validity', {}, [1])).reason).toBe('it is a list, not a text');
    expect((await score('xml_validity', {}, '')).reason).toBe('it is empty');
  });

  test('give an error where a text is beyond what is parsed', async () => {
    const spec = { metric: 'xml_validity' };
    const output = `<a>${'x'.repeat(2_000_001)}</a>`;
    expect(await scoreCase(spec, { output }, tools)).toMatchObject({
      outcome: 'error',
      reason: 'the text has more than 2000000 characters',
    });
  });

  test('find a fence among a megabyte of them', async () => {
    const output = '```x\n'.repeat(200_000) + '```\n```python\nx = 1\n```';
    const config = { ...python, ...auto };
    expect(await verdictOf('code_validity', config, { output }, tools)).toBe(1);
  });
});
