import { expect, test } from '@jest/globals';
import { compareSimultaneously, groupRuns, seededRandom } from './index.ts';

const pairs = (...list: [number, number][]) => list.map(([first, second]) => ({ first, second }));

/** All pairs of so many runs of which the test says that they differ. */
const allPairs = (runs: number, differ: (first: number, second: number) => boolean) => {
  const found: { first: number; second: number }[] = [];
  for (let first = 0; first < runs; first += 1) {
    for (let second = first + 1; second < runs; second += 1) {
      if (differ(first, second)) found.push({ first, second });
    }
  }
  return found;
};

test('eight runs of which five pairs differ have six groups', () => {
  // All 255 sets of runs counted out in Python, and those kept that none other contains.
  const apart = pairs([0, 6], [0, 7], [1, 3], [1, 4], [2, 4]);
  const { groups, letters } = groupRuns([8, 7, 6, 5, 4, 3, 2, 1], apart);
  const display = groups.map((group) => group.map((run) => run + 1).join(' '));
  expect(display).toEqual(['1 2 3 6', '1 3 4 6', '1 4 5 6', '2 3 6 7 8', '3 4 6 7 8', '4 5 6 7 8']);
  expect(letters.map((list) => list.join(''))).toEqual([
    'abc',
    'ad',
    'abde',
    'bcef',
    'cf',
    'abcdef',
    'def',
    'def',
  ]);
});

test('runs share a letter exactly where they do not differ, and no group could be larger', () => {
  const random = seededRandom(7);
  for (const [runs, share] of [
    [1, 0.5],
    [6, 0.3],
    [12, 0.5],
    [21, 0.2],
    [21, 0.8],
  ] as const) {
    const means = Array.from({ length: runs }, () => random.uniform());
    const apart = allPairs(runs, () => random.uniform() < share);
    const isApart = (a: number, b: number) =>
      apart.some(({ first, second }) => first === Math.min(a, b) && second === Math.max(a, b));
    const { groups, letters } = groupRuns(means, apart);
    for (const [a, ofA] of letters.entries()) {
      expect(ofA.length).toBeGreaterThan(0);
      const sharing = letters.map((ofB) => ofA.some((letter) => ofB.includes(letter)));
      expect(sharing).toEqual(letters.map((_, b) => !isApart(a, b)));
    }
    for (const group of groups) {
      for (const other of means.keys()) {
        if (group.includes(other)) continue;
        expect(group.some((run) => isApart(run, other))).toBe(true);
      }
    }
    expect(new Set(groups.map(String)).size).toBe(groups.length);
  }
});

test('groups and their runs are in the order of the means, either way', () => {
  const means = [0.2, 0.9, 0.5, 0.5];
  const apart = pairs([0, 1], [1, 3]);
  expect(groupRuns(means, apart)).toEqual({
    groups: [
      [1, 2],
      [2, 3, 0],
    ],
    letters: [['b'], ['a'], ['a', 'b'], ['b']],
  });
  expect(groupRuns(means, apart, { best: 'lowest' }).groups).toEqual([
    [0, 2, 3],
    [2, 1],
  ]);
});

test('in whatever order runs and pairs come, the groups are the same', () => {
  const means = [0.9, 0.8, 0.7, 0.6, 0.5];
  const apart = pairs([0, 3], [0, 4], [1, 4]);
  const found = groupRuns(means, apart);
  const turned = groupRuns(
    means.toReversed(),
    apart.map(({ first, second }) => ({ first: 4 - first, second: 4 - second })).toReversed(),
  );
  expect(turned.groups.map((group) => group.map((run) => 4 - run))).toEqual(found.groups);
  expect(turned.letters.toReversed()).toEqual(found.letters);
});

test('none differ: one group; all differ: one each, with letters beyond z', () => {
  expect(groupRuns([1, 2, 3], [])).toEqual({ groups: [[2, 1, 0]], letters: [['a'], ['a'], ['a']] });
  const means = Array.from({ length: 28 }, (_, run) => -run);
  const { letters } = groupRuns(
    means,
    allPairs(28, () => true),
  );
  expect(letters.map(([letter]) => letter).slice(24)).toEqual(['y', 'z', 'aa', 'ab']);
  expect(groupRuns([], [])).toEqual({ groups: [], letters: [] });
});

test('the hardest 21 runs have their 2,187 groups', () => {
  // Moon and Moser (1965): three of a kind differ from each other and from no one else.
  const apart = allPairs(21, (a, b) => Math.floor(a / 3) === Math.floor(b / 3));
  expect(groupRuns(Array<number>(21).fill(0), apart).groups).toHaveLength(3 ** 7);
});

test('the differences of a comparison are its pairs', () => {
  const random = seededRandom(3);
  const runs = [0, 0, 3].map((level) =>
    Float64Array.from({ length: 30 }, () => level + random.normal()),
  );
  const found = compareSimultaneously(runs, { confidence: 0.95 });
  const means = found?.means.map(({ mean }) => mean) ?? [];
  const apart = found?.differences.filter(({ p }) => p < 0.05) ?? [];
  expect(groupRuns(means, apart).letters).toEqual([['b'], ['b'], ['a']]);
});

test('pairs of other runs are refused', () => {
  expect(() => groupRuns([1, 2], pairs([0, 2]))).toThrow(RangeError);
  expect(() => groupRuns([1, 2], pairs([1, 1]))).toThrow(RangeError);
});
