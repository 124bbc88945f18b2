import type { Run, RunBrief } from '#libs/contracts';

type Known = Pick<RunBrief, 'version' | 'name' | 'state' | 'total' | 'done' | 'failed' | 'deleted'>;

export const knownOf = (run: Run): Known => ({ ...run, deleted: run.deletedAt !== null });

/**
 * Whether a run may have come into the list, left it, or changed in more than its numbers: those are told
 * row by row. A version without other numbers is a change of what a brief does not hold, such as tags.
 */
export function isNews(before: Known | undefined, now: Known): boolean {
  if (before === undefined) return true;
  if (now.version <= before.version) return false;
  const told = ['name', 'state', 'deleted'] as const;
  const numbers = ['total', 'done', 'failed'] as const;
  return (
    told.some((part) => before[part] !== now[part]) ||
    numbers.every((part) => before[part] === now[part])
  );
}
