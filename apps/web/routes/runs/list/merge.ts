import type { Run } from '#libs/contracts';

export interface RunPages {
  pages: { items: Run[]; nextCursor: string | null }[];
  pageParams: unknown[];
}

/** All that is loaded, in its order, each run once. */
export function loadedIn(known: RunPages | undefined): Run[] {
  const runs = known?.pages.flatMap(({ items }) => items) ?? [];
  const seen = new Set<string>();
  return runs.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/**
 * The list with what the API says of some of its runs now: those that it did not answer with are not in
 * the list any more, the others stand at their places. What belongs below the last loaded run is left to
 * the page that will bring it.
 */
export function withAnswer(
  known: RunPages,
  asked: ReadonlySet<string>,
  answered: readonly Run[],
  compare: (a: Run, b: Run) => number,
): RunPages {
  const loaded = loadedIn(known);
  const before = new Map(loaded.map((run) => [run.id, run]));
  const nextCursor = known.pages.at(-1)?.nextCursor ?? null;
  const last = loaded.at(-1);
  const fresh = answered
    // Versions only rise: an older answer that came late tells nothing.
    .map((run) => newer(before.get(run.id), run))
    .filter((run) => nextCursor === null || last === undefined || compare(run, last) <= 0)
    .toSorted(compare);
  const kept = loaded.filter(({ id }) => !asked.has(id) && !fresh.some((run) => run.id === id));
  const items: Run[] = [];
  let at = 0;
  for (const run of fresh) {
    for (; at < kept.length; at += 1) {
      const next = kept[at];
      if (next === undefined || compare(next, run) > 0) break;
      items.push(next);
    }
    items.push(run);
  }
  items.push(...kept.slice(at));
  return { pages: [{ items, nextCursor }], pageParams: [undefined] };
}

const newer = (known: Run | undefined, answered: Run): Run =>
  known !== undefined && known.version > answered.version ? known : answered;

/**
 * The list with a newer first page in the place of what that covers. Where so much is new that nothing
 * joins, the rest is dropped, and loads again on scrolling.
 */
export function withHead(
  known: RunPages,
  head: { items: Run[]; nextCursor: string | null },
  compare: (a: Run, b: Run) => number,
): RunPages {
  const last = head.items.at(-1);
  const onlyHead = { pages: [head], pageParams: [undefined] };
  if (head.nextCursor === null || !last) return onlyHead;
  const loaded = loadedIn(known);
  const inHead = new Set(head.items.map(({ id }) => id));
  if (!loaded.some(({ id }) => inHead.has(id))) return onlyHead;
  const covered = loaded.filter((run) => inHead.has(run.id) || compare(run, last) <= 0);
  return withAnswer(known, new Set(covered.map(({ id }) => id)), head.items, compare);
}
