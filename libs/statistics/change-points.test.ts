import { describe, expect, test } from '@jest/globals';
import { findChanges, seededRandom, type SeriesPoint } from './index.ts';

const series = (values: readonly number[], variance: number): SeriesPoint[] =>
  values.map((value) => ({ value, variance }));

const found = (points: readonly SeriesPoint[]) =>
  findChanges(points).changes.map(({ index }) => index);

/** Annual flow of the Nile at Aswan in 10⁸ m³, from 1871 to 1970. */
const nile = [
  1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180,
  799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701,
  916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862,
  698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812,
  742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906,
  901, 1170, 912, 746, 919, 718, 714, 740,
];

describe('findChanges', () => {
  test('finds the change of the Nile after 1898', () => {
    // G. W. Cobb, Biometrika 65 (1978), 243–251: the flow fell from about 1100 to 850.
    const { changes, overdispersion } = findChanges(series(nile, 0));
    expect(overdispersion).toBeNull();
    expect(changes).toHaveLength(1);
    expect(changes[0]?.index).toBe(1899 - 1871);
    expect(changes[0]?.before).toBeCloseTo(1097.75, 9);
    expect(changes[0]?.after).toBeCloseTo(849.9722222222222, 9);
  });

  test('gives levels weighted by how exact the points are, and the error of their difference', () => {
    const { changes, overdispersion } = findChanges([
      { value: 0.5, variance: 0.0001 },
      { value: 0.52, variance: 0.0004 },
      { value: 0.5, variance: 0.0001 },
      { value: 0.8, variance: 0.0001 },
      { value: 0.82, variance: 0.0004 },
      { value: 0.8, variance: 0.0001 },
    ]);
    expect(overdispersion).toBeGreaterThan(1);
    expect(changes).toHaveLength(1);
    const [change] = changes;
    // (0.5 · 2 + 0.52 / 4) / 2.25, and 1 / (2.25 · 10⁴) on either side.
    expect(change?.index).toBe(3);
    expect(change?.before).toBeCloseTo(1.13 / 2.25, 12);
    expect(change?.after).toBeCloseTo(1.13 / 2.25 + 0.3, 12);
    expect(change?.difference).toBeCloseTo(0.3, 12);
    expect(change?.standardError).toBeCloseTo(
      Math.sqrt(((overdispersion ?? Number.NaN) * 2) / 22500),
      12,
    );
  });

  test('is the best of all partitions', () => {
    const random = seededRandom(5);
    let withChanges = 0;
    for (let round = 0; round < 60; round += 1) {
      const n = 2 + (round % 9);
      const points = Array.from({ length: n }, (_, i) => {
        const variance = 0.5 + random.uniform();
        return { value: (i < (round % 5) + 1 ? 0 : 9) + random.normal(), variance };
      });
      const { changes, overdispersion } = findChanges(points);
      const weights = points.map(({ variance }) => 1 / variance / (overdispersion ?? 1));
      const costOf = (starts: readonly number[]) =>
        starts.reduce((sum, start, place) => {
          const part = points.slice(start, starts[place + 1]);
          const ofPart = weights.slice(start, starts[place + 1]);
          const weight = ofPart.reduce((a, b) => a + b, 0);
          const level = part.reduce(
            (a, { value }, i) => a + (value * (ofPart[i] ?? 0)) / weight,
            0,
          );
          return part.reduce((a, { value }, i) => a + (ofPart[i] ?? 0) * (value - level) ** 2, sum);
        }, 0) +
        (10.2 + 0.25 * Math.log(n)) * (starts.length - 1);
      let least = Number.POSITIVE_INFINITY;
      for (let mask = 0; mask < 2 ** (n - 1); mask += 1) {
        const starts = points.flatMap((_, i) => (i === 0 || (mask >> (i - 1)) & 1 ? [i] : []));
        least = Math.min(least, costOf(starts));
      }
      expect(costOf([0, ...changes.map(({ index }) => index)])).toBeCloseTo(least, 9);
      withChanges += Math.sign(changes.length);
    }
    expect(withChanges).toBeGreaterThan(10);
  });

  test('finds nothing in most series without a change, whatever is said of their noise', () => {
    const random = seededRandom(2012);
    for (const n of [10, 30, 100]) {
      for (const said of [1, 1 / 3, 0]) {
        let alarms = 0;
        for (let round = 0; round < 300; round += 1) {
          const values = Array.from({ length: n }, () => random.normal());
          alarms += Math.sign(found(series(values, said)).length);
        }
        // 5 % of 300 is 15; this is three standard errors above.
        expect(alarms).toBeLessThanOrEqual(26);
      }
    }
  });

  test('takes a bump for a rise and a fall, also where it is long for the series', () => {
    const values = [1, 2, 1, 41, 42, 41, 2, 1, 2, 1];
    const { changes, overdispersion } = findChanges(series(values, 4));
    expect(changes.map(({ index }) => index)).toEqual([3, 6]);
    expect(changes[1]?.difference).toBeCloseTo(1.5 - 124 / 3, 12);
    expect(overdispersion).toBe(1);
  });

  test('says how much larger the noise is than the variances', () => {
    const random = seededRandom(8);
    const values = Array.from({ length: 400 }, (_, i) => random.normal() + (i < 100 ? 0 : 50));
    const { overdispersion, changes } = findChanges(series(values, 0.25));
    expect(changes.map(({ index }) => index)).toEqual([100]);
    expect(overdispersion).toBeGreaterThan(3.2);
    expect(overdispersion).toBeLessThan(4.8);
  });

  test('backwards, shifted, scaled or turned round, the changes are where they were', () => {
    const random = seededRandom(4);
    const points = Array.from({ length: 40 }, (_, i) => ({
      value: (i < 12 ? 0 : i < 25 ? 5 : 2) + random.normal(),
      variance: 0.5 + random.uniform(),
    }));
    const { changes, overdispersion } = findChanges(points);
    expect(changes.map(({ index }) => index)).toEqual([12, 25]);
    expect(found(points.toReversed())).toEqual([15, 28]);
    const changed = findChanges(
      points.map(({ value, variance }) => ({ value: 1e5 - 8 * value, variance: 64 * variance })),
    );
    expect(changed.overdispersion).toBeCloseTo(overdispersion ?? Number.NaN, 8);
    for (const [place, { index, difference, standardError, before }] of changes.entries()) {
      const other = changed.changes[place];
      expect(other?.index).toBe(index);
      expect(other?.difference).toBeCloseTo(-8 * difference, 8);
      expect(other?.standardError).toBeCloseTo(8 * standardError, 8);
      expect(other?.before).toBeCloseTo(1e5 - 8 * before, 8);
    }
  });

  test('a run that all items passed has the usual noise and not none', () => {
    const point = (passed: number) => ({
      value: passed / 200,
      variance: ((passed / 200) * (1 - passed / 200)) / 199,
    });
    expect(found([198, 199, 200, 198, 197, 200, 199, 198].map(point))).toEqual([]);
    expect(found([198, 199, 200, 198, 160, 162, 158, 161].map(point))).toEqual([4]);
  });

  test('nothing that varies, or nothing at all, has no changes', () => {
    expect(findChanges([])).toEqual({ changes: [], overdispersion: null });
    expect(findChanges(series([3], 1))).toEqual({ changes: [], overdispersion: 1 });
    expect(findChanges(series(Array<number>(30).fill(0.1), 0))).toEqual({
      changes: [],
      overdispersion: null,
    });
  });

  test('where nothing but the levels varies, each is its own', () => {
    const values = [1, 1, 1, 1, 0.8, 0.8, 0.8, 0.8, 0.8];
    expect(found(series(values, 0))).toEqual([4]);
  });

  test('what is no number is refused', () => {
    expect(() => findChanges(series([Number.NaN], 1))).toThrow(RangeError);
    expect(() => findChanges(series([1], -1))).toThrow(RangeError);
    expect(() => findChanges(series([1], Number.NaN))).toThrow(RangeError);
  });
});
