import { expect, test } from '@jest/globals';
import { withHead } from './with-head.ts';

/** Named by when they were created, so that "3" is newer than "2". */
const item = (name: number, note = 'old') => ({
  id: String(name),
  createdAt: new Date(1_700_000_000_000 + name * 1000).toISOString(),
  note,
});
const page = (names: number[], nextCursor: string | null, note?: string) => ({
  items: names.map((name) => item(name, note)),
  nextCursor,
});
const known = {
  pages: [page([6, 5, 4], 'after-4'), page([3, 2, 1], null)],
  pageParams: [undefined, 'after-4'],
};
const ids = (pages: { items: { id: string }[] }[]): string[][] =>
  pages.map((one) => one.items.map(({ id }) => id));

test('a new run comes first and pushes none out', () => {
  const merged = withHead(known, page([7, 6, 5], 'after-5', 'new'));
  expect(ids(merged.pages)).toEqual([
    ['7', '6', '5', '4'],
    ['3', '2', '1'],
  ]);
  expect(merged.pages[0]?.items.map(({ note }) => note)).toEqual(['new', 'new', 'new', 'old']);
  expect(merged.pages[0]?.nextCursor).toBe('after-4');
});

test('a run that left the filter is gone', () => {
  const merged = withHead(known, page([6, 4, 3], 'after-3', 'new'));
  expect(ids(merged.pages)).toEqual([
    ['6', '4', '3'],
    ['2', '1'],
  ]);
});

test('a head that is everything replaces everything', () => {
  expect(ids(withHead(known, page([5], null)).pages)).toEqual([['5']]);
});

test('where nothing joins, the older pages are dropped', () => {
  const merged = withHead(known, page([20, 19, 18], 'after-18'));
  expect(ids(merged.pages)).toEqual([['20', '19', '18']]);
  expect(merged.pageParams).toEqual([undefined]);
});
