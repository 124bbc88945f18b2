import { expect, test } from '@jest/globals';
import type { Json } from '#libs/contracts';
import { asJson, gist } from './json-text.ts';

test.each<[Json, string]>([
  ['a\n  text', 'a text'],
  [null, '–'],
  [3, '3'],
  [{ question: 'Who?' }, 'Who?'],
  [{ question: 'Who?', hint: null, n: 2 }, 'question: Who? · hint: – · n: 2'],
  [
    {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Who?' },
      ],
    },
    'Who?',
  ],
  [[{ role: 'user', content: [{ type: 'text' }] }], '[{"type":"text"}]'],
  [['a', 'b'], '["a","b"]'],
  [{}, '{}'],
])('%j reads %s', (value, text) => {
  expect(gist(value)).toBe(text);
});

test('what is long is cut', () => {
  expect(gist({ a: 'x'.repeat(50), b: 'y' }, 20)).toBe(`a: ${'x'.repeat(17)}x…`);
});

test.each<[Json, string]>([
  ['a\ntext', '"a\\ntext"'],
  [{ a: 1 }, '{\n  "a": 1\n}'],
  [' {"a": 1} ', '{\n  "a": 1\n}'],
  ['[1]', '[\n  1\n]'],
  ['{"a": ', '"{\\"a\\": "'],
  ['12', '"12"'],
  [null, 'null'],
])('%j is %j as JSON', (value, text) => {
  expect(asJson(value)).toBe(text);
});
