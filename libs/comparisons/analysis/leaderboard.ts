import type { ComparisonOptions, Leaderboard } from '#libs/contracts';
import { compareSimultaneously, groupRuns } from '#libs/statistics';
import type { ComparedMetric } from './compare-metric.ts';
import { scoreStatus, type Alignment, type MetricScores } from './pairs.ts';

/**
 * Ranks several runs in one metric over the items that all of them have a score for, with intervals that
 * hold together, and finds the runs that cannot be told apart. Null where there are too few items.
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
      return chosen[no] === 1 && own >= 0 && scores[run]?.status[own] === scoreStatus.scored;
    });
    if (common) nos.push(no);
  }
  const values = alignments.map(({ partner }, run) =>
    Float64Array.from(nos, (no) => scores[run]?.values[partner[no] ?? -1] ?? Number.NaN),
  );
  // Items depend on each other in all of the runs alike, if some are repeated everywhere.
  const clustered = alignments.map(({ clusters }) => clusters).filter((one) => one !== null);
  const [clusters] = clustered.length === alignments.length ? clustered : [];
  const compared = compareSimultaneously(values, {
    confidence,
    ...(clusters && { clusters: Int32Array.from(nos, (no) => clusters[no] ?? 0) }),
  });
  if (!compared) return null;
  const level = 1 - confidence;
  const sign = metric.shape.direction === 'lower' ? -1 : 1;
  const order = compared.means
    .map(({ mean }, run) => ({ mean, run }))
    .sort((a, b) => sign * (b.mean - a.mean) || a.run - b.run)
    .map(({ run }) => run);
  const { groups } = groupRuns(
    compared.means.map(({ mean }) => mean),
    compared.differences.filter(({ p }) => p < level),
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
              low: found.interval.low,
              high: found.interval.high,
              groups: groups.flatMap((group, place) => (group.includes(run) ? [place] : [])),
            },
          ]
        : [];
    }),
    pairs: compared.differences.map(({ first, second, difference, interval, p }) => ({
      runId: idOf(first),
      otherRunId: idOf(second),
      difference,
      low: interval.low,
      high: interval.high,
      p,
    })),
  };
}
