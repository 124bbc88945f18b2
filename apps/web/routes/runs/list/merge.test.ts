import { expect, test } from '@jest/globals';
import type { Run } from '#libs/contracts';
import { comparing } from './order.ts';
import { loadedIn, withAnswer, withHead, type RunPages } from './merge.ts';

const run = (minute: number, change: Partial<Run> = {}): Run => ({
  id: `run-${String(minute).padStart(2, '0')}`,
  name: `run ${minute}`,
  state: 'completed',
  reason: null,
  stopCode: null,
  datasetId: 'dataset',
  datasetName: 'capitals',
  datasetVersion: 1,
  filter: null,
  target: { kind: 'client' },
  metrics: [],
  repeats: 1,
  concurrency: 10,
  maxCostUsd: null,
  maxDurationMs: null,
  timeoutMs: 120_000,
  maxRetries: 4,
  cache: false,
  tags: [],
  metadata: {},
  total: 1,
  done: 1,
  failed: 0,
  errors: [],
  costUsd: 0,
  inputTokens: 0,
  outputTokens: 0,
  judgeCostUsd: 0,
  judgeInputTokens: 0,
  judgeOutputTokens: 0,
  cacheHits: 0,
  summary: [{ name: 'accuracy', n: 1, mean: minute / 100, errors: 0, notApplicable: 0 }],
  version: 1,
  createdBy: null,
  createdAt: new Date(60_000 * minute).toISOString(),
  startedAt: new Date(60_000 * minute).toISOString(),
  finishedAt: new Date(60_000 * minute + 1_000 * (60 - minute)).toISOString(),
  deletedAt: null,
  ...change,
});
const pagesOf = (items: Run[], nextCursor: string | null = 'next'): RunPages => ({
  pages: [{ items, nextCursor }],
  pageParams: [undefined],
});
const minutes = (pages: RunPages): number[] =>
  loadedIn(pages).map(({ id }) => Number(id.slice('run-'.length)));
const newest = comparing({});
const answer = (known: RunPages, asked: number[], answered: Run[], compare = newest) =>
  withAnswer(known, new Set(asked.map((minute) => run(minute).id)), answered, compare);

test('a run that is new stands at its place, wherever that is', () => {
  const known = pagesOf([run(30), run(20), run(10)]);
  expect(minutes(answer(known, [31], [run(31)]))).toEqual([31, 30, 20, 10]);
  expect(minutes(answer(known, [25], [run(25)]))).toEqual([30, 25, 20, 10]);
});

test('what lies below the last loaded run is left to its page, unless nothing follows', () => {
  expect(minutes(answer(pagesOf([run(30), run(20)]), [10], [run(10)]))).toEqual([30, 20]);
  expect(minutes(answer(pagesOf([run(30)], null), [10], [run(10)]))).toEqual([30, 10]);
  expect(minutes(answer(pagesOf([], null), [10], [run(10)]))).toEqual([10]);
});

test('what was asked for and not answered is gone, and nothing else', () => {
  const known = pagesOf([run(30), run(20), run(10)]);
  const after = answer(known, [20, 15], []);
  expect(minutes(after)).toEqual([30, 10]);
  expect(loadedIn(after)[0]).toBe(loadedIn(known)[0]);
  expect(after.pages.at(-1)?.nextCursor).toBe('next');
});

test('an answer that is older than what is known changes nothing', () => {
  const known = pagesOf([run(20, { version: 5, name: 'renamed' })]);
  expect(loadedIn(answer(known, [20], [run(20, { version: 4 })]))[0]?.name).toBe('renamed');
  expect(loadedIn(answer(known, [20], [run(20, { version: 6 })]))[0]?.name).toBe('run 20');
});

test.each([
  [{ sort: 'mean', metric: 'accuracy', order: 'desc' }, [40, 30, 20, 10]],
  [{ sort: 'mean', metric: 'accuracy', order: 'asc' }, [10, 20, 30, 40]],
  [{ sort: 'duration' }, [10, 20, 30, 40]],
  [{ sort: 'name' }, [10, 20, 30, 40]],
  [{ sort: 'finished', order: 'asc' }, [10, 20, 30, 40]],
] as const)('an answer is put in by the order %j', (search, expected) => {
  const compare = comparing(search);
  const known = pagesOf([run(10), run(20), run(40)].toSorted(compare), null);
  expect(minutes(answer(known, [30], [run(30)], compare))).toEqual(expected);
});

test('a newer first page takes the place of what it covers', () => {
  const known: RunPages = {
    pages: [
      { items: [run(30), run(29)], nextCursor: 'a' },
      { items: [run(20), run(10)], nextCursor: 'b' },
    ],
    pageParams: [undefined, 'a'],
  };
  // 31 is new, 30 has left (its state changed under a filter).
  const after = withHead(known, { items: [run(31), run(29)], nextCursor: 'c' }, newest);
  expect(minutes(after)).toEqual([31, 29, 20, 10]);
  expect(after.pages.at(-1)?.nextCursor).toBe('b');
  // Nothing joins: what lies between is not known.
  const far = withHead(known, { items: [run(60), run(59)], nextCursor: 'd' }, newest);
  expect(minutes(far)).toEqual([60, 59]);
  expect(minutes(withHead(known, { items: [run(31)], nextCursor: null }, newest))).toEqual([31]);
});
