import { expect, test } from '@jest/globals';
import { faultsByField, formOf, readItemForm } from './item-form.ts';

const items = [
  { input: 'a text' },
  {
    key: 'k',
    input: { q: [1, 'x'] },
    expected: '',
    metadata: { m: null },
    tags: ['t'],
    split: 's',
  },
  { key: 'k', input: null, expected: 0 },
  { input: '{"looks": "like JSON"}', expected: 'null' },
];

test.each(items)('%j is the same after it stood in the form', (item) => {
  expect(readItemForm(formOf(item))).toEqual({ item });
});

test('what cannot be read is told at its field', () => {
  const form = formOf({ input: 1, expected: 1 });
  expect(
    readItemForm({
      ...form,
      input: { kind: 'none', text: '' },
      expected: { kind: 'json', text: '{' },
      metadata: '[1]',
    }),
  ).toEqual({
    faults: {
      input: 'must be given',
      expected: expect.stringContaining('is no JSON'),
      metadata: expect.stringContaining('must be a JSON object'),
    },
  });
});

test('faults of the server stand at their field, with the place inside it', () => {
  expect(
    faultsByField([
      { path: 'input.question', message: 'must be there' },
      { path: 'input', message: 'is short' },
      { path: 'tags.0', message: 'is empty' },
      { path: '', message: 'is no key there' },
      { path: 'else', message: 'is unknown' },
    ]),
  ).toEqual({
    fields: { input: 'question: must be there; is short', tags: '0: is empty' },
    rest: ['is no key there', 'else: is unknown'],
  });
});
