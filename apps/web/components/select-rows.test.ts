import { expect, test } from '@jest/globals';
import { selecting, type Selection } from './select-rows.ts';

const rows = ['a', 'b', 'c', 'd', 'e'];
const after = (...clicks: [id: string, range?: boolean][]): string[] => {
  let selection: Selection = { ids: new Set(), last: undefined };
  for (const [id, range = false] of clicks) selection = selecting(selection, rows, id, range);
  return rows.filter((id) => selection.ids.has(id));
};

test('rows are selected one by one, and let go of again', () => {
  expect(after(['b'], ['d'])).toEqual(['b', 'd']);
  expect(after(['b'], ['d'], ['b'])).toEqual(['d']);
});

test('a range goes from the last one, up or down, and can be drawn anew', () => {
  expect(after(['b'], ['d', true])).toEqual(['b', 'c', 'd']);
  expect(after(['d'], ['b', true])).toEqual(['b', 'c', 'd']);
  expect(after(['c'], ['d', true], ['a', true])).toEqual(['a', 'b', 'c', 'd']);
  expect(after(['c', true])).toEqual(['c']);
});

test('where the last one is not there any more, a range is the row itself', () => {
  const selection = { ids: new Set(['gone']), last: 'gone' };
  expect([...selecting(selection, rows, 'b', true).ids]).toEqual(['gone', 'b']);
});
