import { RequestError, type Calibration, type MetricSpec } from '#libs/contracts';
import type { MetricShape } from '#libs/evaluation';
import {
  cohenKappa,
  confusionMatrix,
  meanInterval,
  percentAgreement,
  precisionAndRecall,
  spearmanCorrelation,
  summarize,
  weightedKappa,
  type Estimate,
} from '#libs/statistics';
import type { Label, LabelledItem } from './labelled.ts';

export const CONFIDENCE = 0.95;
/** Above so many different values, numbers are no categories any more. */
const LEVELS_MAX = 10;
const CATEGORIES_MAX = 50;
const DISAGREEMENTS_MAX = 50;

export interface ComparisonOptions {
  shape: MetricShape;
  /** As the caller gives it. */
  threshold: number | undefined;
  /** Of the metric in its run; used where labels are yes or no and scores are numbers. */
  ownThreshold: MetricSpec['threshold'];
  /** In their order. */
  categories: readonly string[] | undefined;
}

/** Something that the summary has to say beside the numbers. */
export type Note = 'other_scale' | undefined;

export type Comparison = Pick<
  Calibration,
  | 'comparedAs'
  | 'categories'
  | 'agreement'
  | 'kappa'
  | 'weightedKappa'
  | 'confusion'
  | 'precision'
  | 'recall'
  | 'correlation'
  | 'meanDifference'
  | 'disagreements'
> & { note: Note };

/** Both verdicts on one item. */
interface Pair<Verdict> {
  item: LabelledItem;
  human: Verdict;
  judge: Verdict;
}

/**
 * Compares labels with scores by what the metric gives:
 *
 * - yes or no: a metric that is boolean, or numbers with a threshold;
 * - categories: a metric that gives them, compared as texts;
 * - levels: numbers of which there are at most ten different ones, compared as ordered categories and
 *   as numbers;
 * - graded: other numbers.
 *
 * @throws {RequestError} for a label that is no verdict of that metric
 */
export function compareVerdicts(
  items: readonly LabelledItem[],
  options: ComparisonOptions,
): Comparison {
  const { shape } = options;
  if (shape.kind === 'categorical') return compareCategories(items, options.categories);
  if (options.categories !== undefined) {
    throw new RequestError(
      'invalid',
      'categories_not_given',
      'categories are for a metric that gives categories; this one does not. Leave them out.',
      [{ field: 'categories', message: 'must be left out for this metric' }],
    );
  }
  if (shape.kind === 'boolean') return compareYesNo(items, shape, options.threshold, 0.5);
  const threshold = options.threshold ?? thresholdOf(items, options);
  if (threshold !== undefined) return compareYesNo(items, shape, threshold, threshold);
  return compareNumbers(items, shape);
}

/** Where no label is a number, the threshold that scores have in their run is what they can be held to. */
function thresholdOf(
  items: readonly LabelledItem[],
  { shape, ownThreshold }: ComparisonOptions,
): number | undefined {
  const other = items.find(({ label }) => numberOf(label) === undefined);
  if (other === undefined) return undefined;
  const areYesNo = items.every(({ label }) => yesNoOf(label, shape) !== undefined);
  if (areYesNo && typeof ownThreshold === 'number') return ownThreshold;
  throw unreadable(
    other,
    areYesNo
      ? 'is yes or no while the metric gives numbers: give a threshold, from which on a score is true'
      : 'is no number, which the metric gives: give numbers, or yes and no with a threshold',
  );
}

function compareYesNo(
  items: readonly LabelledItem[],
  shape: MetricShape,
  labelThreshold: number | undefined,
  scoreThreshold: number,
): Comparison {
  const pairs = items.map((item): Pair<number> => {
    const number = labelThreshold === undefined ? undefined : numberOf(item.label);
    const human =
      number === undefined ? yesNoOf(item.label, shape) : number >= (labelThreshold ?? 0);
    if (human === undefined) {
      throw unreadable(
        item,
        'is neither yes nor no: give true or false, yes or no, pass or fail, 1 or 0, or numbers with a threshold',
      );
    }
    const judge = (item.value ?? 0) >= scoreThreshold;
    return { item, human: human ? 1 : 0, judge: judge ? 1 : 0 };
  });
  const compared = compareAsCategories(pairs, ['false', 'true']);
  return {
    ...NUMBERLESS,
    ...compared,
    ...precisionAndRecall(compared.confusion, 1),
    comparedAs: 'yes_no',
  };
}

function compareCategories(
  items: readonly LabelledItem[],
  given: readonly string[] | undefined,
): Comparison {
  const names =
    given ??
    [...new Set(items.flatMap(({ label, category }) => [String(label), category ?? '']))].sort();
  if (names.length > CATEGORIES_MAX) {
    throw new RequestError(
      'unprocessable',
      'too_many_categories',
      `Labels and scores have ${names.length} different categories; at most ${CATEGORIES_MAX} can be compared.`,
    );
  }
  const places = new Map(names.map((name, place) => [name, place]));
  const placeOf = (item: LabelledItem, name: string, whose: string): number => {
    const place = places.get(name);
    if (place !== undefined) return place;
    throw new RequestError(
      'unprocessable',
      'unknown_category',
      `The ${whose} of the item "${item.key}" is none of the categories that were given; add it, or leave categories out.`,
      [{ field: 'categories', message: `lack the ${whose} of "${item.key}"` }],
    );
  };
  const pairs = items.map((item) => ({
    item,
    human: placeOf(item, String(item.label), 'label'),
    judge: placeOf(item, item.category ?? '', 'score'),
  }));
  return {
    ...NUMBERLESS,
    ...compareAsCategories(pairs, names, given && names.map((_, place) => place)),
    comparedAs: 'categories',
  };
}

function compareNumbers(items: readonly LabelledItem[], shape: MetricShape): Comparison {
  const pairs = items.map((item) => ({
    item,
    human: numberOf(item.label) ?? 0,
    judge: item.value ?? 0,
  }));
  const { min, max } = shape.range;
  const otherScale = pairs.some(
    ({ human }) => human < (min ?? -Infinity) || human > (max ?? Infinity),
  );
  const levels = levelsOf(pairs);
  const correlation = estimateOf(
    spearmanCorrelation(
      pairs.map(({ human }) => human),
      pairs.map(({ judge }) => judge),
      CONFIDENCE,
    ),
  );
  // On another scale only the order can agree.
  if (otherScale) {
    return { ...NUMBERLESS, comparedAs: 'graded', correlation, note: 'other_scale' };
  }
  const numbers = {
    correlation,
    meanDifference: meanDifferenceOf(pairs),
    disagreements: furthestApart(pairs),
  };
  if (levels === undefined) return { ...NUMBERLESS, ...numbers, comparedAs: 'graded' };
  const places = new Map(levels.map((level, place) => [level, place]));
  const placed = pairs.map(({ item, human, judge }) => ({
    item,
    human: places.get(human) ?? 0,
    judge: places.get(judge) ?? 0,
  }));
  return {
    ...NUMBERLESS,
    ...compareAsCategories(placed, levels.map(String), levels),
    ...numbers,
    comparedAs: 'levels',
  };
}

/** The different values of both sides, ascending; undefined where there are too many for categories. */
function levelsOf(pairs: readonly Pair<number>[]): number[] | undefined {
  const levels = new Set<number>();
  for (const { human, judge } of pairs) {
    levels.add(human).add(judge);
    if (levels.size > LEVELS_MAX) return undefined;
  }
  return [...levels].sort((a, b) => a - b);
}

function meanDifferenceOf(pairs: readonly Pair<number>[]): Calibration['meanDifference'] {
  let sum = 0;
  let sumOfSquares = 0;
  for (const { human, judge } of pairs) {
    sum += judge - human;
    sumOfSquares += (judge - human) ** 2;
  }
  const { n, mean, standardDeviation } = summarize({ n: pairs.length, sum, sumOfSquares });
  if (mean === null) return NOTHING;
  const interval =
    standardDeviation === null ? null : meanInterval({ n, mean, standardDeviation }, CONFIDENCE);
  return {
    value: mean,
    confidenceLow: interval?.low ?? null,
    confidenceHigh: interval?.high ?? null,
  };
}

/** @param positions where the categories stand; left out: they have no order */
function compareAsCategories(
  pairs: readonly Pair<number>[],
  names: readonly string[],
  positions?: readonly number[],
) {
  const confusion = confusionMatrix(
    names.length,
    pairs.map(({ human, judge }) => [human, judge] as const),
  );
  const disagreements = pairs
    .filter(({ human, judge }) => human !== judge)
    .slice(0, DISAGREEMENTS_MAX)
    .map(({ item: { key, repeat }, human, judge }) => ({
      key,
      repeat,
      human: names[human] ?? '',
      judge: names[judge] ?? '',
    }));
  return {
    categories: [...names],
    confusion,
    agreement: estimateOf(percentAgreement(confusion, CONFIDENCE)),
    kappa: estimateOf(cohenKappa(confusion, CONFIDENCE)),
    ...(positions && {
      weightedKappa: estimateOf(
        weightedKappa(confusion, { weights: 'quadratic', positions }, CONFIDENCE),
      ),
    }),
    disagreements,
  };
}

const furthestApart = (pairs: readonly Pair<number>[]): Calibration['disagreements'] =>
  pairs
    .filter(({ human, judge }) => human !== judge)
    .sort((a, b) => Math.abs(b.human - b.judge) - Math.abs(a.human - a.judge))
    .slice(0, DISAGREEMENTS_MAX)
    .map(({ item: { key, repeat }, human, judge }) => ({
      key,
      repeat,
      human: String(human),
      judge: String(judge),
    }));

const NOTHING = { value: null, confidenceLow: null, confidenceHigh: null };
/** What is left out where verdicts are no numbers, or no categories. */
const NUMBERLESS = {
  categories: [],
  confusion: [],
  agreement: NOTHING,
  kappa: NOTHING,
  weightedKappa: NOTHING,
  precision: null,
  recall: null,
  correlation: NOTHING,
  meanDifference: NOTHING,
  disagreements: [],
  note: undefined,
};

const estimateOf = ({ value, interval }: Estimate): Calibration['kappa'] => ({
  value,
  confidenceLow: interval?.low ?? null,
  confidenceHigh: interval?.high ?? null,
});

/** Numbers may come as texts, as files of tables give them. */
function numberOf(label: Label): number | undefined {
  if (typeof label === 'number') return label;
  if (typeof label === 'boolean' || label.trim() === '') return undefined;
  const number = Number(label);
  return Number.isFinite(number) ? number : undefined;
}

/** To pass is what a better value does. */
function yesNoOf(label: Label, { direction }: MetricShape): boolean | undefined {
  if (typeof label === 'boolean') return label;
  switch (String(label).trim().toLowerCase()) {
    case '1':
    case 'true':
    case 'yes':
      return true;
    case '0':
    case 'false':
    case 'no':
      return false;
    case 'pass':
      return direction !== 'lower';
    case 'fail':
      return direction === 'lower';
    default:
      return undefined;
  }
}

const unreadable = ({ key, field }: LabelledItem, why: string): RequestError =>
  new RequestError('unprocessable', 'label_unreadable', `The label of the item "${key}" ${why}.`, [
    { field, message: `the label of "${key}" ${why}` },
  ]);
