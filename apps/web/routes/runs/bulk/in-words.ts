import type { Outcome } from './use-bulk.ts';

const past: Record<Outcome['action'], string> = {
  tag: 'tagged',
  cancel: 'canceled',
  retry: 'retried',
  delete: 'deleted',
  restore: 'restored',
};
export const doing: Record<Outcome['action'], string> = {
  tag: 'tag the runs',
  cancel: 'cancel the runs',
  retry: 'retry the runs',
  delete: 'delete the runs',
  restore: 'restore the runs',
};

export const countOf = (count: number): string => (count === 1 ? '1 run' : `${count} runs`);

/** "3 runs deleted; 1 was not". */
export function outcomeInWords({ action, done, refused }: Outcome): string {
  const not = [...refused.values()].reduce((sum, names) => sum + names.length, 0);
  const what = `${countOf(done.length)} ${past[action]}`;
  if (not === 0) return `${what}.`;
  const others = not === 1 ? '1 is not' : `${not} are not`;
  return done.length === 0 ? `No run is ${past[action]}.` : `${what}; ${others}.`;
}
