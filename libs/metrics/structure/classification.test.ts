import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { checkMetricSpecs, startRunLevel } from '#libs/metrics';
import { scoreCase, verdictOf } from '#test/scoring';

type Config = NonNullable<MetricSpec['config']>;

const spec = (config: Config = {}): MetricSpec => ({ metric: 'classification', config });

/** What a run has in the end whose items are these. */
async function runOf(cases: readonly (readonly [expected: Json, output: Json])[], config?: Config) {
  const aggregate = startRunLevel(spec(config));
  if (!aggregate) throw new Error('classification has no values of a run');
  let right = 0;
  for (const [expected, output] of cases) {
    const { details, value } = await scoreCase(spec(config), { output, expected });
    right += value ?? 0;
    if (details !== null) aggregate.add(details);
  }
  const { values, details } = aggregate.result();
  return {
    share: right / cases.length,
    values: Object.fromEntries(values.map(({ name, value }) => [name, value])),
    details,
  };
}

/** Cases by a confusion matrix, rows expected. */
const casesOf = (labels: readonly string[], matrix: readonly (readonly number[])[]) =>
  labels.flatMap((expected, row) =>
    labels.flatMap((predicted, column) =>
      Array.from({ length: matrix[row]?.[column] ?? 0 }, () => [expected, predicted] as const),
    ),
  );

const zip = (expected: readonly Json[], predicted: readonly Json[]) =>
  expected.map((each, place) => [each, predicted[place] ?? null] as const);

const near = (value: number, digits = 6): unknown => expect.closeTo(value, digits);

describe('classification of an item', () => {
  const closed = { labels: ['Spam', 'ham'] };
  test.each<[Json, Json, Config, number | string]>([
    ['spam', 'spam', {}, 1],
    ['spam', 'ham', {}, 0],
    [' spam\n', 'spam', {}, 1],
    [' spam\n', 'spam', { trim: false }, 0],
    ['Spam', 'spam', {}, 0],
    ['STRASSE', 'straße', { ignoreCase: true }, 1],
    [1, '1', {}, 1],
    [true, 'true', {}, 1],
    [null, 'null', {}, 0],
    [['spam'], 'spam', {}, 0],
    ['', '', {}, 1],
    ['ham', 'ham', closed, 1],
    ['Ham', 'ham', closed, 0],
    ['Ham', 'ham', { ...closed, ignoreCase: true }, 1],
    ['eggs', 'ham', closed, 0],
    ['ham', 'eggs', closed, 'not_applicable'],
    ['(other)', '(other)', closed, 'not_applicable'],
    ['ham', ['ham'], {}, 'not_applicable'],
    ['ham', { a: 1 }, {}, 'not_applicable'],
    ['x'.repeat(201), 'x'.repeat(201), {}, 'not_applicable'],
    ['x'.repeat(201), 'x', {}, 0],
  ])('%.40j where %.40j is expected, with %j, is %s', async (output, expected, config, value) => {
    expect(await verdictOf('classification', config, { output, expected })).toBe(value);
  });

  test('keeps both labels, as they are called', async () => {
    const config = { labels: ['Spam', 'ham'], ignoreCase: true };
    const score = async (output: Json) => scoreCase(spec(config), { output, expected: 'SPAM' });
    expect(await score('spam')).toMatchObject({
      passed: true,
      reason: null,
      details: { expected: 'Spam', predicted: 'Spam' },
    });
    expect(await score('I think spam')).toMatchObject({
      reason: 'got "I think spam", which is none of the labels, expected "Spam"',
      details: { expected: 'Spam', predicted: null },
    });
  });

  test.each<[Config, string]>([
    [{ labels: ['a'] }, 'labels: must have at least two'],
    [{ labels: ['a', '(other)'] }, 'labels.1: "(other)" is what predictions outside'],
    [{ labels: ['a', ''] }, 'labels.1: must not be empty'],
  ])('refuses %j', (config, message) => {
    expect(() => checkMetricSpecs([spec(config)])).toThrow(message);
  });
});

describe('classification of a run', () => {
  // The confusion matrix and the report of scikit-learn's own tests (sklearn/metrics/tests/
  // test_classification.py: test_confusion_matrix_multiclass, …_report_multiclass_with_digits).
  const iris = casesOf(
    ['setosa', 'versicolor', 'virginica'],
    [
      [19, 4, 1],
      [4, 3, 24],
      [0, 2, 18],
    ],
  );

  test('agrees with scikit-learn on its iris example', async () => {
    const { values, details, share } = await runOf(iris);
    expect(details).toEqual({
      labels: ['setosa', 'versicolor', 'virginica'],
      confusion: [
        [19, 4, 1],
        [4, 3, 24],
        [0, 2, 18],
      ],
      classes: [
        {
          label: 'setosa',
          precision: near(0.82609, 5),
          recall: near(0.79167, 5),
          f1: near(0.80851, 5),
          support: 24,
        },
        {
          label: 'versicolor',
          precision: near(0.33333, 5),
          recall: near(0.09677, 5),
          f1: near(0.15, 5),
          support: 31,
        },
        {
          label: 'virginica',
          precision: near(0.4186, 5),
          recall: near(0.9, 5),
          f1: near(0.57143, 5),
          support: 20,
        },
      ],
    });
    expect(values).toMatchObject({
      precision_weighted: near(0.51375, 5),
      recall_weighted: near(0.53333, 5),
      f1_weighted: near(0.4731, 5),
    });
    // The same by hand, exactly.
    const precision = [19 / 23, 3 / 9, 18 / 43];
    const recall = [19 / 24, 3 / 31, 18 / 20];
    const f1 = [38 / 47, 6 / 40, 36 / 63];
    const macro = ([a = 0, b = 0, c = 0]: number[]) => near((a + b + c) / 3);
    const weighted = ([a = 0, b = 0, c = 0]: number[]) => near((24 * a + 31 * b + 20 * c) / 75);
    const chance = 24 * 23 + 31 * 9 + 20 * 43;
    expect(values).toEqual({
      accuracy: near(40 / 75),
      precision_macro: macro(precision),
      recall_macro: macro(recall),
      f1_macro: macro(f1),
      precision_micro: near(40 / 75),
      recall_micro: near(40 / 75),
      f1_micro: near(40 / 75),
      precision_weighted: weighted(precision),
      recall_weighted: weighted(recall),
      f1_weighted: weighted(f1),
      balanced_accuracy: macro(recall),
      matthews_correlation: near(
        (40 * 75 - chance) /
          Math.sqrt(
            (75 ** 2 - 23 ** 2 - 9 ** 2 - 43 ** 2) * (75 ** 2 - 24 ** 2 - 31 ** 2 - 20 ** 2),
          ),
      ),
      cohens_kappa: near((40 / 75 - chance / 75 ** 2) / (1 - chance / 75 ** 2)),
    });
    expect(share).toBe(values['accuracy']);
  });

  test('gives zero, not nothing, for a class that was never predicted', async () => {
    // The example of f1_score in scikit-learn's documentation: macro 0.26, micro 0.33, weighted 0.26.
    const { values, details } = await runOf(zip([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]));
    expect(values).toMatchObject({
      precision_macro: near(2 / 9),
      recall_macro: near(1 / 3),
      f1_macro: near(0.8 / 3),
      f1_micro: near(1 / 3),
      f1_weighted: near(0.8 / 3),
    });
    expect(details).toMatchObject({
      classes: [{ f1: near(0.8) }, { precision: 0, recall: 0, f1: 0 }, { f1: 0 }],
    });
  });

  test('agrees with scikit-learn on balanced accuracy and correlation', async () => {
    // The examples of balanced_accuracy_score and matthews_corrcoef in scikit-learn's documentation.
    const balanced = await runOf(zip([0, 1, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1]));
    expect(balanced.values['balanced_accuracy']).toBe(0.625);
    const { values } = await runOf(zip([1, 1, 1, -1], [1, -1, 1, 1]));
    expect(values['matthews_correlation']).toBeCloseTo(-1 / 3, 6);
    // test_matthews_corrcoef: these two have nothing to do with each other.
    const [a, b] = ['10110111011111110111', '11100111101110111011'].map((text) => Array.from(text));
    const none = await runOf(zip(a ?? [], b ?? []));
    expect(none.values['matthews_correlation']).toBeCloseTo(0, 6);
    const opposite = await runOf(zip(['a', 'b', 'b'], ['b', 'a', 'a']));
    expect(opposite.values['matthews_correlation']).toBeCloseTo(-1, 6);
  });

  test.each([
    // Artstein and Poesio (2008), table 1, as in test_cohen_kappa of scikit-learn: 0.348.
    [
      [
        [20, 20],
        [10, 50],
      ],
      8 / 23,
    ],
    // Their table 4, as there: 0.8013.
    [
      [
        [46, 0, 0],
        [6, 32, 6],
        [0, 0, 10],
      ],
      (0.88 - 0.396) / (1 - 0.396),
    ],
    // As there: 0.9315.
    [
      [
        [46, 0, 0],
        [4, 40, 0],
        [0, 0, 10],
      ],
      (0.96 - 0.416) / (1 - 0.416),
    ],
    // By hand: 0.7 observed, 0.6 · 0.5 + 0.3 · 0.3 + 0.1 · 0.2 by chance.
    [
      [
        [88, 14, 18],
        [10, 40, 10],
        [2, 6, 12],
      ],
      0.29 / 0.59,
    ],
    [
      [
        [0, 5],
        [5, 0],
      ],
      -1,
    ],
  ])("Cohen's kappa of %j is %d", async (matrix, kappa) => {
    const { values } = await runOf(casesOf(['a', 'b', 'c'], matrix));
    expect(values['cohens_kappa']).toBeCloseTo(kappa, 6);
  });

  test('counts what is none of the labels as (other), which is no class of the means', async () => {
    const labels = ['b', 'a', 'never'];
    const { values, details, share } = await runOf(
      [
        ['a', 'a'],
        ['a', 'I think a'],
        ['b', 'b'],
        ['b', 'a'],
      ],
      { labels },
    );
    expect(share).toBe(0.5);
    expect(details).toEqual({
      labels: ['b', 'a', 'never', '(other)'],
      confusion: [
        [1, 1, 0, 0],
        [0, 1, 0, 1],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
      classes: [
        { label: 'b', precision: 1, recall: 0.5, f1: near(2 / 3), support: 2 },
        { label: 'a', precision: 0.5, recall: 0.5, f1: 0.5, support: 2 },
        { label: 'never', precision: 0, recall: 0, f1: 0, support: 0 },
      ],
    });
    expect(values).toMatchObject({
      accuracy: 0.5,
      // As scikit-learn's labels: a label that never occurs counts as 0.
      f1_macro: near((2 / 3 + 0.5) / 3),
      precision_micro: near(2 / 3),
      recall_micro: 0.5,
      balanced_accuracy: 0.5,
    });
  });

  test('has no values without a case, and no kappa where chance alone agrees', async () => {
    const { values } = await runOf([]);
    expect(new Set(Object.values(values))).toEqual(new Set([null]));
    const one = await runOf([['a', 'a']]);
    expect(one.values).toMatchObject({ accuracy: 1, f1_macro: 1, cohens_kappa: null });
    expect(one.values['matthews_correlation']).toBe(0);
  });

  test('does not depend on the order of cases', async () => {
    expect(await runOf(iris.toReversed())).toEqual(await runOf(iris));
  });

  test('tells 200 labels apart and says where there are more', async () => {
    const cases = Array.from({ length: 1000 }, (_, place) => {
      const label = `label ${place % 250}`;
      return [label, place < 500 ? label : `label ${(place + 1) % 250}`] as const;
    });
    const { values, details, share } = await runOf(cases);
    expect(share).toBe(0.5);
    expect(values['accuracy']).toBe(0.5);
    expect(details).toMatchObject({
      labels: { length: 201, 200: '(other)' },
      classes: { length: 200 },
      note: expect.stringMatching(/^There are more than 200 labels: 202 cases/),
    });
  });

  test('bears details that are none of its own', () => {
    const aggregate = startRunLevel(spec());
    for (const details of [null, 1, 'x', [], {}, { expected: 1, predicted: 'a' }]) {
      aggregate?.add(details);
    }
    expect(aggregate?.result().details).toEqual({ labels: [], confusion: [], classes: [] });
  });
});
