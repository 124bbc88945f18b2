import type { ErrorClass } from '#libs/contracts';
import { describeErrorClass } from './errors.ts';

/** Items that failed one after the other, all with the same class, and nothing that worked in between. */
export interface Streak {
  class: ErrorClass | null;
  count: number;
}

/** Enough to be sure of a cause that nothing in the run changes, such as a bad key. */
const CERTAIN_AFTER = 5;
/** What heals by itself was tried several times for each item; an outage still deserves more patience. */
const HOPELESS_AFTER = 20;

/**
 * The streak after more items were closed.
 * @param closed the class of each item that failed, null for one that worked, in any order
 */
export function nextStreak(before: Streak, closed: readonly (ErrorClass | null)[]): Streak {
  return closed.reduce<Streak>(
    (streak, errorClass) =>
      errorClass !== null && errorClass === streak.class
        ? { class: errorClass, count: streak.count + 1 }
        : { class: errorClass, count: errorClass === null ? 0 : 1 },
    before,
  );
}

/**
 * Whether a run with this streak is to stop early: everything fails for one cause.
 * @param concurrency items that the run has in flight, all of which one short outage can hit
 */
export function isHopeless({ class: errorClass, count }: Streak, concurrency: number): boolean {
  if (errorClass === null) return false;
  const { heals, stopsRun } = describeErrorClass(errorClass);
  if (stopsRun) return count >= CERTAIN_AFTER;
  return heals && count >= Math.max(HOPELESS_AFTER, 2 * concurrency);
}
