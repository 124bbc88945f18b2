import type { ComparisonOptions, MetricComparison } from '#libs/contracts';
import { formatCount } from '../../format/numbers.ts';
import { numberText, pText } from './number-text.ts';
import { percent } from './summary.ts';

/** A number under its name; the title says how it came about. */
export interface Fact {
  name: string;
  value: string;
  title?: string | undefined;
}

const none = '–';

/**
 * The numbers of a metric. What resampling gives has its place from the start, so that nothing moves when
 * it arrives.
 */
export function factsOf(
  metric: MetricComparison,
  { confidence, resample }: Pick<ComparisonOptions, 'confidence' | 'resample'>,
  isRefining: boolean,
): Fact[] {
  const text = numberText(metric);
  const { test, relativeChange } = metric;
  return [
    {
      name: `${percent(confidence)} interval`,
      value: text.range(metric.interval),
      title: metric.intervalMethod,
    },
    { name: 'p', value: pText(test.p), title: test.method },
    {
      name: `p, adjusted for ${test.family} tests`,
      value: pText(test.holm),
      title: 'Holm: no wrong claim in the family',
    },
    {
      name: 'p, false discoveries',
      value: pText(test.benjaminiHochberg),
      title: 'Benjamini-Hochberg: the share of wrong ones among the claims',
    },
    ...(resample && metric.kind !== 'categorical' ? resampledFacts(metric, isRefining) : []),
    {
      name: 'Relative change',
      value: relativeChange ? relativeText(relativeChange) : none,
      title: 'Difference / baseline, with the Fieller interval of the pairs',
    },
    ...powerFacts(metric),
    ...spreadFacts(metric),
  ];
}

function resampledFacts(metric: MetricComparison, isRefining: boolean): Fact[] {
  const { resampled } = metric;
  const later = isRefining ? 'being resampled…' : none;
  return [
    {
      name: 'Bootstrap interval',
      value: resampled ? numberText(metric).range(resampled.interval) : later,
      title: resampled ? `BCa, ${formatCount(resampled.resamples)} resamples` : undefined,
    },
    {
      name: 'p by sign flips',
      value: resampled ? pText(resampled.signFlip?.p ?? null) : later,
      title: resampled?.signFlip?.method,
    },
  ];
}

function powerFacts(metric: MetricComparison): Fact[] {
  const { power, equivalence } = metric;
  const size = (difference: number): string =>
    numberText(metric).difference(difference).replace(/^[+−]/, '');
  const facts: Fact[] = [];
  const detectable = power?.minimumDetectableDifference ?? null;
  facts.push({
    name: 'Could be seen',
    value: detectable === null ? none : `±${size(detectable)}`,
    title: 'The difference that so many items would show in four of five comparisons',
  });
  if (power?.wanted) {
    facts.push({
      name: `Items to see ±${size(power.wanted.difference)}`,
      value: formatCount(power.wanted.n),
    });
  }
  if (equivalence) {
    facts.push({
      name: `Within the margin of ±${size(equivalence.margin)}`,
      value: `p ${pText(equivalence.p)}`,
      title: 'Two one-sided tests',
    });
  }
  return facts;
}

function spreadFacts({ correlation, graded, clusters, repeats }: MetricComparison): Fact[] {
  const number = (value: number | null): string => (value === null ? none : value.toFixed(2));
  const facts: Fact[] = [{ name: 'Correlation of the pairs', value: number(correlation) }];
  if (graded) facts.push({ name: 'Effect, Cohen’s dz', value: number(graded.cohenDz) });
  if (clusters) {
    facts.push({
      name: 'Clusters',
      value: `${formatCount(clusters.clusters)} by ${clusters.by}`,
      title: `Design effect ${number(clusters.designEffect)}`,
    });
  }
  if (repeats) {
    facts.push({
      name: 'Items whose repeats disagree',
      value: `${countOrNone(repeats.baseline.flaky)} in A, ${countOrNone(repeats.candidate.flaky)} in the candidate`,
    });
  }
  return facts;
}

const countOrNone = (count: number | null): string => (count === null ? none : formatCount(count));

function relativeText({
  value,
  interval,
}: NonNullable<MetricComparison['relativeChange']>): string {
  const text = (share: number): string => {
    const shown = new Intl.NumberFormat('en', { maximumFractionDigits: 1 }).format(100 * share);
    return share > 0 ? `+${shown}` : shown.replace('-', '−');
  };
  return interval
    ? `${text(value)} % (${text(interval.low)} to ${text(interval.high)} %)`
    : `${text(value)} %`;
}
