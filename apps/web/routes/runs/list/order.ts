import type { Run } from '#libs/contracts';
import { orderOf, type RunsSearch } from '../search.ts';

type Place = string | number | null;

/** A run's place in the order of a list; null: it has none. */
function placeOf(run: Run, { sort, metric }: ReturnType<typeof orderOf>): Place {
  switch (sort) {
    case 'created':
      return Date.parse(run.createdAt);
    case 'finished':
      return run.finishedAt === null ? null : Date.parse(run.finishedAt);
    case 'name':
      return run.name.toLowerCase();
    case 'duration':
      return run.startedAt === null || run.finishedAt === null
        ? null
        : Date.parse(run.finishedAt) - Date.parse(run.startedAt);
    case 'mean':
      return run.summary.find(({ name }) => name === metric)?.mean ?? null;
    default:
      return null;
  }
}

/** Which of two runs the list has first, as the database orders them. */
export function comparing(search: RunsSearch): (a: Run, b: Run) => number {
  const by = orderOf(search);
  const sign = by.order === 'asc' ? 1 : -1;
  return (a, b) => {
    const [one, other] = [placeOf(a, by), placeOf(b, by)];
    if (one !== null && other !== null && one !== other) return one < other ? -sign : sign;
    return a.id < b.id ? -sign : a.id > b.id ? sign : 0;
  };
}
