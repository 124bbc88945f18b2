import type { RunMetricSpec } from '#libs/contracts';
import {
  ScoringAborted,
  type CallSettings,
  type ItemScore,
  type MetricCase,
  type ModelsOf,
} from '#libs/evaluation';
import { compileMetric, type Scorer, type ScorerTools } from '#libs/metrics';

const REMEMBERED_RUNS = 100;

/** The part of a run that its scoring depends on. */
export interface ScoredRun extends CallSettings {
  id: string;
  metrics: readonly RunMetricSpec[];
}

/** Scores items by all metrics of their run. */
export interface ItemScorer {
  /** @throws {ScoringAborted} where the signal aborts, and only there */
  score(run: ScoredRun, item: MetricCase, signal: AbortSignal): Promise<ItemScore[]>;
}

/** Compiles the metrics of a run once: patterns and options are the same for all of its items. */
export function createItemScorer({
  models,
  ...tools
}: Omit<ScorerTools, 'models'> & { models: ModelsOf }): ItemScorer {
  const compiled = new Map<string, Scorer[]>();
  const scorersOf = (run: ScoredRun): Scorer[] => {
    const { id, metrics } = run;
    let scorers = compiled.get(id);
    if (!scorers) {
      scorers = metrics.map((spec, index) =>
        compileMetric(spec, index, { ...tools, models: models(run) }),
      );
      if (compiled.size >= REMEMBERED_RUNS) compiled.clear();
      compiled.set(id, scorers);
    }
    return scorers;
  };

  return {
    async score(run, item, signal) {
      const scores: ItemScore[] = [];
      try {
        for (const scorer of scorersOf(run)) {
          const score = scorer.score(item, signal);
          // Most metrics answer at once; waiting for them all the same would cost a turn each.
          scores.push(score instanceof Promise ? await score : score);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
        const last = error instanceof ScoringAborted ? error.spends : [];
        throw new ScoringAborted(error, [...scores.flatMap(({ spend }) => spend ?? []), ...last]);
      }
      return scores;
    },
  };
}
