import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { similarity } from '../text/levenshtein-similarity.ts';
import { bestPairs } from './assignment.ts';
import { scoreCase, verdictOf } from '#test/scoring';

type Config = NonNullable<MetricSpec['config']>;

const value = async (output: Json, expected: Json, config: Config = {}) =>
  verdictOf('list_overlap', config, { output, expected });
const fuzzy: Config = { similarity: 'levenshtein' };

const closeTo = (wanted: number | string): unknown =>
  typeof wanted === 'number' ? expect.closeTo(wanted, 12) : wanted;

/** The mulberry32 generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('list_overlap', () => {
  test.each<[Json, Json, Config, number | string]>([
    [['a', 'b'], ['b', 'a'], {}, 1],
    [['a', 'b', 'c'], ['a'], {}, 0.5],
    [['a', 'b', 'c'], ['a'], { value: 'precision' }, 1 / 3],
    [['a', 'b', 'c'], ['a'], { value: 'recall' }, 1],
    [['a', 'b', 'c'], ['a', 'd'], { value: 'jaccard' }, 0.25],
    // A multiset: the second "a" of the output has no partner.
    [['a', 'a'], ['a', 'b'], {}, 0.5],
    [['a', 'a'], ['a', 'a'], {}, 1],
    [[], [], {}, 1],
    [[], ['a'], {}, 0],
    [['a'], [], { value: 'recall' }, 0],
    ['["a", "b"]', ['a', 'b'], {}, 1],
    ['a, b', ['a', 'b'], {}, 0],
    ['a, b,, ', ['b', 'a'], { separator: ',' }, 1],
    ['["a, b"]', ['a, b'], { separator: ',' }, 1],
    ['', [], { separator: ',' }, 1],
    ['a\nb', 'b\na', { separator: '\n' }, 1],
    [['a'], 'a', {}, 'not_applicable'],
    [['a'], { a: 1 }, { separator: ',' }, 'not_applicable'],
    [{ a: 1 }, ['a'], { separator: ',' }, 0],
    [[1, true, null, { b: 1, a: [2] }], ['1', 'true', 'null', { a: [2], b: 1 }], {}, 1],
    [['A', ' b'], ['a', 'B '], {}, 0],
    [['A', ' b'], ['a', 'B '], { ignoreCase: true, trim: true }, 1],
    [['kitten'], ['sitting'], fuzzy, 4 / 7],
    [['kitten'], ['sitting'], { ...fuzzy, minimumSimilarity: 0.6 }, 0],
    [['kitten'], ['sitting'], { ...fuzzy, minimumSimilarity: 0.5 }, 4 / 7],
    // One after the other, "abcd" would take "abce" and leave nothing for "abc".
    [['abc', 'xyz'], ['xyw', 'abc'], fuzzy, (1 + 2 / 3) / 2],
    [['ab', 'b'], ['ab', 'a'], fuzzy, 0.5],
  ])('%j against %j with %j is %s', async (output, expected, config, wanted) => {
    expect(await value(output, expected, config)).toEqual(closeTo(wanted));
  });

  // The cases of ListContains of autoevals (js/value.test.ts), which divides by the longer length: that
  // is precision where the output is the longer list, and recall where expected is.
  test.each<[Json[], Json[], number]>([
    [['a'], ['a', 'b'], 0.5],
    [['a', 'b'], ['a'], 0.5],
    [
      ['workspaces', 'section', 'view', 'others', 'workspace', 'team', 'pinning'],
      ['starred', 'multiple different workspaces', 'shortcuts'],
      0.1218,
    ],
  ])('%j against %j is %d, as in autoevals', async (a, b, wanted) => {
    const longest = a.length > b.length ? 'precision' : 'recall';
    const other = a.length > b.length ? 'recall' : 'precision';
    expect(await value(a, b, { ...fuzzy, value: longest })).toBeCloseTo(wanted, 4);
    expect(await value(b, a, { ...fuzzy, value: other })).toBeCloseTo(wanted, 4);
  });

  test('says what is missing and what is needless', async () => {
    const item = { output: ['a', 'x', 'x'], expected: ['a', 'b'] };
    expect(await scoreCase({ metric: 'list_overlap' }, item)).toMatchObject({
      reason: '1 of 2 expected elements are missing, 2 of 3 are needless',
      details: { matched: 1, missing: ['b'], needless: ['x', 'x'] },
    });
  });

  test('is symmetric where it is meant to be, bounded, and blind to order', async () => {
    const random = seeded(7);
    const word = () =>
      Array.from({ length: Math.floor(random() * 4) }, () => 'abé😀'.charAt(random() * 5)).join('');
    const list = () => Array.from({ length: Math.floor(random() * 6) }, word);
    for (let round = 0; round < 300; round += 1) {
      const [a, b] = [list(), list()];
      for (const config of [{}, fuzzy, { ...fuzzy, value: 'jaccard' }]) {
        const score = Number(await value(a, b, config));
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(Number(await value(b, a, config))).toBeCloseTo(score, 12);
        expect(Number(await value(a.toReversed(), b, config))).toBeCloseTo(score, 12);
        expect(await value(a, a, config)).toBe(1);
      }
    }
  });

  test('counts equal elements at any length, and refuses to compare too many', async () => {
    const many = Array.from({ length: 100_000 }, (_, place) => place);
    expect(await value(many, many.toReversed())).toBe(1);
    expect(
      await scoreCase({ metric: 'list_overlap', config: fuzzy }, { output: many, expected: [1] }),
    ).toMatchObject({
      outcome: 'error',
      reason:
        'a list of 100000 elements is too long to compare one by one; up to 500 can be, or any number with similarity exact',
    });
    const long = Array.from({ length: 500 }, () => '😀'.repeat(100));
    expect(
      await scoreCase({ metric: 'list_overlap', config: fuzzy }, { output: long, expected: long }),
    ).toMatchObject({
      outcome: 'error',
      reason: 'the lists have too many characters to compare one by one',
    });
    const most = Array.from({ length: 500 }, (_, place) => `element ${place * 7919}`);
    expect(await value(most, most.toReversed(), fuzzy)).toBe(1);
  });

  test('gives an error for an element that nests too deep', async () => {
    let deep: Json = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(
      await scoreCase({ metric: 'list_overlap' }, { output: [deep], expected: [deep] }),
    ).toMatchObject({ outcome: 'error', reason: 'an element nests too deep to compare' });
  });
});

/** The largest sum by trying every assignment. */
function best(matrix: readonly (readonly number[])[], used: readonly number[] = []): number {
  const [row, ...rest] = matrix;
  if (!row) return 0;
  const skip = best(rest, used);
  return row.reduce(
    (most, cell, column) =>
      used.includes(column) ? most : Math.max(most, cell + best(rest, [...used, column])),
    skip,
  );
}

test('bestPairs agrees with trying every assignment', () => {
  const random = seeded(11);
  for (let round = 0; round < 500; round += 1) {
    const [rows, columns] = [Math.floor(random() * 6), Math.floor(random() * 6)];
    const matrix = Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () =>
        round % 2 === 0 ? random() : Math.round(random() * 2) / 2,
      ),
    );
    const partners = bestPairs(matrix);
    const taken = partners.filter((partner) => partner !== undefined);
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken).toHaveLength(Math.min(rows, columns));
    const total = partners.reduce<number>(
      (sum, partner, row) => sum + (partner === undefined ? 0 : (matrix[row]?.[partner] ?? NaN)),
      0,
    );
    expect(total).toBeCloseTo(best(matrix), 10);
  }
});

test('json_difference in any order is the mean over the best pairs', async () => {
  const random = seeded(3);
  const word = () => Array.from({ length: 3 }, () => 'abc'.charAt(random() * 3)).join('');
  for (let round = 0; round < 100; round += 1) {
    const [a, b] = [
      [word(), word(), word(), word()],
      [word(), word(), word()],
    ];
    const given = await verdictOf(
      'json_difference',
      { ignoreOrder: true },
      { output: a, expected: b },
    );
    const total = best(a.map((one) => b.map((other) => similarity(one, other))));
    expect(given).toBeCloseTo(total / 4, 12);
  }
});
