import { expect, test } from '@jest/globals';
import type { Json } from '#libs/contracts';
import { gist } from './json-text.ts';

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
