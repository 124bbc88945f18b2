import type { RunMetricSpec } from '#libs/contracts';
import type { ItemScore, MetricCase } from '#libs/evaluation';
import { compileMetric } from '#libs/metrics';

type Scorer = ReturnType<typeof compileMetric>;

const REMEMBERED_RUNS = 100;
const compiled = new Map<string, Scorer[]>();

/** All metrics of a run on one item. Compiled once per run: patterns and options are the same for all. */
export async function scoreItem(
  run: { id: string; metrics: readonly RunMetricSpec[] },
  item: MetricCase,
): Promise<ItemScore[]> {
  let scorers = compiled.get(run.id);
  if (!scorers) {
    scorers = run.metrics.map((spec, index) => compileMetric(spec, index));
    if (compiled.size >= REMEMBERED_RUNS) compiled.clear();
    compiled.set(run.id, scorers);
  }
  const scores: ItemScore[] = [];
  for (const scorer of scorers) {
    const score = scorer(item);
    // Most metrics answer at once; waiting for them all the same would cost a turn each.
    scores.push(score instanceof Promise ? await score : score);
  }
  return scores;
}
