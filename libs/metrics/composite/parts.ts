import { metricSpec, type Json, type MetricSpec } from '#libs/contracts';
import type { ItemScore, MetricCase, MetricPart, ModelCalls } from '#libs/evaluation';
import { z } from 'zod';
import { MetricError } from '../metric-error.ts';

/** A metric in the configuration of another one. Repeats are reduced for the whole, not for its parts. */
export const partSpec = metricSpec.omit({ reducer: true });

export const partSpecs = z
  .array(partSpec)
  .min(1, 'give at least one metric')
  .max(20, 'at most 20 metrics')
  .meta({ description: 'The metrics that it is made of, each as in a run' });

/** Scores a case by every part, in their order; a promise only where a part answers with one. */
export function scoreParts(
  parts: readonly MetricPart[],
  item: MetricCase,
  signal: AbortSignal,
  models: ModelCalls,
): ItemScore[] | Promise<ItemScore[]> {
  const scores = parts.map((part) => part.score(item, signal, models));
  return scores.every(isSettled)
    ? scores
    : Promise.all(scores.map((score) => Promise.resolve(score)));
}

const isSettled = (score: ItemScore | Promise<ItemScore>): score is ItemScore =>
  !(score instanceof Promise);

/** What each part said, for the details of the whole. */
export const detailsOf = (specs: readonly MetricSpec[], scores: readonly ItemScore[]): Json =>
  scores.map(({ outcome, value, category, passed, reason }, index) => ({
    name: nameOf(specs, index),
    ...(outcome === 'scored' ? { value: category ?? value } : { outcome }),
    ...(passed !== null && { passed }),
    ...(reason !== null && { reason }),
  }));

export const nameOf = (specs: readonly MetricSpec[], index: number): string => {
  const spec = specs[index];
  return spec?.name ?? spec?.metric ?? `metric ${index}`;
};

/** The verdict of a part that is known, or null where it is not: not applicable, or broken. */
export function passedOf(score: ItemScore, name: string): boolean | null {
  if (score.outcome !== 'scored') return null;
  if (score.passed === null) throw new MetricError(`${name} gave a value but no verdict`);
  return score.passed;
}

/**
 * What the whole is where a part that is not known would decide it: an error if one broke, otherwise
 * not applicable.
 * @throws {MetricError} where a part broke
 */
export function undecided(
  specs: readonly MetricSpec[],
  scores: readonly ItemScore[],
): { outcome: 'not_applicable'; reason: string } {
  const why = (index: number) =>
    `${nameOf(specs, index)}: ${scores[index]?.reason ?? 'no reason was given'}`;
  const broken = scores.findIndex(({ outcome }) => outcome === 'error');
  if (broken !== -1) {
    // The class of its cause: a run stops early, and errors are counted, by that.
    const cause = scores[broken]?.errorClass;
    throw new MetricError(`a part broke: ${why(broken)}`, cause ? { class: cause } : {});
  }
  const missing = scores.findIndex(({ outcome }) => outcome === 'not_applicable');
  return { outcome: 'not_applicable', reason: why(missing) };
}
