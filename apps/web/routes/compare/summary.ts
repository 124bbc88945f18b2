import type { ComparisonResult, MetricComparison, VerdictOutcome } from '#libs/contracts';
import { formatCount } from '../../format/numbers.ts';

type Candidate = ComparisonResult['candidates'][number];

/** Of each outcome, the metrics of the runs that have it, in their order. */
export function byOutcome(
  metrics: readonly MetricComparison[],
): Record<VerdictOutcome, MetricComparison[]> {
  const sorted: Record<VerdictOutcome, MetricComparison[]> = {
    better: [],
    worse: [],
    different: [],
    equivalent: [],
    inconclusive: [],
  };
  for (const metric of metrics) sorted[metric.verdict.outcome].push(metric);
  return sorted;
}

/**
 * The verdict on a candidate in one or two sentences, over the metrics of the runs; what the targets used
 * is told of in the second.
 */
export function summaryOf({ metrics }: Candidate, name: string): string {
  const scored = metrics.filter(({ source }) => source === 'metric');
  const used = metrics.filter(({ source }) => source === 'usage');
  return [scoredInWords(scored, name), usedInWords(used)].filter((text) => text !== '').join(' ');
}

function scoredInWords(metrics: readonly MetricComparison[], name: string): string {
  if (metrics.length === 0) return '';
  const { better, worse, different, equivalent, inconclusive } = byOutcome(metrics);
  if (inconclusive.length === metrics.length) {
    const where = metrics.length === 1 ? namesOf(metrics) : `any of the ${metrics.length} metrics`;
    return `Not enough evidence that ${name} differs from the baseline in ${where}; that does not show that they are alike.`;
  }
  const parts = [
    part('better than the baseline in', better),
    part(better.length > 0 ? 'worse in' : 'worse than the baseline in', worse),
    part('different in', different),
    part('equivalent, within the margin, in', equivalent),
  ].filter((text) => text !== '');
  const open =
    inconclusive.length === 0 ? '' : `; for ${namesOf(inconclusive)} there is not enough evidence`;
  return `${name} is ${listed(parts)}${open}.`;
}

function usedInWords(metrics: readonly MetricComparison[]): string {
  const { better, worse } = byOutcome(metrics);
  const used = (some: readonly MetricComparison[]): string =>
    listed(some.map(({ metric }) => usageNames[metric] ?? metric));
  const parts = [
    better.length > 0 ? `lower in ${used(better)}` : '',
    worse.length > 0 ? `higher in ${used(worse)}` : '',
  ].filter((text) => text !== '');
  return parts.length === 0 ? '' : `It is ${listed(parts)}.`;
}

const usageNames: Record<string, string> = {
  latency_ms: 'latency',
  input_tokens: 'input tokens',
  output_tokens: 'output tokens',
  cost_usd: 'cost',
};

const part = (words: string, metrics: readonly MetricComparison[]): string =>
  metrics.length === 0 ? '' : `${words} ${namesOf(metrics)}`;

/** Four names at most; the table has the rest. */
const namesOf = (metrics: readonly MetricComparison[]): string => {
  const names = metrics.map(({ metric }) => metric);
  if (names.length <= 4) return listed(names);
  return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
};

/** "a", "a and b", "a, b and c". */
function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** What the p-values are adjusted for, and what that promises; undefined where there is no test. */
export function familyInWords(
  { candidates }: Pick<ComparisonResult, 'candidates'>,
  confidence: number,
): string | undefined {
  const tests = candidates.flatMap(({ metrics }) =>
    metrics.filter(({ source, test }) => source === 'metric' && test.p !== null),
  );
  const family = tests[0]?.test.family ?? 0;
  if (family === 0) return undefined;
  const level = percent(1 - confidence);
  if (family === 1) {
    return `One test, at ${level}: where nothing differs, so many comparisons would still say that something does.`;
  }
  return `${formatCount(family)} tests, adjusted together (Holm): where nothing differs, at most ${level} of comparisons like this one say anywhere that something does.`;
}

export const percent = (share: number): string =>
  `${new Intl.NumberFormat('en', { maximumFractionDigits: 1 }).format(100 * share)} %`;

/** What became of the items that are not pairs, each with the list that shows them. */
export interface Unpaired {
  text: string;
  count: number;
  /** The list of items that has them; undefined where none has. */
  kind?: 'unpaired' | 'baseline_only' | 'candidate_only';
}

/** @param candidate its letter or name */
export function unpairedOf(
  { pairing }: Pick<MetricComparison, 'pairing'>,
  candidate: string,
): Unpaired[] {
  const { baseline, candidate: other, baselineOnly, candidateOnly, filteredOut } = pairing;
  const sides = [
    ['the baseline', baseline],
    [candidate, other],
  ] as const;
  const lacking: Unpaired[] = sides.flatMap(([side, counts]) => [
    { text: `failed in ${side}`, count: counts.failed, kind: 'unpaired' },
    { text: `not done in ${side}`, count: counts.open, kind: 'unpaired' },
    { text: `not applicable in ${side}`, count: counts.notApplicable, kind: 'unpaired' },
    { text: `not scored in ${side}, the scorer broke`, count: counts.errors, kind: 'unpaired' },
  ]);
  const all: Unpaired[] = [
    ...lacking,
    { text: 'only in the baseline', count: baselineOnly, kind: 'baseline_only' },
    { text: `only in ${candidate}`, count: candidateOnly, kind: 'candidate_only' },
    { text: 'left out by the filter', count: filteredOut },
  ];
  return all.filter(({ count }) => count > 0);
}
