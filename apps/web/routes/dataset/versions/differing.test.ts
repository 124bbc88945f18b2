import { expect, test } from '@jest/globals';
import type { DatasetItem } from '#libs/contracts';
import { fieldsThatDiffer, fromFirstDifference } from './differing.ts';

const item: DatasetItem = {
  position: 0,
  key: 'k',
  input: { q: 'x' },
  expected: null,
  metadata: {},
  tags: ['a'],
  split: null,
};

test('fields differ where what they hold reads otherwise', () => {
  expect(fieldsThatDiffer(item, { ...item, position: 4 })).toEqual([]);
  expect(
    fieldsThatDiffer(item, { ...item, expected: 'y', tags: ['a', 'b'], split: 'test' }),
  ).toEqual(['expected', 'tags', 'split']);
  expect(fieldsThatDiffer(null, item)).toEqual(['input', 'tags']);
});

test('a long beginning that is the same is left out', () => {
  const same = 'word '.repeat(100);
  const [was, is] = fromFirstDifference(`${same}old end`, `${same}new\nend`);
  expect(was).toMatch(/^….*old end$/);
  expect(is).toMatch(/^….*new end$/);
  expect(was.length).toBeLessThan(80);
  expect(fromFirstDifference('short', 'shorter')).toEqual(['short', 'shorter']);
});
