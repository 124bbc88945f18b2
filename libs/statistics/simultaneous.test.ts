import { describe, expect, test } from '@jest/globals';
import { clusteredMean, boundByBonferroni, compareSimultaneously, pairedT } from './index.ts';

/** As good as independent: columns at right angles, of one variance. */
const columns = (count: number, n: number): Float64Array[] =>
  Array.from({ length: count }, (_, k) =>
    Float64Array.from({ length: n }, (_, i) => Math.cos((Math.PI * (i + 0.5) * (k + 1)) / n)),
  );

/** A run of 40 items that pass or do not. */
const binary = (k: number): Float64Array =>
  Float64Array.from({ length: 40 }, (_, i) =>
    (i * i * (k + 3) + 5 * i * k + 7 * k) % 11 < 6 + (k % 2) ? 1 : 0,
  );
const three = [binary(0), binary(1), binary(2)];

const compare = (
  runs: readonly Float64Array[],
  options: { clusters?: Int32Array; seed?: number; confidence?: number } = {},
) => {
  const found = compareSimultaneously(runs, { confidence: 0.95, ...options });
  if (found === null) throw new Error('there is nothing to compare');
  return found;
};

const at = <T>(list: readonly T[], place: number): T => {
  const item = list[place];
  if (item === undefined) throw new Error('there is no such place');
  return item;
};

describe('the critical values', () => {
  test('of differences of independent runs are Tukey’s', () => {
    // scipy 1.10 studentized_range.ppf(0.95, runs, n − 1) / √2.
    for (const [runs, n, expected] of [
      [3, 8, 2.9450583597409206],
      [3, 21, 2.5299819068459835],
      [5, 101, 2.7781780758924524],
      [10, 61, 3.2854471820151896],
      [21, 1319, 3.576505353711006],
    ] as const) {
      const found = compare(columns(runs, n)).criticalValues.differences ?? Number.NaN;
      expect(Math.abs(found - expected)).toBeLessThan(0.01);
    }
  });

  test('of independent means are the studentized maximum modulus', () => {
    // P(max |Z| ≤ c s) integrated over s with scipy 1.10's quad.
    for (const [runs, n, expected] of [
      [3, 8, 3.0554733778903778],
      [3, 21, 2.594130060425554],
      [10, 61, 2.9001802918066835],
      [21, 1319, 3.03631787702653],
    ] as const) {
      const found = compare(columns(runs, n)).criticalValues.means ?? Number.NaN;
      expect(Math.abs(found - expected)).toBeLessThan(0.01);
    }
  });

  test('of runs that go together are those of their correlation', () => {
    // All directions of the plane in numpy, 400,000 of them, the tail along each in closed form.
    const found = compare(three);
    expect(Math.abs((found.criticalValues.differences ?? 0) - 2.428180487724394)).toBeLessThan(
      0.01,
    );
    for (const [place, { t, standardError, p }] of [
      { t: -0.2551637, standardError: 0.09797632, p: 0.9643041745911046 },
      { t: 1.85403128, standardError: 0.12135718, p: 0.16329303452222554 },
      { t: 2.50805155, standardError: 0.09967897, p: 0.04166344431546731 },
    ].entries()) {
      const pair = at(found.differences, place);
      expect(pair.t).toBeCloseTo(t, 7);
      expect(pair.standardError).toBeCloseTo(standardError, 7);
      expect(Math.abs(pair.p - p)).toBeLessThan(0.015 * p);
    }
  });
});

test('two runs are the paired t test, to the digit', () => {
  const [first, second] = [at(three, 0), at(three, 2)];
  const differences = first.map((value, item) => value - (second[item] ?? Number.NaN));
  const mean = differences.reduce((sum, value) => sum + value, 0) / 40;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const plain = pairedT({ n: 40, mean, standardDeviation: Math.sqrt(squares / 39) }, 0.95);
  const pair = at(compare([first, second]).differences, 0);
  expect(pair.p).toBeCloseTo(plain?.p ?? Number.NaN, 12);
  expect(pair.t).toBeCloseTo(plain?.t ?? Number.NaN, 12);
  expect(pair.interval.low).toBeCloseTo(plain?.interval.low ?? Number.NaN, 11);
  expect(pair.interval.high).toBeCloseTo(plain?.interval.high ?? Number.NaN, 11);
});

test('two runs in clusters are the clustered mean of the differences', () => {
  const clusters = Int32Array.from({ length: 40 }, (_, item) => Math.floor(Math.sqrt(item)));
  const [first, second] = [at(three, 0), at(three, 2)];
  const differences = first.map((value, item) => value - (second[item] ?? Number.NaN));
  const plain = clusteredMean(differences, clusters, 0.95);
  const found = compare([first, second], { clusters });
  const pair = at(found.differences, 0);
  expect(found.degreesOfFreedom).toBe(plain?.degreesOfFreedom);
  expect(pair.standardError).toBeCloseTo(plain?.standardError ?? Number.NaN, 13);
  expect(pair.p).toBeCloseTo(plain?.p ?? Number.NaN, 12);
  expect(pair.interval.high).toBeCloseTo(plain?.interval.high ?? Number.NaN, 12);
});

test('the covariance is that of the means', () => {
  const { covariance } = compare(three);
  for (const [run, row] of covariance.entries()) {
    const a = at(three, run);
    for (const [other, value] of row.entries()) {
      const b = at(three, other);
      const meanOf = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / 40;
      const products = a.reduce(
        (sum, x, item) => sum + (x - meanOf(a)) * ((b[item] ?? 0) - meanOf(b)),
        0,
      );
      expect(value).toBeCloseTo(products / 39 / 40, 14);
    }
  }
});

test('p is below the level exactly where the interval does not hold 0', () => {
  const runs = Array.from({ length: 8 }, (_, k) => binary(k).map((value) => value + 0.04 * k * k));
  for (const confidence of [0.5, 0.9, 0.99]) {
    const { differences } = compare(runs, { confidence });
    const apart = differences.filter(({ p }) => p < 1 - confidence);
    expect(apart.length).toBeGreaterThan(0);
    expect(apart.length).toBeLessThan(differences.length);
    for (const { p, interval } of differences) {
      expect(interval.low > 0 || interval.high < 0).toBe(p < 1 - confidence);
    }
  }
});

test('p lies between that of the pair alone and Šidák’s, and falls with |t|', () => {
  const runs = Array.from({ length: 8 }, (_, k) => binary(k).map((value) => value + 0.1 * k));
  const sorted = compare(runs).differences.toSorted((a, b) => Math.abs(a.t) - Math.abs(b.t));
  let before = 1;
  for (const { first, second, p } of sorted) {
    const alone = at(compare([at(runs, first), at(runs, second)]).differences, 0).p;
    expect(p).toBeGreaterThanOrEqual(alone - 1e-12);
    expect(p).toBeLessThanOrEqual(1 - (1 - alone) ** 28 + 1e-12);
    expect(p).toBeLessThanOrEqual(before);
    before = p;
  }
});

test('the same runs in another order give the same answer with signs turned', () => {
  const runs = [binary(0), binary(1), binary(2), binary(4), binary(5)];
  const found = compare(runs);
  const turned = compare(runs.toReversed());
  expect(turned.criticalValues).toEqual(found.criticalValues);
  expect(turned.means.toReversed()).toEqual(found.means);
  for (const { first, second, difference, p, interval } of found.differences) {
    const same = turned.differences.find(
      (pair) => pair.first === 4 - second && pair.second === 4 - first,
    );
    expect(same?.difference).toBe(-difference + 0);
    expect(same?.p).toBe(p);
    expect(same?.interval).toEqual({ low: -interval.high, high: -interval.low });
  }
});

test('the same call gives the same answer, and another seed nearly the same', () => {
  const runs = [0, 1, 2, 4, 5].map(binary);
  const found = compare(runs);
  expect(compare(runs)).toEqual(found);
  const other = compare(runs, { seed: 77 });
  for (const [place, { p }] of found.differences.entries()) {
    expect(Math.abs(at(other.differences, place).p - p)).toBeLessThan(0.005);
  }
});

test('a shift and a scale move means and intervals, and leave p', () => {
  const found = compare(three);
  const changed = compare(three.map((run) => run.map((value) => 100 + 4 * value)));
  for (const [place, { difference, p, interval }] of found.differences.entries()) {
    const pair = at(changed.differences, place);
    expect(pair.difference).toBeCloseTo(4 * difference, 11);
    expect(pair.p).toBeCloseTo(p, 9);
    expect(pair.interval.low).toBeCloseTo(4 * interval.low, 9);
  }
  expect(at(changed.means, 2).interval.high).toBeCloseTo(
    100 + 4 * at(found.means, 2).interval.high,
    9,
  );
});

test('runs that agree in all items, or differ by the same in all, are no case of chance', () => {
  const run = binary(1);
  const { differences, criticalValues } = compare([
    run,
    run.slice(),
    run.map((value) => value + 0.1),
    binary(0),
  ]);
  const pairOf = (first: number, second: number) =>
    differences.find((pair) => pair.first === first && pair.second === second);
  expect(pairOf(0, 1)).toMatchObject({ difference: 0, standardError: 0, t: 0, p: 1 });
  expect(pairOf(0, 1)?.interval).toEqual({ low: 0, high: 0 });
  expect(pairOf(0, 2)).toMatchObject({ standardError: 0, t: Number.NEGATIVE_INFINITY, p: 0 });
  // The three differences to the fourth run are one and the same: plain t.
  expect(criticalValues.differences).toBeCloseTo(2.022690920036764, 6);
});

test('runs without variance have a point for an interval, and differ as the other varies', () => {
  const all = new Float64Array(40).fill(1);
  const found = compare([all, binary(0), new Float64Array(40)]);
  expect(at(found.means, 0)).toEqual({ mean: 1, standardError: 0, interval: { low: 1, high: 1 } });
  expect(at(found.differences, 1)).toMatchObject({ first: 0, second: 2, p: 0 });
  const varied = at(found.differences, 0);
  expect(varied.standardError).toBeCloseTo(at(found.means, 1).standardError, 13);
  expect(varied.p).toBeGreaterThan(0);
  const same = compare([all, all.slice(), all.slice()]);
  expect(same.criticalValues).toEqual({ means: null, differences: null });
  expect(same.differences.map(({ p }) => p)).toEqual([1, 1, 1]);
});

test('one run has its plain interval; without items, clusters or runs there is nothing', () => {
  const run = at(three, 0);
  const alone = compare([run]);
  expect(alone.differences).toEqual([]);
  // scipy 1.10 t.ppf(0.975, 39).
  expect(alone.criticalValues.means).toBeCloseTo(2.022690920036764, 9);
  const options = { confidence: 0.95 };
  expect(compareSimultaneously([], options)).toBeNull();
  expect(compareSimultaneously([new Float64Array(1), new Float64Array(1)], options)).toBeNull();
  expect(compareSimultaneously(three, { ...options, clusters: new Int32Array(40) })).toBeNull();
  expect(() => compareSimultaneously([run, new Float64Array(3)], options)).toThrow(RangeError);
  expect(() => compareSimultaneously(three, { ...options, clusters: new Int32Array(3) })).toThrow(
    RangeError,
  );
});

test('Bonferroni’s bound is the t interval of each at its share of the level, and never narrower', () => {
  const runs = [
    [3, 5, 4, 6, 8, 7, 5, 9, 4, 6],
    [2, 5, 3, 6, 7, 5, 5, 7, 4, 5],
    [4, 6, 4, 7, 9, 9, 5, 9, 6, 6],
  ].map((run) => Float64Array.from(run));
  const compared = compareSimultaneously(runs, { confidence: 0.95 });
  if (!compared) throw new Error('three runs are compared');
  const bound = boundByBonferroni(compared, 0.95);
  for (const [place, found] of bound.differences.entries()) {
    const { first, second } = found;
    const pair = pairedT(
      differenceSummary(runs[first] ?? new Float64Array(), runs[second] ?? new Float64Array()),
      1 - 0.05 / 3,
    );
    expect(found.interval.low).toBeCloseTo(pair?.interval.low ?? Number.NaN, 9);
    expect(found.interval.high).toBeCloseTo(pair?.interval.high ?? Number.NaN, 9);
    expect(found.p).toBeCloseTo(Math.min(1, 3 * (pair?.p ?? Number.NaN)), 9);
    expect(found.p).toBeGreaterThanOrEqual(compared.differences[place]?.p ?? Number.NaN);
  }
});

function differenceSummary(first: Float64Array, second: Float64Array) {
  const differences = first.map((value, place) => value - (second[place] ?? Number.NaN));
  const n = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / n;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, standardDeviation: Math.sqrt(squares / (n - 1)) };
}
