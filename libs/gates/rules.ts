import type { GateOutcome, GateRule, MetricComparison, RuleResult } from '#libs/contracts';
import {
  clusteredProportionDifference,
  clusteredWilsonInterval,
  pairedProportionDifference,
  relativeChange,
  wilsonInterval,
  type Interval,
} from '#libs/statistics';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';
import { counted, percent, signedPercent, wordingOf } from './wording.ts';

/**
 * Whether a candidate meets the rules of a gate, by the metrics that it was compared in. A rule passes
 * where even the bad end of the interval of its estimate keeps it, fails where even the good end breaks
 * it, and is inconclusive in between. Each end is one-sided at the confidence of the rule: a candidate
 * that is in truth at the limit passes about once in 1 / (1 − confidence) times, and fails as often. What
 * could not be compared never passes.
 *
 * Intervals: of differences of binary scores Tango's, of clustered ones with their design effect; of
 * other differences ± t · standard error; of relative changes Fieller's, of binary scores no narrower
 * than that of the difference over the baseline's mean, since Fieller's has no width where no item
 * changed; of means of binary scores Wilson's, of clustered ones with their design effect; of other means
 * ± t · standard error.
 * Where a standard error is 0 since all values agree, that is taken for an interval only where so many
 * would agree by chance at most once in 1 / (1 − confidence) times, with a probability of 2^−n.
 * @param metrics of one candidate, as `ComparisonResult` has them
 * @returns the rules in their order; the outcome is fail where one fails, else inconclusive where one is
 */
export function checkRules(
  rules: readonly GateRule[],
  metrics: readonly MetricComparison[],
): { outcome: GateOutcome; rules: RuleResult[] } {
  return combined(rules.map((rule) => checkRule(rule, metrics)));
}

/** The result where the runs could not be compared at all: nothing is settled. */
export const uncompared = (
  rules: readonly GateRule[],
  why: string,
): { outcome: GateOutcome; rules: RuleResult[] } =>
  combined(rules.map((rule) => undecided(rule, `the runs could not be compared. ${why}`)));

function combined(rules: RuleResult[]): { outcome: GateOutcome; rules: RuleResult[] } {
  const outcomes = new Set(rules.map(({ outcome }) => outcome));
  if (outcomes.has('fail')) return { outcome: 'fail', rules };
  return { outcome: outcomes.has('inconclusive') ? 'inconclusive' : 'pass', rules };
}

const undecided = (rule: GateRule, why: string): RuleResult => ({
  rule,
  outcome: 'inconclusive',
  reason: `Inconclusive: ${why}`,
  estimate: null,
  low: null,
  high: null,
  n: 0,
});

function checkRule(rule: GateRule, metrics: readonly MetricComparison[]): RuleResult {
  const metric = metrics.find(({ metric }) => metric === rule.metric);
  if (!metric) {
    const known = metrics.map(({ metric }) => metric).join(', ');
    return undecided(
      rule,
      `the two runs have no values of ${rule.metric} in common; they have ${known === '' ? 'none' : known}.`,
    );
  }
  if (metric.pairing.paired === 0) {
    return undecided(rule, `no item has a score of ${rule.metric} in both runs.`);
  }
  if (metric.kind === 'categorical') {
    return undecided(rule, `${rule.metric} gives categories, which have no mean to put a rule on.`);
  }
  if (rule.kind !== 'value' && metric.direction === 'none') {
    return undecided(
      rule,
      `neither more nor less of ${rule.metric} is better, so that nothing can be worse; give it a rule of the kind value.`,
    );
  }
  const estimated = estimate(rule, metric);
  if (typeof estimated === 'string') return undecided(rule, estimated);
  return decide(rule, metric, estimated);
}

/** What a rule is about, and how sure it is. */
interface Estimate {
  value: number;
  /** Null: it is not known how sure. */
  interval: Interval | null;
  /** Were all that is missing as bad as can be; null: not known. */
  worst: number | null;
}

/** What the estimate has to be. */
interface Range {
  atLeast: number | null;
  atMost: number | null;
}

function estimate(rule: GateRule, metric: MetricComparison): Estimate | string {
  const { difference, baseline, candidate, bounds } = metric;
  if (difference === null || baseline.mean === null || candidate.mean === null) {
    return `${rule.metric} could not be compared.`;
  }
  if (rule.kind === 'difference') {
    return {
      value: difference,
      interval: withConfidence(rule, (confidence) => differenceInterval(metric, confidence)),
      worst: bounds?.worst ?? null,
    };
  }
  if (rule.kind === 'value') {
    return {
      value: candidate.mean,
      interval: withConfidence(rule, (confidence) => meanInterval(metric, confidence)),
      worst: worstMean(rule, metric),
    };
  }
  if (baseline.mean === 0) {
    return `the baseline’s mean of ${rule.metric} is 0, of which no share can be taken; give it a rule of the kind difference.`;
  }
  const size = Math.abs(baseline.mean);
  return {
    value: difference / size,
    interval: withConfidence(rule, (confidence) => relativeInterval(metric, confidence)),
    worst: bounds && bounds.worst / size,
  };
}

/** Of a rule without a confidence the estimate is all that counts. */
const withConfidence = (
  { confidence }: GateRule,
  intervalAt: (confidence: number) => Interval | null,
): Interval | null => (confidence === null ? null : intervalAt(confidence));

/** Both ends of the two-sided interval at this level hold at `confidence` each. */
const twoSided = (confidence: number): number => 2 * confidence - 1;

/** Of a binary metric, whether its pairs do not depend on each other. */
const areIndependent = (binary: NonNullable<MetricComparison['binary']>): boolean =>
  binary.exactP !== null;

function differenceInterval(metric: MetricComparison, confidence: number): Interval | null {
  const { difference, standardError, binary, clusters, degreesOfFreedom } = metric;
  if (!binary) return tInterval(metric, { value: difference, standardError }, confidence);
  const { both, baselineOnly, candidateOnly, neither } = binary;
  const counts = { both, baselineOnly, candidateOnly, neither };
  if (areIndependent(binary)) {
    return pairedProportionDifference(counts, twoSided(confidence))?.interval ?? null;
  }
  if (!clusters || !degreesOfFreedom) return null;
  const robust = { designEffect: clusters.designEffect, degreesOfFreedom };
  return clusteredProportionDifference(counts, robust, twoSided(confidence))?.interval ?? null;
}

function meanInterval(metric: MetricComparison, confidence: number): Interval | null {
  const { binary, clusters, pairing } = metric;
  const { mean, standardError } = metric.candidate;
  if (!binary) return tInterval(metric, { value: mean, standardError }, confidence);
  const passed = binary.both + binary.candidateOnly;
  if (areIndependent(binary)) {
    return wilsonInterval(passed, pairing.paired, twoSided(confidence));
  }
  const { degreesOfFreedom } = metric;
  if (!clusters || !degreesOfFreedom || mean === null) return null;
  // Over what the variance would be of independent shares.
  const independent = (mean * (1 - mean)) / (pairing.paired - 1);
  const designEffect =
    standardError === null || independent === 0 ? null : standardError ** 2 / independent;
  const robust = { designEffect, degreesOfFreedom };
  return clusteredWilsonInterval(passed, pairing.paired, robust, twoSided(confidence));
}

function tInterval(
  metric: MetricComparison,
  { value, standardError }: { value: number | null; standardError: number | null },
  confidence: number,
): Interval | null {
  const { degreesOfFreedom } = metric;
  if (value === null || standardError === null || !degreesOfFreedom) return null;
  const half = tQuantile(confidence, degreesOfFreedom) * standardError;
  const interval = { low: value - half, high: value + half };
  return unlessByChance(metric, interval, { confidence, size: sizeOf(metric) });
}

function relativeInterval(metric: MetricComparison, confidence: number): Interval | null {
  const { baseline, candidate, standardError, degreesOfFreedom } = metric;
  if (baseline.mean === null || candidate.mean === null || standardError === null) return null;
  if (baseline.standardError === null || candidate.standardError === null) return null;
  const baselineVariance = baseline.standardError ** 2;
  const candidateVariance = candidate.standardError ** 2;
  const fieller = relativeChange(
    {
      baseline: baseline.mean,
      candidate: candidate.mean,
      baselineVariance,
      candidateVariance,
      covariance: (baselineVariance + candidateVariance - standardError ** 2) / 2,
      degreesOfFreedom: degreesOfFreedom ?? 0,
    },
    twoSided(confidence),
  )?.interval;
  if (!fieller) return null;
  // Of a negative baseline the quotient falls where the mean rises.
  const interval = baseline.mean > 0 ? fieller : { low: -fieller.high, high: -fieller.low };
  if (!metric.binary) return unlessByChance(metric, interval, { confidence, size: 1 });
  const absolute = differenceInterval(metric, confidence);
  if (!absolute) return null;
  return {
    low: Math.min(interval.low, absolute.low / baseline.mean),
    high: Math.max(interval.high, absolute.high / baseline.mean),
  };
}

/** Null for an interval without a width, of too few values to say that others agree with them. */
function unlessByChance(
  { clusters, pairing }: MetricComparison,
  interval: Interval,
  { confidence, size }: { confidence: number; size: number },
): Interval | null {
  if (interval.high - interval.low > ROUNDING * size) return interval;
  const values = clusters?.clusters ?? pairing.paired;
  return 2 ** -values <= 1 - confidence ? interval : null;
}

/** The candidate's mean, were its missing values as bad for the rule as can be: of shares only. */
function worstMean(
  rule: Extract<GateRule, { kind: 'value' }>,
  { binary, candidate, pairing }: MetricComparison,
): number | null {
  if (!binary || candidate.mean === null) return null;
  const { failed, errors, open } = pairing.candidate;
  const missing = failed + errors + open;
  const passed = binary.both + binary.candidateOnly;
  const all = pairing.paired + missing;
  return rule.min === undefined ? (passed + missing) / all : passed / all;
}

/** Below this share of the means, differences are what doubles make of equal numbers. */
const ROUNDING = 1e-12;

const sizeOf = ({ baseline, candidate }: MetricComparison): number =>
  Math.max(Math.abs(baseline.mean ?? 0), Math.abs(candidate.mean ?? 0));

/** Whether all from low to high is in the range; what is exactly at a limit is. */
const isWithin = ({ low, high }: Interval, { atLeast, atMost }: Range, rounding: number): boolean =>
  (atLeast === null || low >= atLeast - rounding) && (atMost === null || high <= atMost + rounding);

function rangeOf(rule: GateRule, { direction }: MetricComparison): Range {
  if (rule.kind === 'value') return { atLeast: rule.min ?? null, atMost: rule.max ?? null };
  return direction === 'higher'
    ? { atLeast: -rule.atMostWorse, atMost: null }
    : { atLeast: null, atMost: rule.atMostWorse };
}

function decide(rule: GateRule, metric: MetricComparison, estimate: Estimate): RuleResult {
  const { value, worst } = estimate;
  const range = rangeOf(rule, metric);
  const rounding = ROUNDING * (rule.kind === 'relative' ? 1 : sizeOf(metric));
  const ends = rule.confidence === null ? { low: value, high: value } : estimate.interval;
  let outcome: GateOutcome = 'inconclusive';
  if (ends) {
    if (isWithin(ends, range, rounding)) outcome = 'pass';
    // Not even the good end is.
    else if (!isWithin({ low: ends.high, high: ends.low }, range, rounding)) outcome = 'fail';
  }
  const turns =
    outcome === 'pass' && worst !== null && !isWithin({ low: worst, high: worst }, range, rounding);
  return {
    rule,
    outcome,
    reason: reasonOf(rule, metric, { estimate, range, outcome, turnedBy: turns ? worst : null }),
    estimate: value,
    low: estimate.interval?.low ?? null,
    high: estimate.interval?.high ?? null,
    n: metric.pairing.paired,
  };
}

const openings = { pass: 'Pass', fail: 'Fail', inconclusive: 'Inconclusive' } as const;

function reasonOf(
  rule: GateRule,
  metric: MetricComparison,
  decided: { estimate: Estimate; range: Range; outcome: GateOutcome; turnedBy: number | null },
): string {
  const { estimate, range, outcome, turnedBy } = decided;
  const wording = wordingOf(metric);
  const show = {
    difference: wording.difference,
    relative: signedPercent,
    value: wording.value,
  }[rule.kind];
  const { baseline, candidate, pairing } = metric;
  const from = baseline.mean === null ? '' : wording.value(baseline.mean);
  const to = candidate.mean === null ? '' : wording.value(candidate.mean);
  const what =
    rule.kind === 'value' ? `is ${to}` : `went from ${from} to ${to}, by ${show(estimate.value)}`;
  const wanted = shownRange(range, show);
  const sure = shownConfidence(rule, estimate.interval, range, outcome, show);
  const items = counted(pairing.paired, 'paired item');
  const reason = `${openings[outcome]}: ${rule.metric} ${what}${sure}; the rule wants ${wanted} (${items}).`;
  if (turnedBy === null) return reason;
  const missing = rule.kind === 'value' ? missingOf(pairing.candidate) : pairing.unpaired;
  return `${reason} But were all ${counted(missing, 'item')} that failed or have no score as bad as can be, it would be ${show(turnedBy)}, which breaks the rule.`;
}

const missingOf = ({ failed, errors, open }: MetricComparison['pairing']['candidate']): number =>
  failed + errors + open;

function shownRange({ atLeast, atMost }: Range, show: (value: number) => string): string {
  if (atLeast !== null && atMost !== null) return `${show(atLeast)} to ${show(atMost)}`;
  return atLeast === null ? `at most ${show(atMost ?? 0)}` : `at least ${show(atLeast)}`;
}

/** The end that settles it, or both where none does. */
function shownConfidence(
  { confidence }: GateRule,
  interval: Interval | null,
  { atLeast, atMost }: Range,
  outcome: GateOutcome,
  show: (value: number) => string,
): string {
  if (confidence === null) return '';
  if (!interval) return ', of which too little is known to give an interval';
  const [low, high] = [show(interval.low), show(interval.high)];
  const at = `at ${percent(confidence)} confidence`;
  const oneEnd = atLeast === null || atMost === null;
  if (outcome === 'inconclusive' || !oneEnd) return `, ${at} for each end ${low} to ${high}`;
  // To pass, a lower limit needs the lower end; to fail, the upper one.
  const isLow = (outcome === 'pass') === (atLeast !== null);
  return isLow ? `, ${at} at least ${low}` : `, ${at} at most ${high}`;
}
