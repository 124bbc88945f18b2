import type { Slice, Verdict, VerdictOutcome } from '#libs/contracts';
import { adjustByBenjaminiHochberg, adjustByHolm } from '#libs/statistics';
import type { DraftMetric } from './compare-metric.ts';
import { levelOf } from './difference.ts';

type Test = Slice['test'];

/** Adjusts the tests of one family, in place of the unadjusted ones; what has no p is not one of them. */
export function adjust<Tested>(
  family: readonly Tested[],
  testOf: (tested: Tested) => Test,
): Map<Tested, Test> {
  const tested = family.flatMap((one) => {
    const test = testOf(one);
    return test.p === null ? [] : [{ one, test, p: test.p }];
  });
  const pValues = tested.map(({ p }) => p);
  const holm = adjustByHolm(pValues);
  const benjaminiHochberg = adjustByBenjaminiHochberg(pValues);
  return new Map(
    tested.map(({ one, test }, place) => [
      one,
      {
        ...test,
        holm: holm[place] ?? null,
        benjaminiHochberg: benjaminiHochberg[place] ?? null,
        family: tested.length,
      },
    ]),
  );
}

/** What the numbers say, by the p-value adjusted by Holm. */
export function outcomeOf(
  {
    difference,
    test,
    direction,
    equivalence,
  }: {
    difference: number | null;
    test: Test;
    direction: 'higher' | 'lower' | 'none';
    equivalence?: { p: number | null } | null;
  },
  confidence: number,
): VerdictOutcome {
  const level = levelOf(confidence);
  const { p: equivalenceP = null } = equivalence ?? {};
  if (equivalenceP !== null && equivalenceP < level) return 'equivalent';
  if (test.holm === null || test.holm >= level) return 'inconclusive';
  if (direction === 'none' || difference === null) return 'different';
  return difference > 0 === (direction === 'higher') ? 'better' : 'worse';
}

/** The verdict on a metric whose test has been adjusted. */
export function verdictOf(metric: DraftMetric, confidence: number): Verdict {
  const outcome = outcomeOf(metric, confidence);
  return { outcome, sentence: sentenceOf(metric, outcome, confidence) };
}

const openings: Record<VerdictOutcome, string> = {
  better: 'Better',
  worse: 'Worse',
  different: 'Different',
  equivalent: 'Equivalent',
  inconclusive: 'Not enough evidence',
};

function sentenceOf(metric: DraftMetric, outcome: VerdictOutcome, confidence: number): string {
  const { pairing, difference, baseline, candidate, interval } = metric;
  if (pairing.paired === 0) {
    return `Not enough evidence: no item has a score of ${metric.metric} in both runs.`;
  }
  if (metric.categorical) return sentenceOfCategories(metric, outcome, confidence);
  if (difference === null || baseline.mean === null || candidate.mean === null) {
    return `${openings[outcome]}: ${metric.metric} could not be compared.`;
  }
  const show = unitOf(metric);
  const evidence = [
    ...(metric.direction === 'lower' ? ['lower is better'] : []),
    ...(interval && outcome !== 'equivalent'
      ? [`${number(confidence * 100, 1)} % interval ${show.range(interval)}`]
      : []),
    ...(outcome === 'equivalent' ? [] : [pText(metric, confidence)]),
    itemsOf(pairing),
  ];
  const head = headOf(metric, show);
  const rest = remarkOn(metric, outcome, show, confidence);
  const sentence = [`${openings[outcome]}: ${head} (${evidence.join('; ')})`, ...rest].join('; ');
  return `${sentence}.${cautionOf(metric, outcome, show)}${cautionOfFew(metric)}`;
}

function headOf(
  { metric, difference, baseline, candidate, wins, losses }: DraftMetric,
  show: Unit,
) {
  const value = show.value(candidate.mean ?? Number.NaN);
  if (wins + losses === 0) {
    return `${metric} is the same in both runs for every item, ${value} on average`;
  }
  if (difference === 0) return `${metric} is ${value} in both runs on average`;
  return `${metric} is ${value} against the baseline’s ${show.value(baseline.mean ?? Number.NaN)}, a difference of ${show.difference(difference ?? Number.NaN)}`;
}

/** What the numbers mean beyond the outcome, and what they must not be taken for. */
function remarkOn(
  metric: DraftMetric,
  outcome: VerdictOutcome,
  show: Unit,
  confidence: number,
): string[] {
  const { test, equivalence, power } = metric;
  const level = levelOf(confidence);
  if (outcome === 'equivalent') {
    if (!equivalence || equivalence.p === null) return [];
    const tests = `two one-sided tests, ${showP(equivalence.p, level)}`;
    const margin = `margin of ±${show.size(equivalence.margin)}`;
    return test.holm !== null && test.holm < level
      ? [`they do differ (${pText(metric, confidence)}), but by less than the ${margin} (${tests})`]
      : [`the true difference is shown to lie within the ${margin} (${tests})`];
  }
  if (outcome !== 'inconclusive' || test.p === null) return [];
  const remarks: string[] = [];
  if (test.p < level) {
    remarks.push(
      `alone this would count as a difference, but among ${test.family} tests some look like this by chance`,
    );
  } else {
    remarks.push('this does not show that there is no difference');
    const detectable = power?.minimumDetectableDifference ?? null;
    if (detectable !== null) {
      remarks.push(
        `so many items would show a true one of ${show.size(detectable)} in four of five comparisons`,
      );
    }
  }
  if (equivalence && equivalence.p !== null) {
    remarks.push(
      `nor is it shown to lie within the margin of ±${show.size(equivalence.margin)} (two one-sided tests, ${showP(equivalence.p, level)})`,
    );
  }
  return remarks;
}

function sentenceOfCategories(
  metric: DraftMetric,
  outcome: VerdictOutcome,
  confidence: number,
): string {
  const { pairing, categorical, test } = metric;
  const changed = categorical?.changed ?? 0;
  const items = itemsOf(pairing);
  if (changed === 0) {
    return `${openings[outcome]}: ${metric.metric} is the same in both runs for every item (${items}), which does not show that no other item would change.`;
  }
  const head = `${openings[outcome]}: ${changed.toLocaleString('en-US')} of ${items} changed the category of ${metric.metric}`;
  if (test.p === null) {
    return `${head}; their items depend on each other, for which there is no test of categories.`;
  }
  const tested = pText(metric, confidence);
  if (outcome === 'different') {
    return `${head}, and some categories are more frequent than in the baseline, others less (${tested}).`;
  }
  const remark =
    test.p < levelOf(confidence)
      ? `alone this would count as a change of how frequent categories are, but among ${test.family} tests some look like this by chance`
      : 'it is not shown that any category is more or less frequent than in the baseline, nor that none is';
  return `${head} (${tested}); ${remark}.`;
}

/** Below these numbers the methods hold less well than they promise: docs/STATISTICS.md. */
const FEW = { differing: 10, clusters: 30, skewed: 100 } as const;

function cautionOfFew({ kind, source, clusters, wins, losses, pairing }: DraftMetric): string {
  const units = clusters?.clusters ?? pairing.paired;
  if (source === 'usage' && units < FEW.skewed) {
    return ` With fewer than ${FEW.skewed} ${clusters ? 'clusters' : 'items'} the interval of the difference is somewhat too narrow; the relative change holds.`;
  }
  if (kind === 'binary' && clusters && clusters.clusters < FEW.clusters) {
    return ` ${counted(clusters.clusters, 'cluster')} say little about how alike their items are: take this as a rough guide.`;
  }
  if (kind === 'binary' && wins + losses > 0 && wins + losses < FEW.differing) {
    return ` It rests on ${counted(wins + losses, 'item')} that differ${wins + losses === 1 ? 's' : ''}.`;
  }
  return '';
}

/** Where the values that are missing could undo the verdict. */
function cautionOf(
  { bounds, pairing, equivalence }: DraftMetric,
  outcome: VerdictOutcome,
  show: Unit,
): string {
  if (!bounds || outcome === 'inconclusive' || pairing.unpaired === 0) return '';
  const low = Math.min(bounds.worst, bounds.best);
  const high = Math.max(bounds.worst, bounds.best);
  const margin = outcome === 'equivalent' ? (equivalence?.margin ?? Infinity) : null;
  const undone = margin === null ? low <= 0 && high >= 0 : low <= -margin || high >= margin;
  return undone
    ? ` What is missing could undo this: with every missing score as low or as high as can be, the difference is ${show.range({ low, high })}.`
    : '';
}

const counted = (n: number, noun: string): string =>
  `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;

/** All common items are told of, also those of which a score is missing. */
const itemsOf = ({ paired, unpaired }: DraftMetric['pairing']): string =>
  unpaired === 0
    ? counted(paired, 'paired item')
    : `${paired.toLocaleString('en-US')} of ${counted(paired + unpaired, 'common item')}, the others lack a score`;

/** With its sign, thousands, and so many places at most, without zeros at the end; none has more than 15 digits. */
function number(value: number, places: number, { fixed = false } = {}): string {
  const size = Math.abs(value);
  const format: Intl.NumberFormatOptions =
    size !== 0 && (size < 1e-9 || size >= 1e15)
      ? { notation: 'scientific', maximumSignificantDigits: 3 }
      : { maximumFractionDigits: places, minimumFractionDigits: fixed ? places : 0 };
  const text = new Intl.NumberFormat('en-US', format).format(value);
  return text === '-0' ? '0' : text.replace('-', '−').replace('E-', 'E−');
}

/** Places at which a number has so many digits that count. */
const placesOf = (value: number, digits: number): number =>
  value === 0 ? 0 : Math.min(20, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value)))));

/** Two digits, and more where these would put it on the other side of the level: 0.0496, not 0.05. */
function showP(p: number, level: number): string {
  if (p < 1e-4) return 'p < 0.0001';
  const digits = [2, 3, 4, 5, 6].find(
    (digits) => Number(p.toPrecision(digits)) < level === p < level,
  );
  return `p = ${number(Number(p.toPrecision(digits ?? 12)), 12)}`;
}

function pText({ test }: DraftMetric, confidence: number): string {
  const level = levelOf(confidence);
  if (test.p === null) return 'no test is possible';
  if (test.holm === null || test.family < 2) return showP(test.p, level);
  return `${showP(test.p, level)}, adjusted for ${test.family} tests ${showP(test.holm, level).replace(/^p = /, '')}`;
}

interface Unit {
  value(this: void, value: number): string;
  /** With its sign. */
  difference(this: void, difference: number): string;
  range(this: void, interval: { low: number; high: number }): string;
  size(this: void, size: number): string;
}

/**
 * How values and differences of a metric are written: shares in per cent and points, to a tenth; others
 * to three digits of the difference, or of half of its interval where that is more. Finer where a number
 * would show as 0 that is none, or the difference as its margin; and both means as fine as their
 * difference.
 */
function unitOf(metric: DraftMetric): Unit {
  const { difference, interval, candidate, baseline, equivalence } = metric;
  const isShare = metric.kind === 'binary';
  const factor = isShare ? 100 : 1;
  const behind = metric.source === 'usage' ? (usageUnits[metric.metric] ?? '') : '';
  const points = isShare ? ' points' : behind;
  const text = (value: number, places: number): string =>
    number(value * factor, places, { fixed: isShare });

  const size = Math.abs(difference ?? 0);
  const half = interval ? (interval.high - interval.low) / 2 : 0;
  const scale =
    Math.max(size, half) || Math.max(Math.abs(candidate.mean ?? 0), Math.abs(baseline.mean ?? 0));
  let places = isShare ? 1 : placesOf(scale, 3);
  if (equivalence && equivalence.margin !== size) {
    while (places < 15 && text(size, places) === text(equivalence.margin, places)) places += 1;
  }
  const fine = (value: number): number => Math.max(places, placesOf(value * factor, 1));
  const own = (value: number): string => text(value, fine(value));
  const signed = (value: number): string => (value > 0 ? `+${own(value)}` : own(value));
  return {
    value: (value) => `${text(value, fine(size))}${isShare ? ' %' : behind}`,
    difference: (value) => `${signed(value)}${points}`,
    range: ({ low, high }) => `${signed(low)} to ${signed(high)}${points}`,
    size: (value) => `${own(value)}${points}`,
  };
}

const usageUnits: Record<string, string> = {
  latency_ms: ' ms',
  input_tokens: ' tokens',
  output_tokens: ' tokens',
  cost_usd: ' USD',
};
