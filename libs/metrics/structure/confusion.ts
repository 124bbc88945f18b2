import type { RunLevelSum } from '#libs/evaluation';

/** What everything is called that is none of the labels. */
export const OTHER = '(other)';

/** Labels of one case; null: none of the labels. */
export interface ClassifiedCase {
  expected: string;
  predicted: string | null;
}

interface Class {
  label: string;
  expected: number;
  predicted: number;
  matched: number;
}

/** Counts which label was predicted where which was expected, in memory that the labels alone bound. */
export class Confusion {
  readonly #labelsMax: number;
  readonly #isClosed: boolean;
  /** Place in the matrix by label; what has none is counted behind them all. */
  readonly #places = new Map<string, number>();
  /** Cases by the places of expected and predicted. */
  readonly #counts = new Map<number, number>();
  /** Cases with a label beyond the bound, on either side, and those of them that match. */
  #beyond = 0;
  #beyondMatched = 0;
  #cases = 0;

  /**
   * @param labelsMax different labels that are told apart
   * @param labels all there are; left out: those that the cases bring
   */
  constructor(labelsMax: number, labels?: readonly string[]) {
    this.#labelsMax = labelsMax;
    this.#isClosed = labels !== undefined;
    for (const label of labels ?? []) this.#places.set(label, this.#places.size);
  }

  add({ expected, predicted }: ClassifiedCase): void {
    const row = this.#placeOf(expected);
    const column = predicted === null ? this.#labelsMax : this.#placeOf(predicted);
    const isBeyond = row === this.#labelsMax;
    if (isBeyond || (predicted !== null && column === this.#labelsMax)) this.#beyond += 1;
    if (isBeyond && expected === predicted) this.#beyondMatched += 1;
    const cell = row * (this.#labelsMax + 1) + column;
    this.#counts.set(cell, (this.#counts.get(cell) ?? 0) + 1);
    this.#cases += 1;
  }

  /** Every value is null without a case. */
  result(): ReturnType<RunLevelSum['result']> {
    const { labels, matrix, classes, other } = this.#table();
    const everything = [...classes, other];
    const cases = this.#cases;
    const supports = classes.map(({ expected }) => expected);
    const scores = classes.map(scoresOf);
    const values = {
      accuracy: ratio(sum(everything.map(({ matched }) => matched)), cases),
      ...averages(
        'macro',
        scores,
        classes.map(() => 1),
      ),
      ...named('micro', scoresOf(total(classes))),
      ...averages('weighted', scores, supports),
      balanced_accuracy: mean(
        classes.filter(({ expected }) => expected > 0).map((each) => scoresOf(each).recall),
      ),
      matthews_correlation: matthews(everything, cases),
      cohens_kappa: kappa(everything, cases),
    };
    const nothing = Object.fromEntries(Object.keys(values).map((name) => [name, null]));
    return {
      values: cases === 0 ? nothing : values,
      details: {
        labels,
        confusion: matrix,
        classes: classes.map(({ label, expected }, place) => ({
          label,
          ...(scores[place] ?? { precision: 0, recall: 0, f1: 0 }),
          support: expected,
        })),
        ...(this.#beyond > 0 && {
          note: `There are more than ${this.#labelsMax} labels: ${this.#beyond} cases with further ones are counted as ${OTHER}.`,
        }),
      },
    };
  }

  #placeOf(label: string): number {
    const known = this.#places.get(label);
    if (known !== undefined) return known;
    const place = this.#places.size;
    if (this.#isClosed || place >= this.#labelsMax) return this.#labelsMax;
    this.#places.set(label, place);
    return place;
  }

  /** The matrix in the order of its labels, the rest last where there is any, and its sums. */
  #table() {
    const places = [...this.#places];
    // Given labels keep their order; others are sorted, so that the order of cases changes nothing.
    if (!this.#isClosed) places.sort(([a], [b]) => (a < b ? -1 : 1));
    const classes = places.map(([label]) => emptyClass(label));
    const other = emptyClass(OTHER);
    const ranks = new Map(places.map(([, place], rank) => [place, rank]));
    const all = [...classes, other];
    const matrix = all.map(() => all.map(() => 0));
    for (const [cell, count] of this.#counts) {
      const place = Math.floor(cell / (this.#labelsMax + 1));
      const row = ranks.get(place) ?? classes.length;
      const column = ranks.get(cell % (this.#labelsMax + 1)) ?? classes.length;
      const line = matrix[row];
      if (line) line[column] = (line[column] ?? 0) + count;
      const [expected, predicted] = [all[row], all[column]];
      if (expected) expected.expected += count;
      if (predicted) predicted.predicted += count;
      if (expected && row === column && expected !== other) expected.matched += count;
    }
    other.matched = this.#beyondMatched;
    if (other.expected + other.predicted > 0) {
      return { labels: all.map(({ label }) => label), matrix, classes, other };
    }
    const square = matrix.slice(0, -1).map((line) => line.slice(0, -1));
    return { labels: classes.map(({ label }) => label), matrix: square, classes, other };
  }
}

const emptyClass = (label: string): Class => ({ label, expected: 0, predicted: 0, matched: 0 });

interface Scores {
  precision: number;
  recall: number;
  f1: number;
}

const scoresOf = ({ expected, predicted, matched }: Class): Scores => ({
  precision: ratio(matched, predicted),
  recall: ratio(matched, expected),
  f1: ratio(2 * matched, predicted + expected),
});

function total(classes: readonly Class[]): Class {
  return {
    label: '',
    expected: sum(classes.map(({ expected }) => expected)),
    predicted: sum(classes.map(({ predicted }) => predicted)),
    matched: sum(classes.map(({ matched }) => matched)),
  };
}

const named = (average: string, { precision, recall, f1 }: Scores) => ({
  [`precision_${average}`]: precision,
  [`recall_${average}`]: recall,
  [`f1_${average}`]: f1,
});

function averages(average: string, scores: readonly Scores[], weights: readonly number[]) {
  const weighted = (value: (scores: Scores) => number) =>
    ratio(sum(scores.map((each, place) => value(each) * (weights[place] ?? 0))), sum(weights));
  return named(average, {
    precision: weighted(({ precision }) => precision),
    recall: weighted(({ recall }) => recall),
    f1: weighted(({ f1 }) => f1),
  });
}

function matthews(classes: readonly Class[], cases: number): number {
  const covariance = (value: (each: Class) => number) => cases ** 2 - sum(classes.map(value));
  const matched = sum(classes.map(({ matched }) => matched));
  const chance = sum(classes.map(({ expected, predicted }) => expected * predicted));
  const spread =
    covariance(({ predicted }) => predicted ** 2) * covariance(({ expected }) => expected ** 2);
  return ratio(matched * cases - chance, Math.sqrt(spread));
}

function kappa(classes: readonly Class[], cases: number): number | null {
  const matched = sum(classes.map(({ matched }) => matched));
  const chance = sum(classes.map(({ expected, predicted }) => expected * predicted));
  // Times N², which keeps whole numbers whole.
  const beyond = cases ** 2 - chance;
  return beyond === 0 ? null : (matched * cases - chance) / beyond;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => ratio(sum(values), values.length);
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
