import { z } from 'zod';
import { draft, emptyDraft, type Draft } from './draft.ts';
import { idempotencyPlace } from './idempotency-key.ts';

const kept = z.object({
  draft,
  /** What the draft began from, as the address had it; empty: from nothing. */
  entry: z.string(),
  /** The draft that gave way to this one. */
  before: draft.optional(),
});
/** A draft as it outlives a reload. */
export type KeptDraft = z.infer<typeof kept>;

const nothingKept: KeptDraft = { draft: emptyDraft, entry: '' };

const keyOf = (projectId: string): string => `llm-eval-new-run:${projectId}`;

/** The draft of this tab; an empty one where there is none, or it is of an older page. */
export function readKept(projectId: string): KeptDraft {
  try {
    return kept.parse(JSON.parse(sessionStorage.getItem(keyOf(projectId)) ?? 'null'));
  } catch {
    return nothingKept;
  }
}

/** Keeps it for this tab, as far as the browser has room. */
export function keep(projectId: string, value: KeptDraft): void {
  try {
    sessionStorage.setItem(keyOf(projectId), JSON.stringify(value));
  } catch {
    // A draft too large to be kept is still on the screen.
  }
}

/** Once it is submitted, the next run is another one. */
export function forget(projectId: string): void {
  sessionStorage.removeItem(keyOf(projectId));
  sessionStorage.removeItem(idempotencyPlace(projectId));
}

/** Whether there is nothing in it that a person would miss. */
export const isUntouched = (given: Draft): boolean =>
  JSON.stringify(given) === JSON.stringify(emptyDraft);
