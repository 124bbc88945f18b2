import { z } from 'zod';

const places = z.array(z.int().min(0));
const keyOf = (queueId: string): string => `llm-eval-review:${queueId}:trail`;
/** Nobody goes back further. */
const longest = 200;

/** The items that were scored or skipped in this tab, in the order in which that was. */
export function readTrail(queueId: string): number[] {
  try {
    return places.parse(JSON.parse(sessionStorage.getItem(keyOf(queueId)) ?? '[]'));
  } catch {
    return [];
  }
}

/** Adds an item at the end; one that is in it already keeps its place. */
export function addToTrail(queueId: string, place: number): void {
  const trail = readTrail(queueId);
  if (trail.includes(place)) return;
  try {
    sessionStorage.setItem(keyOf(queueId), JSON.stringify([...trail, place].slice(-longest)));
  } catch {
    // Full, or forbidden: then there is no way back by key.
  }
}

/**
 * What lies before and after an item that is looked at again.
 * @param place undefined: the next item, which comes after all of them
 */
export function neighbours(
  trail: readonly number[],
  place: number | undefined,
): { before: number | undefined; after: number | undefined } {
  const found = place === undefined ? -1 : trail.indexOf(place);
  if (found === -1) return { before: trail.findLast((one) => one !== place), after: undefined };
  return { before: trail[found - 1], after: trail[found + 1] };
}
