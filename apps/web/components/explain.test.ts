import { expect, test } from '@jest/globals';
import { faultsInWords } from './explain.ts';

test('what many lines have in common is said once', () => {
  const unknown = { field: 'label', message: 'is not known here' };
  const faults = [
    { field: 'name', message: 'must not be empty' },
    ...[1, 2, 4, 5, 8].map((line) => ({ ...unknown, line })),
    { line: 3, message: 'is no JSON' },
  ];
  expect(faultsInWords(faults)).toEqual([
    'name: must not be empty',
    'lines 1, 2, 4 and 2 more: label: is not known here',
    'line 3: is no JSON',
  ]);
});
