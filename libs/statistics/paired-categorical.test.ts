import { expect, test } from '@jest/globals';
import { marginalHomogeneity } from './index.ts';

/** Grades of unaided vision of 7,477 women, right eye by left: Stuart (1955), whose χ² is 11.96. */
const vision = [
  [1520, 266, 124, 66],
  [234, 1512, 432, 78],
  [117, 362, 1772, 205],
  [36, 82, 179, 492],
];
const small = [
  [20, 10, 5],
  [3, 30, 15],
  [0, 5, 40],
];

test.each([
  // statsmodels 0.13.5 SquareTable(shift_zeros=False).homogeneity().
  ['vision', vision, 11.956569622982544, 3, 0.007533425054800591],
  ['three categories', small, 13.76470588235294, 2, 0.0010257277265580678],
])('%s as in statsmodels', (_, table, statistic, degreesOfFreedom, p) => {
  const found = marginalHomogeneity(table);
  expect(found?.statistic).toBeCloseTo(statistic, 9);
  expect(found?.degreesOfFreedom).toBe(degreesOfFreedom);
  expect(found?.p).toBeCloseTo(p, 12);
});

test('two categories give McNemar’s χ²', () => {
  const found = marginalHomogeneity([
    [436, 79],
    [306, 498],
  ]);
  expect(found?.statistic).toBeCloseTo((306 - 79) ** 2 / (306 + 79), 9);
  expect(found?.degreesOfFreedom).toBe(1);
});

test('neither the order of the categories nor swapping the runs changes it', () => {
  const { statistic = Number.NaN } = marginalHomogeneity(small) ?? {};
  const order = [2, 0, 1];
  const turned = order.map((i) => order.map((j) => small[i]?.[j] ?? 0));
  const swapped = small.map((_, i) => small.map((row) => row[i] ?? 0));
  expect(marginalHomogeneity(turned)?.statistic).toBeCloseTo(statistic, 9);
  expect(marginalHomogeneity(swapped)?.statistic).toBeCloseTo(statistic, 9);
});

test('a category that nobody left or came to changes nothing', () => {
  const wider = [...small.map((row) => [...row, 0]), [0, 0, 0, 25]];
  const found = marginalHomogeneity(wider);
  expect(found?.statistic).toBeCloseTo(13.76470588235294, 9);
  expect(found?.degreesOfFreedom).toBe(2);
});

test('groups that only changed among themselves are tested within', () => {
  const found = marginalHomogeneity([
    [5, 9, 0, 0],
    [2, 5, 0, 0],
    [0, 0, 5, 1],
    [0, 0, 7, 5],
  ]);
  expect(found?.statistic).toBeCloseTo(7 ** 2 / 11 + 6 ** 2 / 8, 9);
  expect(found?.degreesOfFreedom).toBe(2);
});

test('nothing is said where nothing changed, or of what is no table of counts', () => {
  expect(
    marginalHomogeneity([
      [3, 0],
      [0, 4],
    ]),
  ).toBeNull();
  expect(() => marginalHomogeneity([[1, 2]])).toThrow(RangeError);
  expect(() => marginalHomogeneity([[-1]])).toThrow(RangeError);
});
