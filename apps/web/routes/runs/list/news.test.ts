import { expect, test } from '@jest/globals';
import { isNews } from './news.ts';

const known = {
  version: 4,
  name: 'one',
  state: 'running',
  total: 10,
  done: 4,
  failed: 0,
  deleted: false,
} as const;

test.each([
  ['a run that is not known', undefined, known, true],
  ['the same again', known, known, false],
  ['what is older', known, { ...known, version: 3, state: 'queued' }, false],
  ['progress', known, { ...known, version: 5, done: 5 }, false],
  ['an end', known, { ...known, version: 5, done: 10, state: 'completed' }, true],
  ['another name', known, { ...known, version: 5, name: 'two' }, true],
  ['a deletion', known, { ...known, version: 5, deleted: true }, true],
  ['what a brief does not hold', known, { ...known, version: 5 }, true],
] as const)('of a brief with %s, one asks the API: %p', (_, before, now, asks) => {
  expect(isNews(before, now)).toBe(asks);
});
