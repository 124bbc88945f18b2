import type { ComparisonOptions, Leaderboard } from '#libs/contracts';
import {
  boundByBonferroni,
  compareSimultaneously,
  groupRuns,
  type Interval,
} from '#libs/statistics';
import type { ComparedMetric } from './compare-metric.ts';
import { levelOf, momentsOf, ROUNDING } from './difference.ts';
import { scoreStatus, statusOf, type Alignment, type MetricScores } from './pairs.ts';

/** With fewer, the correlation of the runs is not known well enough to save by it: docs/STATISTICS.md. */
const FEW_CLUSTERS = 50;

/**
 * Ranks several runs in one metric over the items that all of them have a score for, with intervals that
 * hold together, and finds the runs that cannot be told apart. Null where there are too few items.
 *
 * A run, or a difference of two, that is the same in all items has no interval, since nothing shows how
 * far others would lie from it. Such a difference has the p of all signs agreeing, 2^(1 − units), times
 * the number of pairs of runs (Bonferroni's bound).
 * @param input.frame place of the run in whose items the others are aligned
 * @param input.alignments in the order of the runs
 */
export function rankRuns(
  input: {
    metric: ComparedMetric;
    runIds: readonly string[];
    scores: readonly MetricScores[];
    frame: number;
    alignments: readonly Alignment[];
  },
  { confidence }: Pick<ComparisonOptions, 'confidence'>,
): Leaderboard | null {
  const { metric, runIds, scores, frame, alignments } = input;
  const size = scores[frame]?.status.length ?? 0;
  const nos: number[] = [];
  for (let no = 0; no < size; no += 1) {
    const common = alignments.every(({ partner, chosen }, run) => {
      const own = partner[no] ?? -1;
      const ofRun = scores[run];
      return chosen[no] === 1 && own >= 0 && ofRun && statusOf(ofRun, own) === scoreStatus.scored;
    });
    if (common) nos.push(no);
  }
  const values = alignments.map(({ partner }, run) =>
    Float64Array.from(nos, (no) => scores[run]?.values[partner[no] ?? -1] ?? Number.NaN),
  );
  // Items depend on each other in all of the runs alike, if some are repeated everywhere.
  const clustered = alignments.map(({ clusters }) => clusters).filter((one) => one !== null);
  const [clusters] = clustered.length === alignments.length ? clustered : [];
  const ids = clusters && Int32Array.from(nos, (no) => clusters[no] ?? 0);
  const simultaneous = compareSimultaneously(values, { confidence, ...(ids && { clusters: ids }) });
  if (!simultaneous) return null;
  const units = ids ? new Set(ids).size : nos.length;
  const compared =
    ids && units < FEW_CLUSTERS ? boundByBonferroni(simultaneous, confidence) : simultaneous;
  const agreeing = Math.min(1, compared.differences.length * 2 ** (1 - units));
  const spread = Math.max(...values.map((ofRun) => momentsOf(ofRun).standardDeviation));
  const isSteady = (standardError: number): boolean => standardError <= ROUNDING * spread;
  const differences = compared.differences.map((found) => {
    if (!isSteady(found.standardError)) return found;
    const size = Math.abs(compared.means[found.first]?.mean ?? 0);
    const isSame = Math.abs(found.difference) <= ROUNDING * size;
    return { ...found, p: isSame ? 1 : agreeing };
  });
  const endsOf = ({ standardError, interval }: { standardError: number; interval: Interval }) =>
    isSteady(standardError)
      ? { low: null, high: null }
      : { low: interval.low, high: interval.high };
  const level = levelOf(confidence);
  const sign = metric.shape.direction === 'lower' ? -1 : 1;
  const order = compared.means
    .map(({ mean }, run) => ({ mean, run }))
    .sort((a, b) => sign * (b.mean - a.mean) || a.run - b.run)
    .map(({ run }) => run);
  const { groups } = groupRuns(
    compared.means.map(({ mean }) => mean),
    differences.filter(({ p }) => p < level),
    { best: sign === 1 ? 'highest' : 'lowest' },
  );
  const idOf = (run: number): string => runIds[run] ?? '';
  return {
    metric: metric.name,
    direction: metric.shape.direction,
    n: nos.length,
    runs: order.flatMap((run) => {
      const found = compared.means[run];
      return found
        ? [
            {
              runId: idOf(run),
              mean: found.mean,
              ...endsOf(found),
              groups: groups.flatMap((group, place) => (group.includes(run) ? [place] : [])),
            },
          ]
        : [];
    }),
    pairs: differences.map((found) => ({
      runId: idOf(found.first),
      otherRunId: idOf(found.second),
      difference: found.difference,
      ...endsOf(found),
      p: found.p,
    })),
  };
}
