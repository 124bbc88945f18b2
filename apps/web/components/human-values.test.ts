import { expect, test } from '@jest/globals';
import { optionsOf, readNumber, scaleInWords } from './human-values.ts';

const numeric = (min: number, max: number, step: number | null = 1) =>
  ({ kind: 'numeric', min, max, step }) as const;
const keysOf = (...given: Parameters<typeof numeric>) =>
  optionsOf(numeric(...given))?.map(({ value, key }) => [value, key]);

test('a digit chooses its own number wherever all numbers are digits', () => {
  expect(keysOf(0, 2)).toEqual([
    [0, '0'],
    [1, '1'],
    [2, '2'],
  ]);
  expect(keysOf(1, 10)?.at(-1)).toEqual([10, '0']);
});

test('other numbers are chosen by their place', () => {
  expect(keysOf(-1, 1)).toEqual([
    [-1, '1'],
    [0, '2'],
    [1, '3'],
  ]);
  expect(keysOf(0, 0.3, 0.1)).toEqual([
    [0, '1'],
    [0.1, '2'],
    [0.2, '3'],
    [0.3, '4'],
  ]);
});

test('where numbers are many, or any is right, one is typed', () => {
  expect(keysOf(0, 100)).toBeUndefined();
  expect(keysOf(0, 1, null)).toBeUndefined();
});

test.each([
  ['7', { value: 7 }],
  [' 7,5 ', { fault: 'Give 0, or steps of 1 from there' }],
  ['-1', { fault: 'Give a number from 0 to 100' }],
  ['', { fault: 'Give a number' }],
  ['many', { fault: 'Give a number' }],
])('what is typed as %p reads %p', (text, read) => {
  expect(readNumber(text, numeric(0, 100))).toEqual(read);
});

test('a step is counted from the lowest value, whatever floating point makes of it', () => {
  expect(readNumber('0.7', numeric(0.1, 1, 0.1))).toEqual({ value: 0.7 });
});

test('a scale is said in words', () => {
  expect(scaleInWords({ kind: 'boolean' })).toBe('pass or fail');
  expect(scaleInWords(numeric(1, 5))).toBe('1 to 5');
  expect(
    scaleInWords({
      kind: 'categorical',
      ordered: true,
      categories: [{ name: 'bad' }, { name: 'good' }],
    }),
  ).toBe('bad < good');
});
