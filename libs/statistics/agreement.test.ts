import { describe, expect, test } from '@jest/globals';
import {
  cohenKappa,
  confusionMatrix,
  percentAgreement,
  precisionAndRecall,
  spearmanCorrelation,
  weightedKappa,
} from './agreement.ts';

/** Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions", table 18.1: 100 diagnoses. */
const DIAGNOSES = [
  [75, 1, 4],
  [5, 4, 1],
  [0, 0, 10],
];
/** Cohen (1960), table 1: 200 cases. */
const COHEN = [
  [88, 14, 18],
  [10, 40, 10],
  [2, 6, 12],
];
/** The skin conditions in the guide to SAS's PROC FREQ, "Agreement Study". */
const SKIN = [
  [10, 4, 1, 0],
  [5, 10, 12, 2],
  [2, 4, 12, 5],
  [0, 2, 6, 13],
];
/** From the tests of scikit-learn's cohen_kappa_score. */
const SCIKIT = [
  [46, 0, 0],
  [4, 40, 0],
  [0, 0, 10],
];

describe('confusionMatrix', () => {
  test('counts what the first said in rows, and the second in columns', () => {
    const pairs: [number, number][] = [
      [0, 1],
      [0, 1],
      [1, 0],
      [2, 2],
    ];
    expect(confusionMatrix(3, pairs)).toEqual([
      [0, 2, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]);
  });

  test.each([
    [2, 0],
    [0, 2],
    [-1, 0],
  ])('refuses the places %d and %d of two categories', (first, second) => {
    expect(() => confusionMatrix(2, [[first, second]])).toThrow(RangeError);
  });
});

describe('percentAgreement', () => {
  test('is the share on the diagonal, with the interval of Wilson', () => {
    const { value, standardError, interval } = percentAgreement(DIAGNOSES, 0.95);
    expect(value).toBe(0.89);
    expect(standardError).toBeCloseTo(Math.sqrt((0.89 * 0.11) / 100), 14);
    // scipy binomtest(89, 100).proportion_ci(method='wilson')
    expect(interval?.low).toBeCloseTo(0.8136870349691969, 12);
    expect(interval?.high).toBeCloseTo(0.9374580364293543, 12);
  });

  test('says nothing of no pairs', () => {
    expect(percentAgreement([[0]], 0.95).value).toBeNull();
  });
});

describe('cohenKappa', () => {
  // Printed: 0.68 and 0.087 (Fleiss), 0.49 (Cohen), 0.3449, 0.0724, 0.2030 and 0.4868 (SAS), 0.9315
  // (scikit-learn). The further digits: kappa as a fraction, the error from the form in which Fleiss
  // prints it, A + B − C, in Python.
  test.each([
    ['diagnoses', DIAGNOSES, 23 / 34, 0.08770295347521254],
    ['Cohen', COHEN, 29 / 59, 0.05100181557607786],
    ['skin', SKIN, 0.3448753462603878, 0.07239668737198354],
    ['scikit-learn', SCIKIT, 68 / 73, 0.03371871914942262],
    [
      'scikit-learn, two categories',
      [
        [20, 20],
        [10, 50],
      ],
      8 / 23,
      0.09500818051515361,
    ],
  ])('%s as published', (_, matrix, value, standardError) => {
    const given = cohenKappa(matrix, 0.95);
    expect(given.value).toBeCloseTo(value, 12);
    expect(given.standardError).toBeCloseTo(standardError, 12);
    expect(given.interval?.low).toBeCloseTo(value - 1.959963984540054 * standardError, 9);
    expect(given.interval?.high).toBeCloseTo(
      Math.min(1, value + 1.959963984540054 * standardError),
      9,
    );
  });

  test('the example in the documentation of scikit-learn is 0.6875', () => {
    // negative, neutral, positive
    const pairs: [number, number][] = [
      [0, 0],
      [2, 2],
      [0, 0],
      [1, 1],
      [2, 0],
    ];
    expect(cohenKappa(confusionMatrix(3, pairs), 0.95).value).toBeCloseTo(0.6875, 14);
  });

  test('is not defined where both gave one category only, or nothing', () => {
    expect(cohenKappa([[30]], 0.95).value).toBeNull();
    expect(
      cohenKappa(
        [
          [0, 0],
          [0, 7],
        ],
        0.95,
      ),
    ).toEqual({ value: null, standardError: null, interval: null });
    expect(
      cohenKappa(
        [
          [0, 0],
          [0, 0],
        ],
        0.95,
      ).value,
    ).toBeNull();
  });

  test('is 0 where one rater always says the same, and −1 where two always differ', () => {
    expect(
      cohenKappa(
        [
          [8, 0],
          [2, 0],
        ],
        0.95,
      ).value,
    ).toBeCloseTo(0, 14);
    expect(
      cohenKappa(
        [
          [0, 5],
          [5, 0],
        ],
        0.95,
      ).value,
    ).toBeCloseTo(-1, 14);
  });

  test('has no interval where all agree: the standard error of 0 says nothing', () => {
    expect(
      cohenKappa(
        [
          [3, 0],
          [0, 4],
        ],
        0.95,
      ),
    ).toEqual({ value: 1, standardError: 0, interval: null });
  });

  test('takes both raters alike', () => {
    const turned = SKIN.map((_, column) => SKIN.map((row) => row[column] ?? 0));
    const [one, other] = [cohenKappa(SKIN, 0.9), cohenKappa(turned, 0.9)];
    expect(other.value).toBeCloseTo(one.value ?? NaN, 14);
    expect(other.standardError).toBeCloseTo(one.standardError ?? NaN, 14);
  });
});

describe('weightedKappa', () => {
  // Printed: 0.5082, 0.0655, 0.3798 and 0.6366 (SAS), 0.9412 and 0.9541 (scikit-learn). The errors to
  // more digits: the delta method with a numerical gradient.
  test.each([
    ['skin', SKIN, 'linear', 0.5081600715403533, 0.06550838103172898],
    ['skin', SKIN, 'quadratic', 0.6607228915662648, 0.06164283242125125],
    ['scikit-learn', SCIKIT, 'linear', 0.9411764705882356, 0.029309817210088306],
    ['scikit-learn', SCIKIT, 'quadratic', 0.9541284403669724, 0.023399763456966705],
  ] as const)('%s, %s %s, as published', (_, matrix, weights, value, standardError) => {
    const given = weightedKappa(matrix, { weights }, 0.95);
    expect(given.value).toBeCloseTo(value, 12);
    expect(given.standardError).toBeCloseTo(standardError, 8);
  });

  test('of two categories is the plain one', () => {
    const matrix = [
      [20, 20],
      [10, 50],
    ];
    const weighted = weightedKappa(matrix, { weights: 'quadratic' }, 0.95);
    expect(weighted.value).toBeCloseTo(8 / 23, 12);
    expect(weighted.standardError).toBeCloseTo(0.09500818051515361, 12);
  });

  test('keeps the distance over a category that nobody used', () => {
    const used = [
      [10, 2, 1],
      [3, 8, 2],
      [0, 1, 6],
    ];
    const all = [
      [10, 2, 0, 0, 1],
      [3, 8, 0, 0, 2],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 1, 0, 0, 6],
    ];
    const given = weightedKappa(used, { weights: 'quadratic', positions: [1, 2, 5] }, 0.95);
    expect(given.value).toBeCloseTo(0.7059041960638696, 12);
    expect(given.value).toBeCloseTo(
      weightedKappa(all, { weights: 'quadratic' }, 0.95).value ?? NaN,
      12,
    );
  });

  test.each([[[1, 2]], [[1, 3, 2]], [[1, 1, 2]]])('refuses the positions %j', (positions) => {
    expect(() => weightedKappa(COHEN, { weights: 'linear', positions }, 0.95)).toThrow(RangeError);
  });
});

test('precision looks at what the second rater says, recall at what the first says', () => {
  expect(
    precisionAndRecall(
      [
        [50, 10],
        [5, 35],
      ],
      1,
    ),
  ).toEqual({ precision: 35 / 45, recall: 35 / 40 });
  expect(
    precisionAndRecall(
      [
        [4, 0],
        [0, 0],
      ],
      1,
    ),
  ).toEqual({ precision: null, recall: null });
});

describe('spearmanCorrelation', () => {
  test('the hours of television against the IQ, as often printed', () => {
    const iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
    const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
    expect(spearmanCorrelation(iq, hours, 0.95).value).toBeCloseTo(-29 / 165, 14);
  });

  test('with ties as scipy 1.17 does, the interval in Python', () => {
    const given = spearmanCorrelation([1, 2, 2, 3, 3, 3, 5, 8], [2, 1, 4, 4, 3, 9, 9, 7], 0.95);
    expect(given.value).toBeCloseTo(0.7268342671254985, 14);
    expect(given.interval?.low).toBeCloseTo(-0.06344222175779733, 12);
    expect(given.interval?.high).toBeCloseTo(0.9568744390317824, 12);
  });

  test('asks for the order only', () => {
    const values = [0.1, 0.5, 0.7, 0.9, 0.2];
    const cubes = values.map((value) => value ** 3 * 100);
    expect(spearmanCorrelation(values, cubes, 0.95)).toMatchObject({ value: 1, interval: null });
    const turned = values.map((value) => -value);
    expect(spearmanCorrelation(values, turned, 0.95).value).toBe(-1);
  });

  test('says nothing of one pair, or where a side never changes', () => {
    expect(spearmanCorrelation([1], [2], 0.95).value).toBeNull();
    expect(spearmanCorrelation([1, 2, 3], [2, 2, 2], 0.95).value).toBeNull();
  });

  test('refuses lists of different length', () => {
    expect(() => spearmanCorrelation([1, 2], [1], 0.95)).toThrow(RangeError);
  });
});
