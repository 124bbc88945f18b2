import { humanValue, type HumanMetric, type ReviewTask, type SubmitReview } from '#libs/contracts';
import { z } from 'zod';
import type { Chosen } from '../../components/scale-input.tsx';

const given = z.object({ value: humanValue.nullable().optional(), comment: z.string() });
const draft = z.object({ scores: z.record(z.string(), given), note: z.string() });

/** What a person has said of an item so far. A value that is left out is not given yet; null: cannot tell. */
export type Draft = z.infer<typeof draft>;

/** What was given for the item before, to begin with. */
export const draftOf = ({ mine }: Pick<ReviewTask, 'mine'>): Draft => ({
  scores: Object.fromEntries(
    mine.scores.map(({ humanMetricId, value, comment }) => [
      humanMetricId,
      { value, comment: comment ?? '' },
    ]),
  ),
  note: mine.note ?? '',
});

export const valueIn = ({ scores }: Draft, { id }: HumanMetric): Chosen => scores[id]?.value;

export function withValue(draft: Draft, { id }: HumanMetric, value: Chosen): Draft {
  const comment = draft.scores[id]?.comment ?? '';
  const score = { comment, ...(value !== undefined && { value }) };
  return { ...draft, scores: { ...draft.scores, [id]: score } };
}

export function withComment(draft: Draft, { id }: HumanMetric, comment: string): Draft {
  return { ...draft, scores: { ...draft.scores, [id]: { ...draft.scores[id], comment } } };
}

/** Where the first metric stands that has no value yet; -1: all have one. */
export const firstMissing = (draft: Draft, metrics: readonly HumanMetric[]): number =>
  metrics.findIndex((metric) => valueIn(draft, metric) === undefined);

/** What is sent of a draft in which every metric has a value. */
export function reviewOf(draft: Draft, metrics: readonly HumanMetric[]): SubmitReview {
  return {
    scores: metrics.flatMap((metric) => {
      const value = valueIn(draft, metric);
      const comment = draft.scores[metric.id]?.comment.trim() ?? '';
      return value === undefined
        ? []
        : [{ humanMetricId: metric.id, value, comment: comment === '' ? null : comment }];
    }),
    note: draft.note.trim() === '' ? null : draft.note.trim(),
    skip: false,
  };
}

const placeOf = (queueId: string, place: number): string => `llm-eval-review:${queueId}:${place}`;

/** A draft that was kept in this tab, and not sent. */
export function keptDraft(queueId: string, place: number): Draft | undefined {
  const text = sessionStorage.getItem(placeOf(queueId, place));
  if (text === null) return undefined;
  try {
    return draft.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function keepDraft(queueId: string, place: number, draft: Draft): void {
  try {
    sessionStorage.setItem(placeOf(queueId, place), JSON.stringify(draft));
  } catch {
    // Full, or forbidden: the draft still stands on the page.
  }
}

export const forgetDraft = (queueId: string, place: number): void =>
  sessionStorage.removeItem(placeOf(queueId, place));
