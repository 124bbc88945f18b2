import { describe, expect, test } from '@jest/globals';
import {
  compileJsonTemplate,
  compilePrompt,
  compileTemplate,
  compileUrlTemplate,
  TemplateError,
  templateVariablesOf,
} from './index.ts';

const values = {
  input: {
    question: 'Where is it?',
    list: ['a', 'b'],
    place: { city: 'Bern' },
    nothing: null,
    turns: [{ role: 'user', text: 'Hi' }, { role: 'assistant' }],
  },
  expected: 'There',
  metadata: { field: 'question', secret: 'rose!' },
  key: 'k1',
  repeat: 2,
};

const render = (text: string) => compileTemplate(text).render(values);

function failure(work: () => unknown): TemplateError {
  try {
    work();
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('a template', () => {
  test.each([
    ['{{ input.question }} ({{ key }}, {{ repeat }})', 'Where is it? (k1, 2)'],
    ['{{ input.place }} {{ input.list }}', '{"city":"Bern"} ["a","b"]'],
    ['{{ input.place | append: "!" }} {{ input.list | join: ", " }}', '{"city":"Bern"}! a, b'],
    ['{{ input.turns | join: ";" }}', '{"role":"user","text":"Hi"};{"role":"assistant"}'],
    ['{{ input.turns | where: "text" | map: "role" | first }}', 'user'],
    ['{{ input[metadata.field] }} {{ input.list[0] }} {{ input.list.size }}', 'Where is it? a 2'],
    [
      '{% for turn in input.turns %}{{ forloop.index }} {{ turn.role }} {% endfor %}',
      '1 user 2 assistant ',
    ],
    [
      '{% capture all %}{% for x in input.list %}{{ x }}{% endfor %}{% endcapture %}{{ all | upcase }}',
      'AB',
    ],
    ['{% raw %}{{ input }}{% endraw %}', '{{ input }}'],
    ['{{ 0 | date: "%Y-%m-%d %H:%M" }}', '1970-01-01 00:00'],
    ['{{ input.question | json }} {{ input.nothing | json }}', '"Where is it?" null'],
    ['', ''],
  ])('%j becomes %j', (text, rendered) => {
    expect(render(text)).toBe(rendered);
  });

  test.each([
    '{% if metadata.hint %}yes{% else %}no{% endif %}',
    '{% if metadata.hint.deep == "x" or metadata.list.size > 0 %}yes{% else %}no{% endif %}',
    '{% unless metadata.hint %}no{% endunless %}',
    '{{ metadata.hint | default: "no" }}',
    '{{ input.nothing | default: "no" }}',
    '{% assign hint = metadata.hint | default: "no" %}{{ hint }}',
    '{% case metadata.hint %}{% when "a" %}yes{% else %}no{% endcase %}',
  ])('may ask for what is missing: %s', (text) => {
    expect(render(text)).toBe('no');
  });

  test.each([
    ['one\n{{ input.hint }}', 'line 2: input.hint is missing'],
    ['{{ input.place.street.number }}', 'line 1: input.place.street is missing'],
    ['{{ input.nothing }}', 'line 1: input.nothing has no value'],
    ['{{ input.nothing | upcase }}', 'line 1: input.nothing has no value'],
    ['\n\n{% assign a = input.nothing | upcase %}', 'line 3: input.nothing has no value'],
    ['{% for x in metadata.list %}{% endfor %}', 'line 1: metadata.list is missing'],
    ['{{ input.constructor }}', 'line 1: input.constructor is missing'],
    ['{{ 1 | divided_by: 0 }}', 'line 1: a value is not a finite number'],
  ])('fails where it needs what is not there: %j', (text, message) => {
    expect(failure(() => render(text)).message).toBe(message);
  });

  test('says what is missing without the values that led there', () => {
    const { message } = failure(() => render('{{ input.place[metadata.secret] }}'));
    expect(message).toBe('line 1: input.place[metadata.secret] is missing');
    const broken = failure(() => render('{{ metadata.secret | base64_decode }}'));
    expect(broken.message).toBe('line 1: metadata.secret is not what its filter or tag takes');
  });

  test.each([
    [
      '{{ question }}',
      'there is no variable "question"; there are input, expected, metadata, key, repeat',
    ],
    ['\n{{ input.question', 'line 2: output "{{ input.question" not closed'],
    ['{% if input %}', 'line 1: tag {% if input %} not closed'],
    ['{{ input | shout }}', 'line 1: there is no filter shout'],
    ['{% include "secrets" %}', 'line 1: there is no tag "include"'],
    ['{% render "secrets" %}', 'line 1: there is no tag "render"'],
    ['{% layout "secrets" %}', 'line 1: there is no tag "layout"'],
    ['{{ input | where_exp: "a", "a" }}', 'there is no filter where_exp'],
    ['{{ constructor.constructor }}', 'there is no variable "constructor"'],
  ])('is refused where it cannot be read: %j', (text, message) => {
    expect(failure(() => compileTemplate(text)).message).toContain(message);
  });

  test('is refused where there is too much to be read', () => {
    const { what } = failure(() => compileTemplate('{% if input %}'.repeat(9000)));
    expect(what).toBe('more than 20000 of its characters are within tags');
  });

  test('may have variables of its own, and ask for them before they are set', () => {
    expect(
      render(
        '{% for x in input.list %}{% if later %}, {% endif %}{{ x }}{% assign later = true %}{% endfor %}',
      ),
    ).toBe('a, b');
  });

  test('names what it is given where its caller says so', () => {
    const template = compileTemplate('{{ rubric }}', { variables: ['rubric'] });
    expect(template.render({ rubric: 'be kind' })).toBe('be kind');
    expect(failure(() => template.render({ rubric: undefined })).what).toBe('rubric is missing');
  });

  test.each([
    ['an endless loop', '{% for i in (1..1000000000) %}a{% endfor %}'],
    [
      'loops within loops',
      '{% for i in (1..9999) %}{% for j in (1..9999) %}{% for k in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['much text', `{% for i in (1..100000) %}${'x'.repeat(20_000)}{% endfor %}`],
    ['just too much text', `{% for i in (1..41) %}${'x'.repeat(100_000)}{% endfor %}`],
    [
      'much text that is captured',
      `{% capture c %}{% for i in (1..100000) %}${'x'.repeat(1000)}{% endfor %}{% endcapture %}{{ c | url_encode }}`,
    ],
    [
      'a text that doubles',
      '{% assign x = "ab" %}{% for i in (1..99) %}{% assign x = x | append: x %}{% endfor %}',
    ],
    [
      'a text that grows where it is encoded',
      `{% capture x %}${'%'.repeat(100_000)}{% endcapture %}{{ x ${'| url_encode '.repeat(999)} }}`,
    ],
    ['a wide number', '{{ "now" | date: "%999999999d" }}'],
    [
      'long searches',
      `{% assign a = (1..100000) %}{% if ${'a contains 0 or '.repeat(999)} a %}{% endif %}`,
    ],
    [
      'long lists in filters',
      `{% assign a = (1..400000) %}{{ a ${'| reverse '.repeat(999)} | size }}`,
    ],
    [
      'searches in long lists',
      '{% assign a = (1..400000) %}{% for i in (1..999) %}{{ a | find: "b" | default: 1 }}{% endfor %}',
    ],
  ])('is stopped in %s', (_what, text) => {
    const template = compileTemplate(text);
    expect(failure(() => template.render(values)).what).toMatch(/too (much|long)|more than \d+/);
  });
});

describe('a template of a URL', () => {
  test('encodes values, once', () => {
    const template = compileUrlTemplate(
      'https://a.test/{{ input.question }}?place={{ input.place }}&q={{ input.question | url_encode }}',
    );
    expect(template.render(values)).toBe(
      'https://a.test/Where%20is%20it%3F?place=%7B%22city%22%3A%22Bern%22%7D&q=Where+is+it%3F',
    );
  });
});

describe('a prompt', () => {
  test('of one text is a message of the user', () => {
    expect(compilePrompt({ text: 'Q: {{ input.question }}' }).render(values)).toEqual([
      { role: 'user', content: 'Q: Where is it?' },
    ]);
  });

  test('of messages keeps their roles, and says which is wrong', () => {
    const prompt = compilePrompt({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'one\n{{ input.hint }}' },
      ],
    });
    expect(prompt.render({ ...values, input: { hint: 'x' } })).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'one\nx' },
    ]);
    expect(failure(() => prompt.render(values))).toMatchObject({
      path: 'messages.1.content',
      line: 2,
      message: 'messages.1.content, line 2: input.hint is missing',
    });
    expect(failure(() => compilePrompt({ text: '{{' })).path).toBe('text');
  });

  test('says what it names, in order, each once', () => {
    expect(
      templateVariablesOf({
        messages: [
          {
            role: 'system',
            content:
              '{% for turn in input.turns %}{{ turn.role }}{% endfor %}{{ input.a.b[0] }}{% assign own = key %}{{ own }}',
          },
          {
            role: 'user',
            content:
              '{{ input[metadata.field] }}{% if expected %}{{ expected | default: key }}{% endif %}',
          },
        ],
      }),
    ).toEqual(['input.turns', 'input.a.b.0', 'key', 'input', 'metadata.field', 'expected']);
  });
});

describe('JSON with templates in it', () => {
  test('keeps values as they are where a text is nothing else', () => {
    const template = compileJsonTemplate({
      list: '{{ input.list }}',
      repeat: ' {{ repeat }} ',
      text: 'no. {{ repeat }}',
      deep: [{ nothing: '{{ input.nothing }}', count: '{{ input.list | size }}' }, 1, null, true],
      '{{ key }}': 'plain',
    });
    expect(template.render(values)).toEqual({
      list: ['a', 'b'],
      repeat: 2,
      text: 'no. 2',
      deep: [{ nothing: null, count: 2 }, 1, null, true],
      '{{ key }}': 'plain',
    });
    expect(template.variables).toEqual(['input.list', 'repeat', 'input.nothing']);
  });

  test('says where what is missing is named', () => {
    const template = compileJsonTemplate({ a: ['x', { b: '{{ input.hint }}' }] });
    expect(failure(() => template.render(values)).message).toBe(
      'a.1.b, line 1: input.hint is missing',
    );
    expect(failure(() => compileJsonTemplate({ a: '{{ hint }}' })).path).toBe('a');
  });
});
