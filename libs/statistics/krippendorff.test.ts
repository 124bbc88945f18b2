import { describe, expect, test } from '@jest/globals';
import { krippendorffAlpha, type MeasurementLevel } from './krippendorff.ts';
import { seededRandom } from './random.ts';

const options = (level: MeasurementLevel) => ({ level, confidence: 0.95, seed: 1 });

/** Units from a table of raters; `.` is no value. */
const unitsOf = (raters: readonly string[]): number[][] => {
  const rows = raters.map((row) => row.split(' '));
  return (rows[0] ?? []).map((_, unit) =>
    rows.flatMap((row) => (row[unit] === '.' ? [] : [Number(row[unit])])),
  );
};

/** Krippendorff (2011), section D: four observers, twelve units, values missing. */
const manyObservers = unitsOf([
  '1 2 3 3 2 1 4 1 2 . . .',
  '1 2 3 3 2 2 4 1 2 5 . 3',
  '. 3 3 3 2 3 4 2 2 5 1 .',
  '1 2 3 3 2 4 4 1 2 5 1 .',
]);

describe("Krippendorff's alpha", () => {
  test.each([
    ['nominal', 0.743],
    ['ordinal', 0.815],
    ['interval', 0.849],
  ] as const)('of the published example with missing values, %s', (level, published) => {
    const { alpha, units } = krippendorffAlpha(manyObservers, options(level));
    expect(alpha).toBeCloseTo(published, 3);
    expect(units).toBe(11);
  });

  test('of the published example of two observers and yes or no', () => {
    const units = unitsOf(['0 1 0 0 0 0 0 0 1 0', '1 1 1 0 0 1 0 0 0 0']);
    const { alpha, percentAgreement } = krippendorffAlpha(units, options('nominal'));
    expect(alpha).toBeCloseTo(0.095, 3);
    expect(percentAgreement).toBeCloseTo(0.6, 12);
  });

  test('of the published example of two observers and five categories', () => {
    const code = new Map(['a', 'b', 'c', 'd', 'e'].map((letter, place) => [letter, String(place)]));
    const row = (letters: string) =>
      letters
        .split(' ')
        .map((letter) => code.get(letter) ?? '.')
        .join(' ');
    const units = unitsOf([row('a a b b d c c c e d d a'), row('b a b b b c c c e d d d')]);
    expect(krippendorffAlpha(units, options('nominal')).alpha).toBeCloseTo(0.692, 3);
  });

  test('does not depend on the order of raters or units, nor on who left out', () => {
    const { alpha } = krippendorffAlpha(manyObservers, options('interval'));
    const turned = manyObservers.toReversed().map((unit) => unit.toReversed());
    expect(krippendorffAlpha(turned, options('interval')).alpha).toBeCloseTo(alpha ?? 0, 12);
  });

  test('on an interval scale is that of any other zero and unit', () => {
    const { alpha } = krippendorffAlpha(manyObservers, options('interval'));
    const moved = manyObservers.map((unit) => unit.map((value) => value * 1000 + 1e9));
    expect(krippendorffAlpha(moved, options('interval')).alpha).toBeCloseTo(alpha ?? 0, 9);
  });

  test('has an interval around it that is the same each time', () => {
    const units = Array.from({ length: 5 }, () => manyObservers).flat();
    const first = krippendorffAlpha(units, options('nominal'));
    expect(first.interval?.low).toBeLessThan(first.alpha ?? 0);
    expect(first.interval?.high).toBeGreaterThan(first.alpha ?? 0);
    expect(krippendorffAlpha(units, options('nominal'))).toEqual(first);
  });

  test('has the same interval whichever way it is drawn, but for chance', () => {
    // Few kinds are drawn by their counts; values that differ in their last digits make kinds many.
    const few = Array.from({ length: 40 }, () => manyObservers).flat();
    const many = few.map((unit) => unit.map((value, i) => value + (i + 1) * 1e-9));
    const one = krippendorffAlpha(few, options('interval'));
    const other = krippendorffAlpha(
      many.map((unit, place) => unit.map((value) => value + place * 1e-12)),
      options('interval'),
    );
    expect(other.alpha).toBeCloseTo(one.alpha ?? 0, 6);
    expect(other.interval?.low).toBeCloseTo(one.interval?.low ?? 0, 2);
    expect(other.interval?.high).toBeCloseTo(one.interval?.high ?? 0, 2);
  });

  test('covers the alpha of all units in as many samples as it says', () => {
    // 1,000 units of two raters, the second of whom differs in a fifth of them; samples of 60.
    const random = seededRandom(3);
    const all = Array.from({ length: 1000 }, () => {
      const first = random.uniform() < 0.4 ? 1 : 0;
      return [first, random.uniform() < 0.2 ? 1 - first : first];
    });
    const truth = krippendorffAlpha(all, options('nominal')).alpha ?? 0;
    const samples = 100;
    let covered = 0;
    for (let sample = 0; sample < samples; sample += 1) {
      const drawn = Array.from(
        { length: 60 },
        () => all[Math.floor(random.uniform() * 1000)] ?? [],
      );
      const { interval } = krippendorffAlpha(drawn, options('nominal'));
      if (interval && interval.low <= truth && truth <= interval.high) covered += 1;
    }
    expect(covered / samples).toBeGreaterThan(0.88);
    expect(covered / samples).toBeLessThan(0.99);
  });

  test('is 1 without an interval where nothing differs within units', () => {
    const units = [
      [1, 1],
      [2, 2],
      [1, 1, 1],
      [2, 2],
      [3, 3],
    ];
    expect(krippendorffAlpha(units, options('nominal'))).toEqual({
      alpha: 1,
      interval: null,
      units: 5,
      percentAgreement: 1,
    });
  });

  test('is not defined where no unit has two values, or all values are the same', () => {
    expect(krippendorffAlpha([[1], [2], []], options('nominal'))).toEqual({
      alpha: null,
      interval: null,
      units: 0,
      percentAgreement: null,
    });
    expect(
      krippendorffAlpha(
        [
          [1, 1],
          [1, 1],
        ],
        options('interval'),
      ).alpha,
    ).toBeNull();
  });

  test('refuses what is no number', () => {
    expect(() => krippendorffAlpha([[1, Number.NaN]], options('interval'))).toThrow(RangeError);
  });
});
