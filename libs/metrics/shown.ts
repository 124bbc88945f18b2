import type { Score } from '#libs/contracts';
import type { ItemScore, MetricShape } from '#libs/evaluation';

/** A stored score as callers see it: under its metric's name, a boolean as one. */
export function toScore(score: ItemScore, name: string, kind: MetricShape['kind']): Score {
  const cost = score.spend?.costUsd ?? null;
  const paid = cost === null ? {} : { costUsd: cost };
  if (score.outcome === 'error') {
    return {
      name,
      value: null,
      error: score.reason ?? 'unknown',
      ...(score.errorClass !== null && { errorClass: score.errorClass }),
      ...paid,
    };
  }
  const reason = score.reason === null ? {} : { reason: score.reason };
  if (score.outcome === 'not_applicable') {
    return { name, value: null, notApplicable: true, ...reason, ...paid };
  }
  const value =
    kind === 'boolean' && score.value !== null
      ? score.value === 1
      : (score.category ?? score.value);
  return {
    name,
    value,
    ...(score.passed !== null && { passed: score.passed }),
    ...reason,
    ...(score.details !== null && { details: score.details }),
    ...paid,
  };
}
