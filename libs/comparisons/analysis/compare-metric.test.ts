import { describe, expect, test } from '@jest/globals';
import type { DraftMetric } from './compare-metric.ts';
import { resample } from './resample.ts';
import { differencesOf } from './difference.ts';
import { compared, drawn, pairsFrom, type TestInput } from './test-input.ts';

const share = { range: { min: 0, max: 1 } };

/** Scores of 0 and 1 with so many pairs of each kind. */
const table = (both: number, baselineOnly: number, candidateOnly: number, neither: number) => {
  const column = (...passed: number[]) =>
    [both, baselineOnly, candidateOnly, neither].flatMap((count, place) =>
      Array<number>(count).fill(passed[place] ?? 0),
    );
  return { baseline: column(1, 1, 0, 0), candidate: column(1, 0, 1, 0), shape: share };
};

/** Grades of 24 items; those of the candidate differ by −0.1 to 0.2. */
const baseline = Array.from({ length: 24 }, (_, i) => ((i * 7) % 11) / 10);
const graded = {
  baseline,
  candidate: baseline.map((value, i) => value + (((i * 5) % 7) - 2) / 20),
};
const inFours = baseline.map((_, i) => Math.floor(i / 4));

/**
 * Where a value is not as expected: numbers by more than a share of their size (for tiny ones, of 1e-14).
 * What the expected does not name is not looked at.
 */
function deviations(found: unknown, expected: unknown, share = 1e-9, path = ''): string[] {
  if (typeof expected === 'number') {
    const apart = typeof found === 'number' ? Math.abs(found - expected) : Number.NaN;
    const isNear = apart <= share * Math.max(Math.abs(expected), 1e-14);
    return isNear ? [] : [`${path}: ${String(found)}, not ${expected}`];
  }
  if (typeof expected === 'object' && expected !== null) {
    const fields = new Map(Object.entries(found ?? {}));
    return Object.entries(expected).flatMap(([key, value]) =>
      deviations(fields.get(key), value, share, `${path}/${key}`),
    );
  }
  return found === expected ? [] : [`${path}: ${String(found)}, not ${String(expected)}`];
}

/** Whether a number in it, at any depth, is none that JSON has. */
const holdsNoNumber = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).some(holdsNoNumber)
    : typeof value === 'number' && !Number.isFinite(value);

describe('as scipy 1.10 and statsmodels 0.13.5 have it', () => {
  test('two systems of GSM8K', () => {
    expect(
      deviations(compared(table(306, 152, 209, 652)), {
        kind: 'binary',
        baseline: { mean: 458 / 1319, low: 0.32201685382696354, high: 0.3733359057098653 },
        candidate: { mean: 515 / 1319, low: 0.3644740968441599, high: 0.4170567902678588 },
        difference: 57 / 1319,
        // Tango's, by mpmath, as in the tests of the statistics.
        interval: { low: 0.015051738958925294, high: 0.07145819288103282 },
        intervalMethod: 'Tango score',
        standardError: 0.014361068314278445,
        correlation: 0.4151270576867364,
        // 57 / √361 = 3 standard errors, both ways.
        test: { p: 0.0026997960632601913, method: 'McNemar score' },
        binary: {
          both: 306,
          baselineOnly: 152,
          candidateOnly: 209,
          neither: 652,
          exactP: 0.003150656880360618,
          midP: 0.0026873913284713906,
          oddsRatio: { value: 1.375, low: 1.1104064979121826, high: 1.7058581553423644 },
          cohenH: 0.08960223790007293,
        },
        t: { t: 3.0091463626851174, degreesOfFreedom: 1318, p: 0.0026695696741332224 },
        graded: null,
        wins: 209,
        ties: 958,
        losses: 152,
      }),
    ).toEqual([]);
  });

  test('grades', () => {
    const options = { margins: { quality: 0.1 }, differences: { quality: 0.02 } };
    expect(
      deviations(compared({ ...graded, options }), {
        kind: 'graded',
        baseline: {
          mean: 0.4875,
          low: 0.3486673944252585,
          high: 0.6263326055747415,
          standardError: 0.06711241380666115,
        },
        candidate: {
          mean: 0.5354166666666668,
          low: 0.40312790962098427,
          high: 0.6677054237123492,
          standardError: 0.06394908291222018,
        },
        difference: 0.04791666666666668,
        interval: { low: 0.004567410326502888, high: 0.09126592300683045 },
        intervalMethod: 'paired t',
        // Where the Fieller function changes sign, by scipy's brentq.
        relativeChange: {
          value: 0.09829059829059861,
          interval: { low: 0.0085957204674596, high: 0.22206496155125022 },
        },
        standardError: 0.020955259160254498,
        unpairedStandardError: 0.09270146326930623,
        standardDeviation: 0.10265938474081325,
        correlation: 0.9500071657224877,
        test: { p: 0.03175211929393767, method: 'paired t' },
        t: { t: 2.286617707766146, degreesOfFreedom: 23, p: 0.03175211929393767 },
        binary: null,
        graded: {
          cohenDz: 0.46675388506996307,
          // Exact with ties: all choices of signs of the rounded differences, counted in Python.
          signedRank: {
            positive: 175,
            negative: 56,
            n: 21,
            zeros: 3,
            p: 0.03677940368652344,
            method: 'exact',
            effect: 0.5151515151515151,
          },
        },
        power: { minimumDetectableDifference: 0.05870794430509538, wanted: { n: 207 } },
        equivalence: { margin: 0.1, p: 0.010322631843060724 },
      }),
    ).toEqual([]);
  });

  test('grades in clusters of four', () => {
    const options = { margins: { quality: 0.1 } };
    expect(
      deviations(compared({ ...graded, clusters: inFours, options }), {
        difference: 0.04791666666666668,
        interval: { low: 0.01752754604086015, high: 0.0783057872924732 },
        intervalMethod: 'cluster-robust t',
        standardError: 0.011821884132592598,
        unpairedStandardError: 0.059548358033151914,
        baseline: { standardError: 0.04506939094329989 },
        candidate: { standardError: 0.03891987852556128 },
        degreesOfFreedom: 5,
        test: { p: 0.009794288347649257, method: 'cluster-robust t' },
        t: { t: 4.053217416888886, degreesOfFreedom: 5, p: 0.009794288347649257 },
        graded: { signedRank: null },
        clusters: { by: 'metadata.source', clusters: 6 },
        equivalence: { p: 0.0034923763773014676 },
      }),
    ).toEqual([]);
  });

  test('categories', () => {
    const codes = baseline.map((_, i) => ((i * 7) % 11) % 3);
    const changed = codes.map((code, i) => (i % 4 === 0 ? (code + 1) % 3 : i % 9 === 0 ? 0 : code));
    const names = ['x', 'y', 'z'];
    const metric = categories(codes, changed, { baseline: names, candidate: names });
    expect(
      deviations(metric, {
        kind: 'categorical',
        difference: null,
        test: { p: 0.6703200460356391, method: 'Stuart-Maxwell' },
        categorical: {
          changed: 8,
          homogeneity: { statistic: 0.8, degreesOfFreedom: 2, p: 0.6703200460356391 },
          kappa: 0.48387096774193544,
        },
        ties: 16,
      }),
    ).toEqual([]);
    // The most frequent first.
    expect(metric.categorical?.categories).toEqual(['x', 'y', 'z']);
    expect(metric.categorical?.table).toEqual([
      [7, 2, 0],
      [0, 7, 2],
      [4, 0, 2],
    ]);
    expect(metric.worst).toHaveLength(8);
  });
});

function categories(
  baseline: readonly number[],
  candidate: readonly number[],
  names: { baseline: readonly string[]; candidate: readonly string[] },
  clusters?: readonly number[],
): DraftMetric {
  return compared({
    baseline,
    candidate,
    categories: names,
    shape: { kind: 'categorical', range: { min: null, max: null }, direction: 'none' },
    ...(clusters && { clusters }),
  });
}

describe('categories', () => {
  const numbered = Array.from({ length: 120 }, (_, code) => `c${code}`);

  test('runs that know other categories are matched by name', () => {
    const { categorical } = categories([0, 0, 1, 1], [1, 1, 0, 0], {
      baseline: ['no', 'yes'],
      candidate: ['perhaps', 'no'],
    });
    expect(categorical).toMatchObject({
      categories: ['no', 'perhaps', 'yes'],
      table: [
        [2, 0, 0],
        [0, 0, 0],
        [0, 2, 0],
      ],
      changed: 2,
    });
  });

  test('beyond 50 the rare ones are one in the table, and a change among them is still a change', () => {
    const codes = Array.from({ length: 600 }, (_, i) => (i < 480 ? i % 48 : 48 + (i % 72)));
    // Among the rare ones each item changes, and none of the others.
    const moved = codes.map((code) => (code < 48 ? code : 48 + ((code + 1 - 48) % 72)));
    const metric = categories(codes, moved, { baseline: numbered, candidate: numbered });
    expect(metric.categorical?.categories).toHaveLength(50);
    expect(metric.categorical?.categories.at(-1)).toBe('(others)');
    expect(metric.categorical?.table.flat().reduce((sum, count) => sum + count, 0)).toBe(600);
    expect(metric).toMatchObject({ ties: 480, categorical: { changed: 120, kappa: null } });
    expect(metric.worst).toHaveLength(10);
    expect(holdsNoNumber(metric)).toBe(false);
  });

  test('a category that is named as the rest are is one of them', () => {
    const names = numbered.map((name, code) => (code === 0 ? '(others)' : name));
    const codes = Array.from({ length: 240 }, (_, i) => (i < 120 ? 0 : i % 120));
    const { categorical } = categories(codes, codes, { baseline: names, candidate: names });
    expect(categorical?.categories.filter((name) => name === '(others)')).toHaveLength(1);
    expect(categorical?.table.flat().reduce((sum, count) => sum + count, 0)).toBe(240);
    expect(categorical?.changed).toBe(0);
  });

  test('clustered items have no test that takes them as independent', () => {
    const names = { baseline: ['a', 'b'], candidate: ['a', 'b'] };
    const metric = categories([0, 1, 0, 1], [1, 1, 1, 1], names, [1, 1, 2, 2]);
    expect(metric.test.p).toBeNull();
    expect(metric.categorical?.homogeneity).toBeNull();
  });

  test.each([[[]], [[0]], [[0, 1]], [[1, 1, 1]]])('nothing changes among %j', (codes) => {
    const names = { baseline: ['a', 'b'], candidate: ['a', 'b'] };
    const metric = categories(codes, codes, names);
    expect(metric.test.p).toBe(codes.length > 0 ? 1 : null);
    expect(metric.categorical?.changed).toBe(0);
    expect(holdsNoNumber(metric)).toBe(false);
  });

  test('exchanging the runs transposes the table and changes nothing else', () => {
    const [first, second] = [1, 2].map((seed) =>
      drawn(seed, 300, (random) => Math.floor(5 * random.uniform() ** seed)),
    );
    const names = { baseline: numbered, candidate: numbered };
    const one = categories(first ?? [], second ?? [], names);
    const other = categories(second ?? [], first ?? [], names);
    const turned = one.categorical?.table.map((_, i) =>
      one.categorical?.table.map((row) => row[i]),
    );
    expect(other.categorical?.table).toEqual(turned);
    expect(other.categorical?.kappa).toBeCloseTo(one.categorical?.kappa ?? Number.NaN, 14);
    expect(other.test.p).toBeCloseTo(one.test.p ?? Number.NaN, 12);
    expect(other.worst.map(({ no }) => no)).toEqual(one.worst.map(({ no }) => no));
  });
});

describe('what is taken for a share', () => {
  const ones = { baseline: [0, 1, 1, 0], candidate: [1, 1, 1, 0] };
  test.each([
    ['boolean', { ...ones, shape: { kind: 'boolean' as const, ...share } }, 'binary'],
    ['from 0 to 1', { ...ones, shape: share }, 'binary'],
    ['without known bounds', ones, 'binary'],
    ['a count', { ...ones, shape: { range: { min: 0, max: null } } }, 'graded'],
    [
      'a grade from 1 to 5',
      { baseline: [1, 1], candidate: [1, 1], shape: { range: { min: 1, max: 5 } } },
      'graded',
    ],
    ['no pair', { baseline: [], candidate: [] }, 'graded'],
    ['values between', { baseline: [0, 0.5], candidate: [1, 1], shape: share }, 'graded'],
  ])('%s', (_, input, kind) => {
    expect(compared(input).kind).toBe(kind);
  });

  test('what the target used is none', () => {
    const metric = {
      name: 'output_tokens',
      source: 'usage' as const,
      shape: {
        kind: 'numeric' as const,
        range: { min: null, max: null },
        direction: 'lower' as const,
      },
    };
    expect(compared({ ...ones, metric }).kind).toBe('graded');
  });
});

describe('few items, and such that do not vary', () => {
  test('none', () => {
    const metric = compared({ baseline: [], candidate: [], options: { margins: { quality: 1 } } });
    expect(metric).toMatchObject({
      difference: null,
      interval: null,
      test: { p: null },
      equivalence: null,
      bounds: null,
    });
  });

  test('one grade says nothing of its spread', () => {
    const metric = compared({ baseline: [0.25], candidate: [0.5] });
    expect(metric).toMatchObject({
      difference: 0.25,
      interval: null,
      standardError: null,
      test: { p: null },
      t: null,
      power: null,
      relativeChange: { value: 1, interval: null },
    });
  });

  test('one share has the interval of Tango and no spread', () => {
    const metric = compared({ ...table(0, 0, 1, 0), options: { margins: { quality: 0.1 } } });
    expect(metric.interval?.low).toBeLessThan(-0.5);
    expect(metric).toMatchObject({ standardError: null, degreesOfFreedom: null });
    // One pair of one: z = 1.
    expect(metric.test.p).toBeCloseTo(0.31731050786291415, 12);
    expect(holdsNoNumber(metric)).toBe(false);
  });

  test('the same difference throughout has no interval, and the p of all signs agreeing', () => {
    // 0.3 − 0.2 and 0.4 − 0.3 are not the same double.
    const values = Array.from({ length: 10 }, (_, i) => (i + 1) / 10);
    const metric = compared({
      baseline: values,
      candidate: values.map((value) => Number((value + 0.1).toFixed(1))),
      options: { margins: { quality: 0.5 } },
    });
    expect(metric).toMatchObject({
      difference: 0.1,
      interval: null,
      standardError: 0,
      test: { p: 2 ** -9, method: 'exact sign flip' },
      t: null,
      graded: { cohenDz: null, signedRank: { p: 2 ** -9 } },
      power: null,
      equivalence: { p: 2 ** -10 },
      wins: 10,
    });
    expect(metric.relativeChange?.interval).toBeNull();
  });

  test('what only rounding makes of equal scores is a tie', () => {
    const metric = compared({
      baseline: Array<number>(20).fill(0.1 + 0.2),
      candidate: Array<number>(20).fill(0.3),
    });
    expect(metric).toMatchObject({ difference: 0, test: { p: 1 }, wins: 0, ties: 20, losses: 0 });
  });

  test.each([
    ['independent', {}],
    ['clustered', { clusters: [0, 0, 1, 1, 2, 2], items: [0, 0, 1, 1, 2, 2] }],
  ])('differences that cancel leave exactly none: %s', (_, more) => {
    // The sum of these is −5.6e-17 in doubles.
    const candidate = [0.1, 0.2, -0.3, 0.7, 0.1, -0.8];
    const metric = compared({ baseline: candidate.map(() => 0), candidate, ...more });
    expect(metric).toMatchObject({ difference: 0, test: { p: 1 }, t: { t: 0, p: 1 } });
    expect(metric.interval?.low).toBe(-(metric.interval?.high ?? Number.NaN));
  });

  test('grades in clusters with the same mean have no interval, whatever rounding leaves', () => {
    const metric = compared({
      baseline: Array<number>(9).fill(0),
      candidate: [0.3, 0, 0, 0, 0.3, 0, 0, 0, 0.3],
      clusters: [0, 0, 0, 1, 1, 1, 2, 2, 2],
      items: [0, 0, 0, 1, 1, 1, 2, 2, 2],
    });
    expect(metric).toMatchObject({
      interval: null,
      standardError: 0,
      test: { p: 0.25 },
      candidate: { low: null, high: null, standardError: 0 },
    });
    expect(holdsNoNumber(metric)).toBe(false);
  });

  test('shares in clusters that are all alike have the interval of independent ones', () => {
    // One of three repeats passes on one side, none on the other.
    const metric = compared({
      baseline: Array<number>(9).fill(0),
      candidate: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      clusters: [0, 0, 0, 1, 1, 1, 2, 2, 2],
      items: [0, 0, 0, 1, 1, 1, 2, 2, 2],
      shape: share,
    });
    expect(metric).toMatchObject({
      intervalMethod: 'Tango score with the design effect',
      repeats: { baseline: { flaky: 0 }, candidate: { flaky: 3 } },
    });
    expect(metric.interval?.low).toBeLessThan(0);
    expect(metric.interval?.high).toBeGreaterThan(1 / 3);
    expect(metric.test.p).toBeGreaterThan(0.05);
    expect(metric.candidate.low).toBeGreaterThan(0);
    expect(holdsNoNumber(metric)).toBe(false);
  });

  test('one cluster', () => {
    const metric = compared({ ...graded, clusters: baseline.map(() => 3) });
    expect(metric).toMatchObject({
      interval: null,
      test: { p: null },
      clusters: null,
      unpairedStandardError: null,
    });
    expect(metric.difference).toBeCloseTo(0.04791666666666668, 12);
  });

  test('a constant grade has no interval, a constant share has Wilson’s', () => {
    const one = compared({ baseline: [0.5, 0.5, 0.5], candidate: [0.2, 0.4, 0.9] });
    expect(one.baseline).toMatchObject({ mean: 0.5, low: null, high: null });
    expect(one.correlation).toBeNull();
    expect(compared(table(3, 0, 0, 0)).baseline.low).toBeCloseTo(
      3 / (3 + 1.959963984540054 ** 2),
      12,
    );
  });

  test('all that is said is in numbers that JSON has', () => {
    const sizes = [0, 1, 2, 3, 25];
    for (const [seed, n] of sizes.entries()) {
      for (const scale of [1e-12, 1, 1e12]) {
        for (const clustered of [false, true]) {
          const draw = (extra: number) =>
            drawn(100 * seed + extra, n, (random) => scale * random.normal());
          const metric = compared({
            baseline: draw(1),
            candidate: draw(2),
            ...(clustered && { clusters: draw(1).map((_, no) => no % 3) }),
            options: { margins: { quality: 1e-12 }, differences: { quality: 1e-12 } },
          });
          expect(holdsNoNumber(metric)).toBe(false);
        }
      }
    }
  });
});

describe('equivalence', () => {
  const within = (margin: number, input: TestInput) =>
    compared({ ...input, options: { margins: { quality: margin } } }).equivalence?.p;

  test('shares of which none differs show it as many items as there are', () => {
    // Φ of Tango's score at the margin: −√(n · margin / (1 − margin)) where no pair differs.
    expect(within(0.1, table(10, 0, 0, 10))).toBeCloseTo(0.068, 3);
    expect(within(0.1, table(100, 0, 0, 100))).toBeLessThan(1e-4);
    expect(within(0.01, table(5, 0, 0, 5))).toBeGreaterThan(0.3);
  });

  test('grades of which none differs: by the rule of three', () => {
    const same = (n: number) => Array<number>(n).fill(0.5);
    const input = (n: number) => ({ baseline: same(n), candidate: same(n), shape: share });
    expect(within(0.01, input(10))).toBeCloseTo(0.99 ** 10, 12);
    expect(within(0.01, input(299))).toBeLessThan(0.05);
    expect(within(0.01, input(298))).toBeGreaterThan(0.05);
    // Of what could be of any size: that all lie on one side of the margin.
    expect(within(0.01, { ...input(20), shape: {} })).toBe(2 ** -20);
    expect(
      within(0.01, { ...input(20), clusters: same(20).map((_, no) => no % 4), shape: share }),
    ).toBeCloseTo(0.99 ** 4, 12);
  });

  test('a constant difference outside of the margin is not within it', () => {
    const input = { baseline: [0, 0, 0, 0], candidate: [0.5, 0.5, 0.5, 0.5], shape: share };
    expect(within(0.25, input)).toBe(1);
    expect(within(0.75, input)).toBeCloseTo(0.5 ** 4, 12);
  });

  test('a margin that no difference can reach says nothing', () => {
    expect(within(1, table(30, 2, 3, 30))).toBeNull();
    expect(within(2, table(30, 2, 3, 30))).toBeNull();
    expect(within(4, { ...graded, shape: { range: { min: 1, max: 5 } } })).toBeNull();
  });
});

describe('relative change', () => {
  test('there is none of a baseline of 0 or below', () => {
    expect(compared({ baseline: [0, 0], candidate: [1, 3] }).relativeChange).toBeNull();
    expect(compared({ baseline: [-10, -11], candidate: [-5, -4] }).relativeChange).toBeNull();
  });
});

describe('slices', () => {
  const members = (count: number, isMember: (no: number) => boolean) =>
    Uint8Array.from({ length: count }, (_, no) => (isMember(no) ? 1 : 0));

  test('each is compared as it would be alone, and told where it goes against the whole', () => {
    // Better on 80 easy items, worse on 20 hard ones, better on the whole.
    const easy = table(40, 5, 25, 10);
    const hard = table(5, 10, 2, 3);
    const metric = compared({
      baseline: [...easy.baseline, ...hard.baseline],
      candidate: [...easy.candidate, ...hard.candidate],
      shape: share,
      parts: [
        { by: 'tags', value: 'easy', members: members(100, (no) => no < 80) },
        { by: 'tags', value: 'hard', members: members(100, (no) => no >= 80) },
        { by: 'tags', value: 'none', members: members(100, () => false) },
      ],
    });
    expect(metric.difference).toBeCloseTo(0.12, 12);
    const [ofEasy, ofHard, ofNone] = metric.slices;
    const alone = compared(hard);
    expect(ofEasy).toMatchObject({ n: 80, difference: 0.25, against: false });
    expect(ofHard).toMatchObject({
      n: 20,
      against: true,
      difference: alone.difference,
      interval: alone.interval,
      baselineMean: alone.baseline.mean,
      candidateMean: alone.candidate.mean,
      test: alone.test,
    });
    expect(ofNone).toMatchObject({ n: 0, difference: null, test: { p: null }, against: false });
  });

  test('a slice that is level, or a whole that is, goes against nothing', () => {
    const parts = [{ by: 'split', value: 'test', members: members(4, (no) => no < 2) }];
    const input = { baseline: [0, 1, 0, 0], candidate: [1, 0, 1, 0], shape: share, parts };
    expect(compared(input).slices[0]).toMatchObject({ difference: 0, against: false });
    const level = { ...input, baseline: [0, 0, 1, 1], candidate: [1, 1, 0, 0] };
    expect(compared(level).slices[0]).toMatchObject({ difference: 1, against: false });
  });

  test('very small differences go against the whole like others', () => {
    const metric = compared({
      baseline: [0, 0, 0, 0],
      candidate: [-1e-200, -2e-200, 3e-200, 4e-200],
      parts: [{ by: 'split', value: 'test', members: members(4, (no) => no < 2) }],
    });
    expect(metric.slices[0]?.against).toBe(true);
  });
});

describe('items that changed most', () => {
  test('ten each way, the largest change first, the earlier first where equal', () => {
    const candidate = Array.from({ length: 40 }, (_, no) => (no % 2 ? 1 : -1) * (no % 12));
    const input = { baseline: candidate.map(() => 0), candidate };
    const metric = compared(input);
    expect(metric.best.map(({ no }) => no)).toEqual([11, 23, 35, 9, 21, 33, 7, 19, 31, 5]);
    expect(metric.worst.map(({ no }) => no)).toEqual([10, 22, 34, 8, 20, 32, 6, 18, 30, 4]);
    expect(metric.best[0]).toEqual({ no: 11, baseline: 0, candidate: 11 });
    const lower = compared({ ...input, shape: { direction: 'lower' } });
    expect(lower.best).toEqual(metric.worst);
    expect(lower).toMatchObject({ wins: metric.losses, losses: metric.wins, ties: metric.ties });
  });
});

describe('whatever the scores are', () => {
  const kinds = {
    binary: (seed: number) => ({
      baseline: drawn(seed, 60, (random) => Number(random.uniform() < 0.6)),
      candidate: drawn(seed + 1, 60, (random) => Number(random.uniform() < 0.5)),
      shape: share,
    }),
    grades: (seed: number) => ({
      baseline: drawn(seed, 60, (random) => Math.round(random.uniform() * 10) / 10),
      candidate: drawn(seed + 1, 60, (random) => Math.round(random.uniform() * 10) / 10),
      shape: share,
    }),
    skewed: (seed: number) => ({
      baseline: drawn(seed, 60, (random) => Math.exp(3 * random.normal())),
      candidate: drawn(seed + 1, 60, (random) => Math.exp(3 * random.normal())),
      shape: { direction: 'lower' as const },
    }),
    huge: (seed: number) => ({
      baseline: drawn(seed, 60, (random) => 1e12 * random.normal()),
      candidate: drawn(seed + 1, 60, (random) => 1e12 * random.normal()),
    }),
    tiny: (seed: number) => ({
      baseline: drawn(seed, 60, (random) => 1e-12 * random.normal()),
      candidate: drawn(seed + 1, 60, (random) => 1e-12 * random.normal()),
    }),
  };
  const ids = drawn(9, 60, (random) => Math.floor(random.uniform() * 15));
  const parts = [{ by: 'tags', value: 'a', members: Uint8Array.from(ids, (id) => id % 2) }];
  const cases = Object.entries(kinds).flatMap(([kind, make]) =>
    [false, true].flatMap((clustered) =>
      [10, 20, 30].map((seed): [string, TestInput] => [
        `${kind}, ${clustered ? 'clustered' : 'independent'}, ${seed}`,
        {
          ...make(seed),
          ...(clustered && { clusters: ids, items: ids }),
          parts,
          options: { margins: { quality: 0.3 }, differences: { quality: 0.1 } },
        },
      ]),
    ),
  );

  const negated = (value: number): number => (value === 0 ? 0 : -value);
  const mirrored = (interval: { low: number; high: number } | null | undefined) =>
    interval && { low: negated(interval.high), high: negated(interval.low) };
  const numberOf = (value: number | null | undefined): number => value ?? Number.NaN;

  test.each(cases)('exchanging the runs turns every sign and no other digit: %s', (_, input) => {
    const one = compared(input);
    const other = compared({ ...input, baseline: input.candidate, candidate: input.baseline });
    const ratio = one.binary?.oddsRatio;
    expect(other).toEqual({
      ...one,
      baseline: one.candidate,
      candidate: one.baseline,
      difference: negated(numberOf(one.difference)),
      interval: mirrored(one.interval),
      relativeChange: other.relativeChange,
      t: one.t && { ...one.t, t: negated(numberOf(one.t.t)) },
      binary: one.binary && {
        ...one.binary,
        baselineOnly: one.binary.candidateOnly,
        candidateOnly: one.binary.baselineOnly,
        oddsRatio: other.binary?.oddsRatio,
        cohenH: negated(one.binary.cohenH),
      },
      graded: one.graded && {
        cohenDz: negated(numberOf(one.graded.cohenDz)),
        signedRank: one.graded.signedRank && {
          ...one.graded.signedRank,
          positive: one.graded.signedRank.negative,
          negative: one.graded.signedRank.positive,
          effect: negated(one.graded.signedRank.effect),
        },
      },
      repeats: one.repeats && { baseline: one.repeats.candidate, candidate: one.repeats.baseline },
      wins: one.losses,
      losses: one.wins,
      bounds: one.bounds && {
        worst: negated(one.bounds.best),
        best: negated(one.bounds.worst),
      },
      slices: one.slices.map((slice) => ({
        ...slice,
        baselineMean: slice.candidateMean,
        candidateMean: slice.baselineMean,
        difference: negated(numberOf(slice.difference)),
        interval: mirrored(slice.interval),
      })),
      worst: one.best.map((item) => ({
        ...item,
        baseline: item.candidate,
        candidate: item.baseline,
      })),
      best: one.worst.map((item) => ({
        ...item,
        baseline: item.candidate,
        candidate: item.baseline,
      })),
    });
    const inverse = other.binary?.oddsRatio;
    const products = [
      numberOf(ratio?.value) * numberOf(inverse?.value),
      numberOf(ratio?.low) * numberOf(inverse?.high),
      numberOf(ratio?.high) * numberOf(inverse?.low),
      (1 + numberOf(one.relativeChange?.value)) * (1 + numberOf(other.relativeChange?.value)),
    ].filter((product) => !Number.isNaN(product));
    expect(
      deviations(
        products,
        products.map(() => 1),
        1e-12,
      ),
    ).toEqual([]);
  });

  const some = cases.filter(([name]) => name.endsWith('10'));
  test.each(some)('… nor of what is resampled: %s', (_, input) => {
    const resampled = (swapped: boolean) => {
      const pairs = pairsFrom(
        swapped ? { ...input, baseline: input.candidate, candidate: input.baseline } : input,
      );
      return resample(
        { differences: differencesOf(pairs), clusters: pairs.clusters },
        { confidence: 0.95, seed: 1 },
      );
    };
    const one = resampled(false);
    expect(one?.interval).not.toBeNull();
    expect(resampled(true)).toEqual({ ...one, interval: mirrored(one?.interval) });
  });

  test.each(cases)('the order of the items does not matter: %s', (_, input) => {
    const order = drawn(5, 60, (random, place) => ({ place, by: random.uniform() }))
      .sort((a, b) => a.by - b.by)
      .map(({ place }) => place);
    const sorted = (values: ArrayLike<number>) => order.map((place) => values[place] ?? Number.NaN);
    const one = compared(input);
    const other = compared({
      ...input,
      baseline: sorted(input.baseline),
      candidate: sorted(input.candidate),
      ...(input.clusters && { clusters: sorted(input.clusters), items: sorted(input.clusters) }),
      parts: [
        { by: 'tags', value: 'a', members: Uint8Array.from(order, (id) => numberOf(ids[id]) % 2) },
      ],
    });
    const { worst, best, ...rest } = one;
    expect(other.worst.map(({ baseline }) => baseline)).toHaveLength(worst.length);
    expect(other.best).toHaveLength(best.length);
    expect(deviations(other, rest, 1e-11)).toEqual([]);
  });

  test.each([
    ['independent', {}],
    ['clustered', { clusters: ids, items: ids }],
  ])('shifting both changes no difference, scaling scales it: %s', (_, more) => {
    const input = { ...kinds.grades(40), ...more, shape: {} };
    const one = compared(input);
    const changed = (change: (value: number) => number) =>
      compared({
        ...input,
        baseline: input.baseline.map(change),
        candidate: input.candidate.map(change),
      });
    const said = ({
      difference,
      interval,
      standardError,
      test,
      graded,
      wins,
      ties,
    }: DraftMetric) => ({
      difference,
      interval,
      standardError,
      p: test.p,
      graded,
      wins,
      ties,
    });
    expect(deviations(said(changed((value) => value + 100)), said(one), 1e-11)).toEqual([]);
    const scaled = changed((value) => value * 3);
    const expected = {
      difference: 3 * numberOf(one.difference),
      standardError: 3 * numberOf(one.standardError),
      interval: one.interval && { low: 3 * one.interval.low, high: 3 * one.interval.high },
      test: { p: one.test.p },
      graded: one.graded,
    };
    expect(deviations(scaled, expected, 1e-11)).toEqual([]);
  });
});
