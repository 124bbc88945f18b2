import type { Slice, Verdict, VerdictOutcome } from '#libs/contracts';
import { adjustByBenjaminiHochberg, adjustByHolm } from '#libs/statistics';
import type { DraftMetric } from './compare-metric.ts';

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
  const level = 1 - confidence;
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
  const { pairing, categorical, test } = metric;
  const items = counted(pairing.paired, 'paired item');
  if (pairing.paired === 0) {
    return `Not enough evidence: no item has a score of ${metric.metric} in both runs.`;
  }
  if (categorical) {
    const changed = `${categorical.changed} of ${items} changed the category of ${metric.metric}`;
    return test.p === null
      ? `${openings[outcome]}: ${changed}.`
      : `${openings[outcome]}: ${changed}, ${outcome === 'different' ? 'so that some categories are more frequent than before' : 'which does not show that any category is more frequent than before'} (${pText(metric)}).`;
  }
  const { difference, interval, baseline, candidate, equivalence, power } = metric;
  if (difference === null || baseline.mean === null || candidate.mean === null) {
    return `${openings[outcome]}: ${metric.metric} could not be compared.`;
  }
  const show = unitOf(metric);
  const change = `${metric.metric} is ${show.value(candidate.mean)} against ${show.value(baseline.mean)}, a difference of ${show.difference(difference)}`;
  const range = interval
    ? `${trimmed(confidence * 100, 3)} % interval ${show.range(interval)}; `
    : '';
  const parts = [`${openings[outcome]}: ${change} (${range}${pText(metric)}; ${items})`];
  if (outcome === 'equivalent' && equivalence) {
    parts.push(`which lies within the margin of ±${show.size(equivalence.margin)}`);
  }
  const detectable = power?.minimumDetectableDifference ?? null;
  if (outcome === 'inconclusive' && detectable !== null) {
    parts.push(
      `these items would show a true difference of ${show.size(detectable)} in four of five comparisons`,
    );
  }
  return `${parts.join('; ')}.${cautionOf(metric, outcome)}`;
}

/** Where the values that are missing could turn the verdict round. */
function cautionOf({ bounds, pairing, difference }: DraftMetric, outcome: VerdictOutcome): string {
  if (!bounds || difference === null || (outcome !== 'better' && outcome !== 'worse')) return '';
  const turned = Math.sign(bounds.worst) !== Math.sign(bounds.best);
  if (!turned || pairing.unpaired === 0) return '';
  return ` The ${counted(pairing.unpaired, 'item')} without a score on one side could turn this round.`;
}

const counted = (n: number, noun: string): string =>
  `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;

/** So many digits that count, without an exponent and without zeros at the end. */
function trimmed(value: number, digits: number): string {
  if (value === 0) return '0';
  const text = new Intl.NumberFormat('en-US', { maximumSignificantDigits: digits }).format(value);
  return text.replace('-', '−');
}

/** As it is read: 0.0027, or below 0.0001. */
const showP = (p: number): string => (p < 1e-4 ? 'p < 0.0001' : `p = ${trimmed(p, 2)}`);

function pText({ test }: DraftMetric): string {
  if (test.p === null) return 'no test is possible';
  if (test.holm === null || test.family < 2) return showP(test.p);
  return `${showP(test.p)}, adjusted for ${test.family} tests ${showP(test.holm).replace(/^p = /, '')}`;
}

interface Unit {
  value(this: void, value: number): string;
  /** With its sign. */
  difference(this: void, difference: number): string;
  range(this: void, interval: { low: number; high: number }): string;
  size(this: void, size: number): string;
}

const signed = (text: string, value: number): string => (value > 0 ? `+${text}` : text);

/** Points of a hundred: to a tenth, and finer where that would show nothing. */
function points(share: number): string {
  const value = share * 100;
  if (value !== 0 && Math.abs(value) < 0.1) return trimmed(value, 1);
  return value.toFixed(1).replace('-', '−');
}

function unitOf({ metric, source, kind }: DraftMetric): Unit {
  const inPoints = kind === 'binary';
  const unit = source === 'usage' ? (usageUnits[metric] ?? '') : '';
  const number = inPoints ? points : (value: number) => trimmed(value, 4);
  const behind = inPoints ? ' points' : unit;
  return {
    value: (value) => `${number(value)}${inPoints ? ' %' : unit}`,
    difference: (value) => `${signed(number(value), value)}${behind}`,
    range: ({ low, high }) =>
      `${signed(number(low), low)} to ${signed(number(high), high)}${behind}`,
    size: (value) => `${number(value)}${behind}`,
  };
}

const usageUnits: Record<string, string> = {
  latency_ms: ' ms',
  input_tokens: ' tokens',
  output_tokens: ' tokens',
  cost_usd: ' USD',
};
