export interface Groups {
  /** Places of the runs of each group, best first; the groups with the best runs first. */
  groups: number[][];
  /** For each run, in the order given, the letters of its groups: a for the first, z, aa, ab … */
  letters: string[][];
}

/**
 * Groups of runs that cannot be told apart: as large as can be, with no two in one that differ. A run is
 * in several where it differs from neither of two that differ from each other, so that "shares a letter"
 * says exactly "was not found to differ". Runs that share none are apart; runs that share one need not be
 * equal. These are the maximal cliques of the graph of pairs that do not differ, each once.
 *
 * Source: H.-P. Piepho, "An algorithm for a letter-based representation of all-pairwise comparisons",
 * Journal of Computational and Graphical Statistics 13 (2004), 456–466, whose insert-and-absorb gives the
 * same groups; found by C. Bron and J. Kerbosch, Communications of the ACM 16 (1973), 575–577.
 * @param means of the runs, which put them in order; of equal ones the first comes first
 * @param apart the pairs that differ, by places, such as those of `compareSimultaneously` with a small p
 * @throws {RangeError} for a pair that is not of two of the runs
 */
export function groupRuns(
  means: readonly number[],
  apart: Iterable<{ first: number; second: number }>,
  { best = 'highest' }: { best?: 'highest' | 'lowest' } = {},
): Groups {
  const alike = means.map(
    (_, run) => new Set(Array.from(means.keys()).filter((other) => other !== run)),
  );
  for (const { first, second } of apart) {
    const ofFirst = alike[first];
    const ofSecond = alike[second];
    if (first === second || ofFirst === undefined || ofSecond === undefined) {
      throw new RangeError('a pair must be of two of the runs');
    }
    ofFirst.delete(second);
    ofSecond.delete(first);
  }
  const sign = best === 'highest' ? -1 : 1;
  const meanOf = (run: number): number => means[run] ?? Number.NaN;
  const order = Array.from(means.keys()).sort((a, b) => sign * (meanOf(a) - meanOf(b)) || a - b);
  const rankOf = new Map(order.map((run, rank) => [run, rank]));
  const rank = (run: number): number => rankOf.get(run) ?? Number.NaN;

  const groups = maximalCliques(order, (a, b) => alike[a]?.has(b) ?? false)
    .map((runs) => runs.sort((a, b) => rank(a) - rank(b)))
    .sort((a, b) => {
      const place = a.findIndex((run, place) => run !== b[place]);
      return rank(a[place] ?? Number.NaN) - rank(b[place] ?? Number.NaN);
    });
  return {
    groups,
    letters: means.map((_, run) =>
      groups.flatMap((group, place) => (group.includes(run) ? [letterOf(place)] : [])),
    ),
  };
}

function maximalCliques(
  nodes: readonly number[],
  areJoined: (a: number, b: number) => boolean,
): number[][] {
  const found: number[][] = [];
  const extend = (
    clique: readonly number[],
    candidates: readonly number[],
    done: readonly number[],
  ): void => {
    if (candidates.length === 0 && done.length === 0) {
      if (clique.length > 0) found.push([...clique]);
      return;
    }
    const open = [...candidates];
    const joined = (node: number): number =>
      candidates.filter((other) => areJoined(node, other)).length;
    // A clique without this node must hold one that is not joined to it: only those are tried.
    const pivot = [...candidates, ...done].reduce((a, b) => (joined(b) > joined(a) ? b : a));
    const past = [...done];
    for (const node of candidates) {
      if (areJoined(pivot, node)) continue;
      open.splice(open.indexOf(node), 1);
      extend(
        [...clique, node],
        open.filter((other) => areJoined(node, other)),
        past.filter((other) => areJoined(node, other)),
      );
      past.push(node);
    }
  };
  extend([], nodes, []);
  return found;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';

function letterOf(place: number): string {
  const last = ALPHABET.charAt(place % ALPHABET.length);
  return place < ALPHABET.length ? last : letterOf(Math.floor(place / ALPHABET.length) - 1) + last;
}
